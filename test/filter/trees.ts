/** Hand-made trees: a frame as filters and columns see it. */
import type { Frame } from '../../src/core/frame.js';
import { type Field, type FieldType, field, type Node, type Scalar } from '../../src/core/node.js';
import { fileSource } from '../../src/core/source.js';
import { FieldTable } from '../../src/filter/index.js';
import { frameOf } from '../frame.js';

/** A node of a field; with bytes where the value is bytes or `bytes` is given. */
export function node(f: Field, value: Scalar, children: Node[] = [], bytes?: Uint8Array): Node {
  const source = bytes === undefined ? null : fileSource('test', bytes);
  return { field: f, source, start: 0, end: bytes?.length ?? 0, value, display: null, role: 'data', children };
}

const make = (name: string, type: FieldType, more: Partial<Field> = {}): Field => field(name, name, type, more);

/** One field of each type, and some of DCE/RPC's. */
export const F = {
  frame: make('frame', 'none'),
  number: make('frame.number', 'uint32'),
  time: make('frame.time', 'time'),
  epoch: make('frame.time_epoch', 'time'),
  ip: make('ip', 'none'),
  src: make('ip.src', 'ipv4'),
  dst: make('ip.dst', 'ipv4'),
  v6: make('ipv6.src', 'ipv6'),
  srcport: make('tcp.srcport', 'uint16'),
  dstport: make('tcp.dstport', 'uint16'),
  syn: make('tcp.flags.syn', 'bool'),
  payload: make('tcp.payload', 'bytes'),
  dcerpc: make('dcerpc', 'none'),
  type: make('dcerpc.pkt_type', 'uint8', { names: { 0: 'Request', 2: 'Response', 11: 'Bind' } }),
  flags: make('dcerpc.cn_flags', 'uint8', { hex: true }),
  opnum: make('dcerpc.opnum', 'uint16'),
  uuid: make('dcerpc.cn_bind_to_uuid', 'guid'),
  hresult: make('dcom.hresult', 'uint32', { hex: true }),
  oxid: make('dcom.oxid', 'uint64', { hex: true }),
  address: make('dcom.dualstringarray.network_addr', 'string'),
  i2: make('dcom.vt.i2', 'int16'),
  r8: make('dcom.vt.r8', 'double'),
};

export const TABLE = new FieldTable(Object.values(F), [
  { field: make('ip.addr', 'ipv4'), of: ['ip.src', 'ip.dst'] },
  { field: make('tcp.port', 'uint16'), of: ['tcp.srcport', 'tcp.dstport'] },
]);

const UUID = '99fcfec4-5260-101b-bbcb-00aa0021347a';
const STUB = Uint8Array.from(Buffer.from('0500000b10000000MEOW', 'latin1'));

/** A bind-like frame: two ports, two UUIDs, a string array; no opnum. */
export function bindFrame(): Frame<never> {
  return frameOf(
    4,
    [
      [
        node(F.frame, null, [
          node(F.number, 4),
          node(F.time, 1_694_504_294_756_299_000n),
          node(F.epoch, 1_694_504_294_756_299_000n),
        ]),
        node(F.ip, null, [
          node(F.src, Uint8Array.of(192, 168, 56, 102)),
          node(F.dst, Uint8Array.of(192, 168, 56, 101)),
        ]),
        node(F.srcport, 49725),
        node(F.dstport, 135),
        node(F.syn, false),
        node(F.payload, STUB),
      ],
      [
        node(
          F.dcerpc,
          null,
          [
            node(F.type, 11),
            node(F.flags, 3),
            node(F.uuid, UUID),
            node(F.uuid, '00000143-0000-0000-c000-000000000046'),
          ],
          STUB,
        ),
        node(F.oxid, 0xb5c018689dc8086en),
        node(F.hresult, 0x80004002),
        node(F.address, 'DC1'),
        node(F.address, '192.168.56.101[49724]'),
        node(F.i2, -5),
        node(F.r8, 0.5),
        node(F.v6, '2001:db8::1'),
      ],
    ],
    { sec: 1_694_504_294, nsec: 756_299_000 },
  );
}
