/**
 * Protocol towers (C706 appendix L): interface, transfer syntax, RPC protocol and addresses as floors on top of each
 * other. Little endian whatever the stub is, but for ports and addresses, which are as on the network.
 */
import { ipv4Text, ipv6Text } from '../../src/core/address.js';
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { countedBytes } from '../ndr/counted-bytes.js';
import { uuidText } from '../ndr/interface.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import { syntaxName } from '../ndr/syntax.js';

/** Protocol identifiers (C706 appendix I; MS-RPCE 2.1.1; Samba's epmapper.idl for 12, 16 and 33; Wireshark for 25 and 34). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'OSI OID',
  2: 'DNA session control',
  3: 'DNA session control 3',
  4: 'DNA NSP',
  5: 'OSI TP4',
  6: 'OSI CLNS',
  7: 'TCP',
  8: 'UDP',
  9: 'IP',
  10: 'RPC connectionless',
  11: 'RPC connection-oriented',
  12: 'ncalrpc',
  13: 'UUID',
  14: 'IPX',
  15: 'named pipe',
  16: 'local RPC',
  17: 'NetBIOS name',
  18: 'NetBEUI',
  19: 'Netware SPX',
  20: 'Netware IPX',
  22: 'AppleTalk stream',
  23: 'AppleTalk datagram',
  24: 'AppleTalk',
  25: 'NetBIOS',
  26: 'VINES SPP',
  27: 'VINES IPC',
  28: 'StreetTalk',
  31: 'HTTP',
  32: 'Unix domain socket',
  33: 'null',
  34: 'NetBIOS',
};

/** Protocol sequences by the identifier of the floor that tells them. */
const SEQUENCES: Readonly<Record<number, string>> = {
  7: 'ncacn_ip_tcp',
  8: 'ncadg_ip_udp',
  15: 'ncacn_np',
  16: 'ncalrpc',
  31: 'ncacn_http',
};

/** Floors that say where to go by a name that a zero ends: pipes, ports of local RPC, StreetTalk names, sockets. */
const NAMED = new Set([15, 16, 28, 32]);
/** RPC protocols: their floor holds the minor version of the RPC protocol itself. */
const RPC = new Set([10, 11, 12]);

export const TOWER_FIELDS: Field[] = [];
const f = fieldsInto(TOWER_FIELDS);
const TOWER = f('epm.tower', 'Tower');
const LENGTH = f('epm.tower.len', 'Length', 'uint32');
const FLOORS = f('epm.tower.num_floors', 'Floors', 'uint16');
const FLOOR = f('epm.tower.floor', 'Floor');
const LEFT = f('epm.tower.lhs.len', 'Left-hand side length', 'uint16');
const RIGHT = f('epm.tower.rhs.len', 'Right-hand side length', 'uint16');
const PROTOCOL = f('epm.tower.proto_id', 'Protocol', 'uint8', { hex: true, names: PROTOCOLS });
const UUID = f('epm.uuid', 'UUID', 'guid');
const VERSION = f('epm.uuid_version', 'Version', 'uint16');
const MINOR = f('epm.ver_min', 'Minor version', 'uint16');
const RPC_MINOR = f('epm.tower.rpc_minor', 'RPC minor version', 'uint16');
const VINES_PORT = f('epm.tower.vines_port', 'VINES port', 'uint16');
const TCP_PORT = f('epm.proto.tcp_port', 'TCP port', 'uint16');
const UDP_PORT = f('epm.proto.udp_port', 'UDP port', 'uint16');
const HTTP_PORT = f('epm.proto.http_port', 'HTTP port', 'uint16');
const IPV4 = f('epm.proto.ip', 'Address', 'ipv4');
const IPV6 = f('epm.proto.ip6', 'Address', 'bytes');
const PIPE = f('epm.proto.named_pipe', 'Endpoint', 'string');
const NETBIOS = f('epm.proto.netbios_name', 'NetBIOS name', 'string');
const DATA = f('epm.tower.data', 'Data', 'bytes');

/** A floor, as `calls` prints it; members that its protocol lacks are absent. */
export interface Floor {
  readonly protocol: string;
  readonly uuid?: string;
  readonly version?: string;
  readonly port?: number;
  readonly address?: string;
  readonly endpoint?: string;
  readonly data?: Uint8Array;
}

/** A tower's value. */
export interface Tower extends Tagged<'tower'> {
  readonly interface: string | null;
  readonly version: string | null;
  readonly syntax: string | null;
  /** `ncacn_ip_tcp:10.0.0.1[49664]`; null where no floor tells. */
  readonly binding: string | null;
  readonly floors: readonly Floor[];
  /** As sent, for encoding. */
  readonly bytes: Uint8Array;
}

