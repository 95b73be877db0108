/** Protocol towers (C706 appendix L) with floors of every kind, and what is in them. */

import { KIND } from '../../dissectors/ndr/kinds.js';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { concat, guidBytes, word } from '../../src/core/bytes.js';
import type { FullValues } from './full-values.js';
import { INSIDE, plain, type Sight } from './sights.js';

interface Floor {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  readonly sights: readonly Sight[];
}

const floor = (protocol: number, right: Uint8Array, name: string, value: unknown): Floor => ({
  left: Uint8Array.of(protocol),
  right,
  sights: [
    ['epm.tower.proto_id', protocol],
    [name, value],
  ],
});
const port = (protocol: number, name: string, n: number): Floor => floor(protocol, word(n, false), name, n);
const text = (protocol: number, name: string, value: string): Floor =>
  floor(protocol, Buffer.from(`${value}\0`, 'latin1'), name, value);
const bytes = (protocol: number, name: string, value: Uint8Array): Floor => floor(protocol, value, name, plain(value));

/** The floors above the interface, by turns. */
const ENDS: readonly ((values: FullValues) => Floor[])[] = [
  (v) => [port(7, 'epm.proto.tcp_port', Number(v.number('u16'))), address(v)],
  (v) => [port(8, 'epm.proto.udp_port', Number(v.number('u16'))), bytes(9, 'epm.proto.ip6', v.bytes(16))],
  (v) => [port(31, 'epm.proto.http_port', Number(v.number('u16'))), address(v)],
  (v) => [text(15, 'epm.proto.named_pipe', v.text()), text(17, 'epm.proto.netbios_name', v.text())],
  (v) => [port(26, 'epm.tower.vines_port', Number(v.number('u16'))), bytes(5, 'epm.tower.data', v.bytes(3))],
];

function address(values: FullValues): Floor {
  const value = values.bytes(4);
  return floor(9, value, 'epm.proto.ip', plain(value));
}

/** twr_t: an interface, a transfer syntax, the RPC protocol, and where to go. */
export function towerOf(values: FullValues, turn: number): NdrValue {
  const floors = [
    uuid(values),
    uuid(values),
    floor(11, word(1, true), 'epm.tower.rpc_minor', 1),
    ...ENDS[turn % ENDS.length](values),
  ];
  const all = concat(
    word(floors.length, true),
    ...floors.map((f) => concat(word(f.left.length, true), f.left, word(f.right.length, true), f.right)),
  );
  const value = {
    [KIND]: 'tower',
    interface: null,
    version: null,
    syntax: null,
    binding: null,
    floors: [],
    bytes: all,
  };
  INSIDE.set(value, [
    ['epm.tower.len', all.length],
    ['epm.tower.num_floors', floors.length],
    ...floors.flatMap((f) => f.sights),
  ]);
  return value;
}

function uuid(values: FullValues): Floor {
  const id = values.guid();
  const [major, minor] = [Number(values.number('u16')), Number(values.number('u16'))];
  return {
    left: concat([13], guidBytes(id, true), word(major, true)),
    right: word(minor, true),
    sights: [
      ['epm.tower.proto_id', 13],
      ['epm.uuid', id],
      ['epm.uuid_version', major],
      ['epm.ver_min', minor],
    ],
  };
}
