/** A made capture of custom blocks of pcapng among packets. */
import { concat, u16 } from '../bytes.js';
import { le32, type MadeCapture } from './wire.js';

function block(type: number, ...body: Uint8Array[]): Uint8Array {
  const inside = concat(...body);
  const padded = concat(inside, new Uint8Array(-inside.length & 3));
  return concat(le32(type), le32(padded.length + 12), padded, le32(padded.length + 12));
}

const SECTION = block(0x0a0d0d0a, le32(0x1a2b3c4d), u16(1, true), u16(0, true), le32(0xffffffff), le32(0xffffffff));
const INTERFACE = block(1, u16(1, true), u16(0, true), le32(65535));
/** A datagram over Ethernet. */
const FRAME = Buffer.from(
  `${'00'.repeat(12)}0800 4500001f00010000401100000a0000010a000002 04400009000b0000 616263`.replaceAll(' ', ''),
  'hex',
);
const packet = (seconds: number): Uint8Array => {
  const time = BigInt(1_700_000_000 + seconds) * 1_000_000n;
  return block(
    6,
    le32(0),
    le32(Number(time >> 32n)),
    le32(Number(time & 0xffffffffn)),
    le32(FRAME.length),
    le32(FRAME.length),
    FRAME,
  );
};
const custom = (type: number, enterprise: number, text: string): Uint8Array =>
  block(type, le32(enterprise), Buffer.from(text));
export const BLOCKS: MadeCapture = {
  name: 'custom-blocks',
  bytes: () =>
    concat(
      ...[SECTION, INTERFACE, packet(0), custom(0xbad, 32473, 'hello world!'), custom(0x40000bad, 44, 'hello wor')],
      ...[
        packet(1),
        custom(0xbad, 7, ''),
        custom(0xbad, 32473, 'x'.repeat(3 << 20)),
        block(0x1234, le32(0)),
        packet(3),
      ],
    ),
};