/** twr_t. */
export const TWR = countedBytes('tower', LENGTH, 'a tower', TOWER_FIELDS, ({ c }, room): Tower => {
  const bytes = c.bytes.subarray(c.pos, Math.min(c.pos + room, c.end));
  const floors: Floor[] = [];
  const sequence: number[] = [];
  const outer = c.littleEndian;
  c.frame(TOWER, c.items(room, 1), () => readTower(c, floors, sequence));
  c.littleEndian = outer;
  return towerOf(floors, sequence, bytes);
});

function readTower(c: Cursor, floors: Floor[], ids: number[]): void {
  c.littleEndian = true;
  const count = c.items(c.u16(FLOORS), 5);
  for (let i = 0; i < count; i++)
    c.group(FLOOR, () => {
      const left = c.u16(LEFT);
      const at = c.pos;
      const id = c.u8(PROTOCOL, (p) => PROTOCOLS[p] ?? 'unknown');
      const floor = readFloor(c, id, left);
      if (at + left > c.pos) c.raw(DATA, at + left - c.pos);
      const right = c.u16(RIGHT);
      c.frame(null, right, () => {
        Object.assign(floor, readRight(c, id, floor));
        if (c.left > 0) c.raw(DATA, c.left);
      });
      c.tell(floorText(floor));
      floors.push(floor);
      ids.push(id);
    });
}

type Mutable = { -readonly [K in keyof Floor]: Floor[K] };

/** What stands behind the protocol identifier: an interface or transfer syntax. */
function readFloor(c: Cursor, id: number, left: number): Mutable {
  const floor: Mutable = { protocol: PROTOCOLS[id] ?? `protocol ${id}` };
  if (id === 13 && left >= 19) {
    floor.uuid = c.guid(UUID, (uuid) =>
      uuidText(uuid, uuid.length === syntaxName(uuid).length ? undefined : syntaxName(uuid)),
    );
    floor.version = String(c.u16(VERSION));
  }
  return floor;
}

/** Ports, in network order (Samba's epm_rhs is big endian throughout). */
const PORTS: Readonly<Record<number, Field>> = {
  7: TCP_PORT,
  8: UDP_PORT,
  26: VINES_PORT,
  27: VINES_PORT,
  31: HTTP_PORT,
};

/** The address, or the minor version. */
function readRight(c: Cursor, id: number, floor: Floor): Partial<Mutable> {
  if (c.left === 0) return {};
  const port = PORTS[id] ?? null;
  if (port !== null && c.left === 2) {
    c.littleEndian = false;
    const value = c.u16(port);
    c.littleEndian = true;
    return { port: value };
  }
  if (id === 9 && c.left === 4)
    return {
      address: ipv4Text(
        c.raw(IPV4, 4, (b) => ipv4Text(b, 0)),
        0,
      ),
    };
  if (id === 9 && c.left === 16)
    return {
      address: ipv6Text(
        c.raw(IPV6, 16, (b) => ipv6Text(b, 0)),
        0,
      ),
    };
  if (NAMED.has(id)) return { endpoint: c.terminated(PIPE, c.left, false) };
  if (id === 17) return { address: c.terminated(NETBIOS, c.left, false) };
  if ((id === 13 || RPC.has(id)) && c.left === 2) {
    const minor = c.u16(id === 13 ? MINOR : RPC_MINOR);
    return { version: floor.version === undefined ? String(minor) : `${floor.version}.${minor}` };
  }
  return { data: c.raw(DATA, c.left) };
}

function floorText(f: Floor): string {
  const what = [f.uuid === undefined ? undefined : syntaxName(f.uuid), f.version, f.port, f.address, f.endpoint];
  return [f.protocol, ...what.filter((t) => t !== undefined)].join(' ');
}

function towerOf(floors: Floor[], ids: number[], bytes: Uint8Array): Tower {
  const at = ids.findIndex((id) => id in SEQUENCES);
  const endpoint = at < 0 ? null : (floors[at].port ?? floors[at].endpoint ?? '');
  const host = floors.find((f) => f.address !== undefined)?.address ?? '';
  return {
    [KIND]: 'tower',
    interface: floors[0]?.uuid ?? null,
    version: floors[0]?.version ?? null,
    syntax: floors[1]?.uuid === undefined ? null : syntaxName(floors[1].uuid),
    binding: at < 0 ? null : `${SEQUENCES[ids[at]]}:${host}[${endpoint}]`,
    floors,
    bytes,
  };
}
