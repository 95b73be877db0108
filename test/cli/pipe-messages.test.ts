/** Messages that wait for the PDUs in their pipes: nothing is lost or moved, whatever comes; and they wait for no ever. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Carried } from '../../dissectors/pdu.js';
import { PipeMessages } from '../../src/cli/write/pipes.js';
import { concat, same } from '../../src/core/bytes.js';
import { type Connection, StateStore, type TransportPdu } from '../../src/core/context.js';

const END = { address: '10.0.0.1', port: 1 };
const connection = (): Connection => ({
  ...{ id: 0, transport: 'ncacn_np', protocol: 'dcerpc', endpoint: null, ends: [END, END] },
  ...{ client: 0, midstream: false, state: new StateStore() },
});

function transport(of: Connection, bytes: Uint8Array): TransportPdu {
  const { length } = bytes;
  const at = { pieces: [], frames: [1], time: { sec: 0, nsec: 0 }, afterGap: false };
  return { connection: of, direction: 0, bytes, length, ...at };
}

/** A message of one length in its session header, a count, data of a pipe, and `behind` bytes. */
function message(pipe: Connection, data: Uint8Array, behind: number) {
  const bytes = new Uint8Array(8 + data.length + behind).fill(0xee);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4);
  view.setUint32(4, data.length, true);
  bytes.set(data, 8);
  const carried: Carried[] =
    data.length === 0 ? [] : [{ connection: pipe, start: 8, end: 8 + data.length, counts: [{ at: 4, size: 4 }] }];
  return { bytes, carried };
}

/** What a message counts of data. */
function dataOf(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  expect(view.getUint32(0)).toBe(bytes.length - 4);
  return bytes.subarray(8, 8 + view.getUint32(4, true));
}

const PDU = fc.tuple(
  fc.integer({ min: 1, max: 250 }),
  fc.integer({ min: 0, max: 60 }),
  fc.integer({ min: 16, max: 90 }),
);

describe('messages with pipes', () => {
  it('hold PDUs in clear, in the order in which they came, however they were cut', () => {
    fc.assert(
      fc.property(
        fc.array(PDU, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 0, max: 3 }),
        (pdus, cuts, behind) => {
          const [outer, pipe] = [connection(), connection()];
          const sealed = pdus.map(([fill, , length], i) => new Uint8Array(length).fill(fill).fill(i, 0, 1));
          const clear = sealed.map((b, i) => b.slice(0, Math.max(1, b.length - pdus[i][1])).fill(i + 100));
          const written: Uint8Array[] = [];
          const said: string[] = [];
          const messages = new PipeMessages((_, bytes, comments) => {
            written.push(bytes);
            said.push(...comments);
          });
          const stream = concat(...sealed);
          let [sent, whole, cut, next] = [0, 0, 0, 0];
          while (sent < stream.length) {
            const n = Math.min(cuts[cut++ % cuts.length], stream.length - sent);
            const { bytes, carried } = message(pipe, stream.subarray(sent, sent + n), behind);
            sent += n;
            messages.message(transport(outer, bytes), carried, bytes, []);
            for (; next < sealed.length && whole + sealed[next].length <= sent; next++) {
              whole += sealed[next].length;
              expect(messages.pdu(transport(pipe, sealed[next]), clear[next], [String(next)])).toBe(true);
            }
          }
          // nothing waits that could be written
          expect(written.length).toBe(cut);
          expect(concat(...written.map(dataOf))).toEqual(concat(...clear));
          expect(said).toEqual(pdus.map((_, i) => String(i)));
        },
      ),
    );
  });

  it('stay as they are where no PDU comes of what is in them, and are not kept without end', () => {
    const [outer, pipe] = [connection(), connection()];
    const written: Uint8Array[] = [];
    const messages = new PipeMessages((_, bytes) => written.push(bytes));
    const all = Array.from({ length: 300 }, (_, i) => message(pipe, new Uint8Array(32_768).fill(1 + (i % 200)), 0));
    for (const { bytes, carried } of all) messages.message(transport(outer, bytes), carried, bytes, []);
    expect(all.length - written.length).toBeLessThan(130);
    // bytes that stand in none of them
    const lost = new Uint8Array(40).fill(255);
    expect(messages.pdu(transport(pipe, lost), lost.subarray(8), [])).toBe(false);
    messages.end();
    expect(written.length).toBe(all.length);
    expect(all.every(({ bytes }, i) => same(bytes, written[i]))).toBe(true);
  });
});
