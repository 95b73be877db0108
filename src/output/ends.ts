/** The two ends of what one side said: as text, and as members of JSON. */
import { channelOf, type Directed } from '../../dissectors/rpch/rpch.js';
import type { Endpoint } from '../core/context.js';
import type { Hosts } from '../core/hosts.js';

/** Who said it, and to whom: in RPC over HTTP, the ends of the channel that it came by. */
export function fromTo(what: Directed): [from: Endpoint, to: Endpoint] {
  const { connection, direction } = channelOf(what);
  return [connection.ends[direction], connection.ends[direction === 0 ? 1 : 0]];
}

/** `client.lab:55308 → 10.20.0.20:49664`. */
export function endsText(what: Directed, hosts: Hosts): string {
  const [from, to] = fromTo(what);
  return `${hosts.endpoint(from)} → ${hosts.endpoint(to)}`;
}

/** `src` and `dst` by address, and their names where they have some. */
export function endsToJson(
  what: Directed,
  hosts?: Hosts,
): { src: string; dst: string; srcName?: string; dstName?: string } {
  const [from, to] = fromTo(what);
  const srcName = hosts?.nameOf(from.address) ?? null;
  const dstName = hosts?.nameOf(to.address) ?? null;
  return {
    src: `${from.address}:${from.port}`,
    dst: `${to.address}:${to.port}`,
    ...(srcName === null ? {} : { srcName }),
    ...(dstName === null ? {} : { dstName }),
  };
}
