/** PDUs that were taken out of their packets: put together by their tags, whatever these say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { emptyPacket } from '../../src/capture/packet.js';
import { PcapWriter } from '../../src/capture/pcap-write.js';
import { scan } from '../../src/engine/scan.js';
import { concat, u16, u32 } from '../bytes.js';

const utf8 = new TextEncoder();
const tag = (number: number, value: Uint8Array | number[] = []): Uint8Array =>
  concat(u16(number, false), u16(value.length, false), value);
/** A bind of nothing: 28 bytes. */
const bind = (callId: number): Uint8Array =>
  concat([5, 0, 11, 3, 0x10, 0, 0, 0], u16(28, true), u16(0, true), u32(callId, true), new Uint8Array(12));
interface Between {
  readonly type?: number;
  readonly info?: string;
  readonly back?: boolean;
}
const exported = (pdu: Uint8Array, { type = 2, info = '', back = false }: Between = {}): Uint8Array =>
  concat(
    tag(13, utf8.encode('dcerpc_tcp\0\0')),
    tag(20, [10, 0, 0, back ? 2 : 1]),
    tag(21, [10, 0, 0, back ? 1 : 2]),
    tag(24, u32(type, false)),
    tag(25, u32(back ? 135 : 50000, false)),
    tag(26, u32(back ? 50000 : 135, false)),
    info === '' ? [] : tag(36, utf8.encode(info)),
    tag(0),
    pdu,
  );

async function read(packets: readonly Uint8Array[], cut = 0): Promise<Pdu[]> {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes));
  for (const bytes of packets)
    writer.packet({ ...emptyPacket(), link: 252, bytes, end: bytes.length - cut, length: bytes.length });
  writer.end();
  const pdus: Pdu[] = [];
  await scan(concat(...parts), protocols({}), { record: true }, { onPdu: (pdu) => pdus.push(pdu) });
  return pdus;
}

describe('exported PDUs', () => {
  it('are PDUs between the ends that the tags name, both ways of one connection', async () => {
    const pdus = await read([exported(bind(1)), exported(bind(2), { back: true })]);
    expect(pdus.map(({ header, transport }) => [header?.callId, transport.direction])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    const [a, b] = pdus.map(({ transport }) => transport.connection);
    expect(a).toBe(b);
    expect(a.ends).toEqual([
      { address: '10.0.0.1', port: 50000 },
      { address: '10.0.0.2', port: 135 },
    ]);
    expect(a.transport).toBe('ncacn_ip_tcp');
  });

  it('pipes of one connection are kept apart', async () => {
    const pipes = ['ncacn_np \\pipe\\srvsvc #1', 'ncacn_np \\pipe\\lsass #2', 'ncacn_np #3'];
    const pdus = await read(pipes.map((info) => exported(bind(1), { info })));
    expect(pdus.map(({ transport: { connection } }) => [connection.transport, connection.endpoint])).toEqual([
      ['ncacn_np', '\\pipe\\srvsvc'],
      ['ncacn_np', '\\pipe\\lsass'],
      ['ncacn_np', null],
    ]);
  });

  it('a cut PDU comes as far as it was captured, and the next is whole', async () => {
    const pdus = await read([exported(bind(1)), exported(bind(2))], 4);
    expect(pdus.map(({ transport }) => [transport.bytes.length, transport.length])).toEqual([
      [24, 28],
      [24, 28],
    ]);
  });

  it('hostile: any tags and lengths', async () => {
    const whole = exported(bind(1));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.tuple(fc.nat(whole.length - 1), fc.nat(255)))),
        async (all) => {
          const packets = all.map((one) => {
            if (one instanceof Uint8Array) return one;
            const odd = whole.slice();
            odd[one[0]] = one[1];
            return odd;
          });
          for (const { recording } of await read(packets))
            expect(recording.notes.map(({ code }) => code)).not.toContain('bug');
        },
      ),
    );
  });
});
