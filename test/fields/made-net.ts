/** Made captures of the layers below DCE/RPC: link, IP, TCP, UDP. */
import {
  ACK,
  concat,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  option,
  sectionHeader,
  tcp,
  u16,
  u32,
  udp,
} from '../bytes.js';
import { ascii, bindBody, type MadeCapture, made, OBJECT_EXPORTER, pdu } from './wire.js';

const A = '10.30.1.1';
const B = '10.30.1.2';
const MACS = [2, 0, 0, 0, 0, 0xa, 2, 0, 0, 0, 0, 0xb];
const SIX_A = concat([0x20, 1, 0x0d, 0xb8], new Uint8Array(11), [1]);
const SIX_B = concat([0x20, 1, 0x0d, 0xb8], new Uint8Array(11), [2]);

const bind = pdu(11, 1, bindBody(OBJECT_EXPORTER));
const segment = (port: number): Uint8Array => tcp(port, 135, 1, bind, ACK, 1);

/** `kind` of an extension header of 8 bytes in front of what has the number `next` (RFC 8200 4). */
const extension = (next: number, data: readonly number[]): Uint8Array => concat([next, 0], data);
/** PadN of four bytes, to fill an options header. */
const PAD = [1, 4, 0, 0, 0, 0];

const six = (next: number, ...parts: (Uint8Array | readonly number[])[]): Uint8Array => {
  const packet = ipv6(SIX_A, SIX_B, next, concat(...parts));
  // traffic class 0xb9: DSCP 46, ECN 1; flow label 0x12345
  packet.set([0x6b, 0x91, 0x23, 0x45]);
  return packet;
};

/** A segment with time stamps (RFC 7323 3), all flags but SYN, RST and FIN, and an urgent pointer. */
function optioned(): Uint8Array {
  const header = tcp(50_010, 135, 1, new Uint8Array(0), ACK, 1);
  header.set([0x81, 0xf8], 12);
  header.set(u16(3), 18);
  return concat(header, [1, 1, 8, 10], u32(7), u32(9), ascii('urgent'));
}

const LINKS: MadeCapture[] = [
  made('ethernet', () => [
    { bytes: concat(MACS, [0x81, 0, 0xb0, 0x64, 8, 0], ipv4(A, B, 6, segment(50_001))) },
    {
      bytes: concat(MACS, u16(8 + 40 + bind.length), [0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ipv4(A, B, 6, segment(50_002))),
    },
    { bytes: concat(MACS, [8, 0], ipv4(A, B, 6, segment(50_003)), [1, 2, 3]) },
    { bytes: concat(MACS, [8, 0], ipv4(A, B, 6, tcp(50_004, 135, 1)), new Uint8Array(6)) },
  ]),
  made('null', () => [{ bytes: concat(u32(2, true), ipv4(A, B, 6, segment(50_005))) }], 0),
  made('loop', () => [{ bytes: concat(u32(2), ipv4(A, B, 6, segment(50_006))) }], 108),
  made(
    'cooked',
    () => [
      { bytes: concat([0, 4, 0, 1, 0, 6], MACS.slice(0, 6), [0, 0], [8, 0], ipv4(A, B, 6, segment(50_007))) },
      { bytes: concat([0, 4, 0, 1, 0, 5], [10, 30, 1, 1, 9, 0, 0, 0], [8, 0], ipv4(A, B, 6, segment(50_015))) },
      { bytes: concat([0, 4, 0, 1, 0, 4], [10, 30, 1, 1, 0, 0, 0, 0], [8, 0], ipv4(A, B, 6, segment(50_008))) },
    ],
    113,
  ),
  made(
    'cooked-2',
    () => [
      {
        bytes: concat([8, 0, 0, 0], u32(3), [0, 1, 4, 6], MACS.slice(0, 6), [0, 0], ipv4(A, B, 6, segment(50_009))),
      },
    ],
    276,
  ),
  {
    name: 'interfaces',
    bytes: () =>
      concat(
        sectionHeader(),
        interfaceBlock(
          true,
          1,
          concat(option(2, ascii('eth7')), option(3, ascii('to the lab')), option(0, new Uint8Array(0))),
        ),
        enhancedPacket(ethernet(ipv4(A, B, 6, segment(50_011))), {
          stamp: 1_700_000_000_000_000n,
          options: concat(option(1, ascii('seen at the lab')), option(0, new Uint8Array(0))),
        }),
        enhancedPacket(ethernet(ipv4(A, B, 17, udp(50_012, 9, ascii('nothing')))), { stamp: 1_700_000_000_500_000n }),
      ),
  },
];

const NETWORKS: MadeCapture[] = [
  made('ipv4-options', () => [
    // record route with one place, and the end of the list (RFC 791 3.1)
    { bytes: ethernet(ipv4(A, B, 6, segment(50_013), { options: Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0) })) },
  ]),
  made('tcp-options', () => [{ bytes: ethernet(ipv4(A, B, 6, optioned())) }]),
  made('ipv6', () => [
    {
      bytes: ethernet(
        six(
          0,
          extension(43, PAD),
          extension(60, [0, 0, 0, 0, 0, 0]),
          extension(51, PAD),
          [6, 2, 0, 0],
          u32(1),
          u32(2),
          u32(3),
          segment(50_020),
        ),
        0x86dd,
      ),
    },
    // nothing may follow these two (RFC 6275 6.1.1, RFC 7401 5.1): next header 59
    { bytes: ethernet(six(135, extension(59, [0, 0, 0, 0, 0, 0])), 0x86dd) },
    { bytes: ethernet(six(139, [59, 4, 1, 0x21, 0, 0, 0, 0], new Uint8Array(32)), 0x86dd) },
    { bytes: ethernet(six(140, extension(6, [0x80, 0, 0, 0, 0, 1]), segment(50_023)), 0x86dd) },
  ]),
  made('ipv6-fragments', () => {
    const whole = udp(50_024, 9, new Uint8Array(72).fill(0x41));
    const piece = (from: number, to: number, more: number): Uint8Array =>
      ethernet(six(44, [17, 0], u16(from | more), u32(0xabcd), whole.subarray(from, to)), 0x86dd);
    return [{ bytes: piece(0, 40, 1) }, { bytes: piece(40, 80, 0) }];
  }),
];

export const NET: readonly MadeCapture[] = [...LINKS, ...NETWORKS];
