/** Made captures of DCE/RPC PDUs that servers seldom send (C706 12.5, 12.6; MS-RPCE 2.2.2; MS-EERR 2.2). */
import { concat } from '../bytes.js';
import {
  ackBody,
  ascii,
  bindBody,
  connection,
  datagram,
  guid,
  hex,
  le16,
  le32,
  type MadeCapture,
  made,
  OBJECT_EXPORTER,
  pdu,
  requestBody,
  responseBody,
} from './wire.js';

const NOTHING = new Uint8Array(0);
const SERVER_ALIVE = 3;
const bind = pdu(11, 1, bindBody(OBJECT_EXPORTER));
const ack = pdu(12, 1, ackBody());
const request = (id: number, stub: Uint8Array = NOTHING): Uint8Array => pdu(0, id, requestBody(SERVER_ALIVE, stub));
const fault = (id: number, status: number, stub: Uint8Array): Uint8Array =>
  pdu(3, id, concat(le32(stub.length), le16(0), [0, 1], le32(status), le32(0), stub));

/** Two records of extended error information, the first with a text in ANSI (MS-EERR 2.2.1), serialized. */
function extendedError(): Uint8Array {
  const time = hex('a0ac1283a475da01');
  const record = (
    next: number,
    computer: Uint8Array,
    process: number,
    status: number,
    count: number,
    params: Uint8Array,
  ) =>
    concat(
      le32(next),
      computer,
      le32(process),
      le32(0),
      time,
      le32(2),
      le32(status),
      le16(183),
      le16(0),
      le16(count),
      le16(0),
      params,
    );
  const parameter = concat([1, 0, 1, 0], le16(4), le16(0), le32(0x20008));
  const list = concat(
    le32(0x20000),
    le32(1),
    record(0x20004, concat([1, 0, 1, 0], le16(4), le16(0), le32(0x2000c)), 684, 0x6d1, 1, parameter),
    le32(3),
    // a long, a short and a 64-bit number
    record(
      0,
      hex('02000200'),
      685,
      5,
      3,
      hex('03000300 0f030980 04000400 fdff0000 05000500 00000000 0807060504030201'),
    ),
    le32(4),
    Buffer.from('DC1\0', 'utf16le'),
    le32(4),
    ascii('abc\0'),
    // behind the value
    le32(0),
  );
  return concat([1, 0x10, 8, 0], le32(0xcccccccc), le32(list.length), le32(0), list);
}

/** A verification trailer (MS-RPCE 2.2.2.13) with its three commands and one that nobody knows. */
function verification(): Uint8Array {
  const command = (number: number, data: Uint8Array): Uint8Array => concat(le16(number), le16(data.length), data);
  const ndr = concat(guid('8a885d04-1ceb-11c9-9fe8-08002b104860'), le32(2));
  return concat(
    hex('8ae3137102f43671'),
    command(1, le32(1)),
    command(2, concat(guid(OBJECT_EXPORTER), le32(0), ndr)),
    command(3, concat([0, 0, 0, 0], [0x10, 0, 0, 0], le32(2), le16(0), le16(SERVER_ALIVE))),
    command(0x4000 | 9, hex('0102030405060708')),
  );
}

/** fack and nocall (C706 12.5.3.5): version, window, sizes, serial number, one selective acknowledgement. */
const fack = concat([0, 0], le16(8), le32(1464), le32(1432), le16(5), le16(1), le32(0x0000000d));

/** An interface that nobody knows, of which every call looks like ORPC: ORPCTHIS 5.7, then what its stub holds. */
const UNKNOWN = '5a5b5c5d-6061-6263-6465-666768696a6b';
const CAUSALITY = 'c0c1c2c3-c4c5-c6c7-c8c9-cacbcccdcecf';
const orpcThis = concat(le16(5), le16(7), le32(0), le32(0), guid(CAUSALITY), le32(0));
const onObject = (id: number, flags: number, opnum: number, stub: Uint8Array): Uint8Array => {
  const object = guid('0b0b0c0d-1112-1314-1516-1718191a1b1c');
  const bytes = pdu(0, id, concat(le32(stub.length), le16(0), le16(opnum), object, stub));
  bytes[3] = 0x80 | flags;
  return bytes;
};

