/**
 * Scenes: the shortest conversations in which each kind of PDU occurs, made out of a capture's PDUs. A scene
 * negotiates and makes one call, so that a mutated packet has all the state that it needs and costs next to nothing.
 */
import type { TransportPdu } from '../../src/core/context.js';
import { concat, ethernet, ipv4, tcp } from '../bytes.js';
import { pass, type RawPacket } from './way.js';

/** Largest payload of one packet. */
const SEGMENT = 1400;

export interface Scene {
  /** What it shows, and what makes it different from others: interface, operation, transfer syntax, protection. */
  readonly key: string;
  readonly packets: readonly RawPacket[];
}

interface Sight {
  readonly transport: TransportPdu;
  readonly type: number;
  readonly call: object | null;
  readonly key: string;
}

/** Adds the scenes of a capture whose key is not in `seen` yet. */
export function scenesOf(packets: readonly RawPacket[], seen: Set<string>): Scene[] {
  const connections = new Map<object, Sight[]>();
  pass(packets, {
    record: false,
    check: false,
    onPdu(pdu) {
      const { transport, header, call } = pdu;
      const sights = connections.get(transport.connection) ?? [];
      connections.set(transport.connection, sights);
      const whose = call?.iid ?? call?.iface?.name ?? 'unknown';
      const which = call?.opnum ?? call?.operation?.name ?? null;
      const what = call === null ? '' : `${whose}.${which} ${call.syntax} ${call.auth.level}`;
      const key = `${pdu.protocol} ${header?.type ?? pdu.completes} ${header?.littleEndian ?? true} ${what}`;
      sights.push({ transport, type: header?.type ?? -1, call, key });
    },
  });
  return [...connections.values()].flatMap((sights) => scenesOfConnection(sights, seen));
}

function scenesOfConnection(sights: readonly Sight[], seen: Set<string>): Scene[] {
  const scenes: Scene[] = [];
  for (const [i, sight] of sights.entries()) {
    if (seen.has(sight.key)) continue;
    const mine = sights.filter(
      (s, k) => s === sight || (s.call === null && k < i) || (s.call !== null && s.call === sight.call),
    );
    for (const { key } of mine) seen.add(key);
    scenes.push({ key: sight.key, packets: mine.length > 40 ? [] : packetsFor(mine) });
  }
  return scenes.filter((s) => s.packets.length > 0);
}

function packetsFor(sights: readonly Sight[]): RawPacket[] {
  const next = [1000, 5000];
  const packets: RawPacket[] = [];
  for (const { transport } of sights) {
    const { connection, direction, bytes } = transport;
    const fromClient = direction === connection.client;
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const payload = bytes.subarray(at, at + SEGMENT);
      const [from, to] = fromClient ? [50000, 49700] : [49700, 50000];
      const segment = tcp(from, to, next[direction], payload, 16, next[1 - direction]);
      next[direction] += payload.length;
      const [src, dst] = fromClient ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
      const frame = concat(ethernet(ipv4(src, dst, 6, segment)));
      packets.push({ link: 1, bytes: frame, length: frame.length, sec: 1_700_000_000 + packets.length, nsec: 0 });
    }
  }
  return packets;
}
