/** What connections of a scenario have in common, whatever they speak. */
import type * as v from 'valibot';
import { checked } from '../documents/schema.js';
import { type CONNECTION, MEANWHILE, type SCENARIO } from '../documents/shapes.js';
import { EncodeError, found, type JsonObject } from '../error.js';
import type { Interfaces } from '../stub.js';
import { type NtlmAccount, type NtlmExchange, ntlmExchange } from './ntlm.js';
import { type End, hostBytes, MadeConnection, type Network } from './packets.js';

/** Where connections are made. */
export interface World {
  readonly network: Network;
  readonly interfaces: Interfaces;
  readonly doc: v.InferOutput<typeof SCENARIO>;
  /** Makes the connection of a document, from its first packet to its last. */
  connect(json: JsonObject, path: string): void;
}

/** The TCP connection of a document, which is not opened yet, and its server. */
export function madeConnection(
  { network, doc }: World,
  o: Pick<v.InferOutput<typeof CONNECTION>, 'client' | 'server' | 'segmentSize'>,
  index: number,
  port: number,
  path: string,
): { tcp: MadeConnection; server: End } {
  const server = { address: o.server.address, port: Number(o.server.port ?? port) };
  const client = {
    address: o.client?.address ?? (server.address.includes(':') ? 'fd00:9::10' : '10.9.0.10'),
    port: Number(o.client?.port ?? 50000 + (index % 15000)),
  };
  const sizes = [server, client].map(({ address }, i) =>
    addressAt(address, `${path}.${i === 0 ? 'server' : 'client'}.address`),
  );
  if (sizes[0] !== sizes[1])
    throw new EncodeError(`${path}.client.address`, `${client.address} and ${server.address} are of different kinds`);
  const segment = Number(o.segmentSize ?? doc.segmentSize ?? 1460);
  return { tcp: new MadeConnection(network, [client, server], segment, index), server };
}

/** What the making of a connection's keys begins with. */
export function seedOf({ doc }: World, index: number): string {
  return `${Number(doc.seed ?? 1)} ${index}`;
}

/** How an account of a document authenticates. */
export function exchangeOf(
  { user, domain = '', password }: Omit<NtlmAccount, 'domain'> & { readonly domain?: string | undefined },
  seed: string,
): NtlmExchange {
  // 2026-01-02, in units of 100 ns since 1601
  return ntlmExchange({ user, domain, password }, seed, 'SERVER', 134_118_000_000_000_000n);
}

/** Bytes of an address. */
function addressAt(address: string, path: string): number {
  try {
    return hostBytes(address).length;
  } catch {
    throw new EncodeError(path, `an IPv4 or IPv6 address is wanted, not ${found(address, path)}`);
  }
}

/** Makes the connection that stands in place of a call; false where a call stands there. */
export function meanwhile(world: World, json: JsonObject, path: string): boolean {
  if (json.meanwhile === undefined) return false;
  world.connect(checked(MEANWHILE, json, path).meanwhile as JsonObject, `${path}.meanwhile`);
  return true;
}
