/** A dissector at work on PDUs that a test hands it, without a capture around them. */

import { protocols } from '../../dissectors/index.js';
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { type Connection, StateStore, type Transport } from '../../src/core/context.js';
import type { Limits } from '../../src/core/limits.js';
import type { Node } from '../../src/core/node.js';
import { started } from '../started.js';

/** Bytes of hex digits; white space does not count. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'));
}

/** One capture's worth of state; `connection` makes two endpoints that talk. */
export function laboratory(more: readonly RpcInterface[] = [], limits: Partial<Limits> = {}) {
  const run = started(protocols({ interfaces: more, limits }));
  let frame = 0;
  let connections = 0;
  const connection = (transport: Transport = 'ncacn_ip_tcp') => {
    const ends: Connection = {
      id: connections++,
      transport,
      protocol: 'dcerpc',
      endpoint: null,
      ends: [
        { address: '10.20.0.10', port: 50000 + connections },
        { address: '10.20.0.20', port: 135 },
      ],
      client: 0,
      midstream: false,
      state: new StateStore(),
    };
    const send = (direction: 0 | 1, bytes: Uint8Array, length = bytes.length): Pdu => {
      frame++;
      const pieces = [{ at: 0, length: bytes.length, frame, fileOffset: 0 }];
      const time = { sec: frame, nsec: 0 };
      const pdu = { connection: ends, direction, bytes, length, pieces, frames: [frame], time, afterGap: false };
      return run.dissect(pdu, true);
    };
    return {
      ends,
      /** A PDU of the client. */
      client: (bytes: Uint8Array, length?: number) => send(0, bytes, length),
      /** A PDU of the server. */
      server: (bytes: Uint8Array, length?: number) => send(1, bytes, length),
      close: () => run.closed(ends),
    };
  };
  return { connection };
}

/** All nodes of a tree, in the order in which they stand. */
export function nodes(roots: readonly Node[]): Node[] {
  return roots.flatMap((n) => [n, ...nodes(n.children)]);
}

/** Values of all nodes of a name. */
export function values(pdu: Pdu, name: string): unknown[] {
  return nodes(pdu.recording.roots)
    .filter((n) => n.field.name === name && n.value !== null)
    .map((n) => n.value);
}

/** Bytes that nobody dissected. */
export function undissected(pdu: Pdu): number {
  return nodes(pdu.recording.roots)
    .filter((n) => n.role === 'undissected')
    .reduce((sum, n) => sum + n.end - n.start, 0);
}