const fragment = (id: number, flags: number, stub: Uint8Array): Uint8Array => {
  const bytes = pdu(0, id, requestBody(9, stub));
  bytes[3] = flags;
  return bytes;
};

/** Every command of RTS (MS-RPCH 2.2.3.5), each once, an address of each kind. */
const COMMANDS = [
  concat(le32(0), le32(0x10000)),
  concat(le32(1), le32(5), le32(6), guid('11111111-2222-3333-4444-555555555555')),
  concat(le32(2), le32(120_000)),
  concat(le32(3), guid('21111111-2222-3333-4444-555555555555')),
  ...[4, 5, 6].map((n) => concat(le32(n), le32(n + 300))),
  le32(7),
  concat(le32(8), le32(3), hex('000000')),
  ...[le32(9), le32(10)],
  concat(le32(11), le32(0), [10, 0, 0, 1], new Uint8Array(12)),
  concat(le32(11), le32(1), hex('20010db8000000000000000000000001'), new Uint8Array(12)),
  concat(le32(12), guid('31111111-2222-3333-4444-555555555555')),
  ...[13, 14].map((n) => concat(le32(n), le32(1))),
];

export const RPC: readonly MadeCapture[] = [
  made('rts', () =>
    connection(50_103, [
      [0, bind],
      [1, ack],
      [0, pdu(20, 0, concat(le16(2), le16(COMMANDS.length), ...COMMANDS))],
    ]),
  ),
  made('control', () =>
    connection(50_100, [
      [0, bind],
      [1, ack],
      [0, request(2, verification())],
      [1, pdu(2, 2, responseBody(le32(0)))],
      [0, request(3)],
      [0, pdu(18, 3, NOTHING)],
      [1, fault(3, 0x1c00000d, hex('a1a2a3a4a5a6a7a8'))],
      [0, request(4)],
      [0, pdu(19, 4, NOTHING)],
      [0, request(5)],
      [1, fault(5, 0x1c010002, extendedError())],
      [1, pdu(17, 0, NOTHING)],
    ]),
  ),
  made('unknown-interface', () =>
    connection(50_102, [
      [0, pdu(11, 1, bindBody(UNKNOWN))],
      [1, ack],
      [0, onObject(2, 3, 4, concat(orpcThis, hex('0102030405060708')))],
      [1, pdu(2, 2, responseBody(concat(le32(0), le32(0), le32(0x8007000e))))],
      // a request in two fragments, with no object
      [0, fragment(3, 1, hex('1111111111111111'))],
      [0, fragment(3, 2, hex('2222222222222222'))],
      [1, pdu(2, 3, responseBody(hex('3333333333333333')))],
      // bytes in front of a trailer where a PDU has no body
      [0, pdu(18, 3, hex('44444444'), { type: 10, level: 5, token: hex('01000000a1a2a3a4a5a6a7a802000000') })],
    ]),
  ),
  made('bind-nak', () =>
    connection(50_101, [
      [0, bind],
      // reason, one version, padding, a signature that is not of extended errors, and what stands behind it
      [
        1,
        pdu(13, 1, concat(le16(4), [1, 5, 0, 0, 0, 0], guid('11111111-2222-3333-4444-555555555555'), hex('0a0b0c0d'))),
      ],
    ]),
  ),
  made('datagrams', () => [
    datagram(0, 0, 1, NOTHING),
    datagram(1, 9, 1, fack),
    datagram(1, 5, 1, fack),
    datagram(0, 8, 1, concat(le32(0), le32(21))),
    datagram(1, 10, 1, concat(le32(0), le32(21), le32(1))),
    datagram(1, 4, 1, NOTHING),
    datagram(1, 2, 1, le32(0)),
    datagram(0, 7, 1, NOTHING),
    // Kerberos of DCE: level 5, key version 2, and the checksum (C706 13.3.1)
    datagram(0, 0, 2, NOTHING, { auth: 1, verifier: hex('0502 0000 1112131415161718191a1b1c1d1e1f20') }),
    datagram(1, 6, 2, le32(0x1c010003)),
    datagram(0, 0, 4, NOTHING, { auth: 10, verifier: hex('01000000 a1a2a3a4a5a6a7a8 00000000') }),
    datagram(0, 0, 3, NOTHING),
    datagram(1, 3, 3, concat(le32(0x1c00001d), hex('0102030405060708'))),
  ]),
];
