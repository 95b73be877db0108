/** RTS PDUs (MS-RPCH 2.2.3): how client, proxies and server of RPC over HTTP set up their channels. */
import { ipv4Text, ipv6Text } from '../../src/core/address.js';
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { guidText } from '../../src/core/text.js';
import { Ptype } from './pdu.js';

const FLAGS = field('dcerpc.cn_rts_flags', 'RTS flags', 'uint16', { hex: true });
const COUNT = field('dcerpc.cn_rts_commands_nb', 'RTS number of commands', 'uint16');
const of = 'dcerpc.cn_rts_command';
const WINDOW = field(`${of}.receivewindowsize`, 'Receive window size', 'uint32', { hex: true });
const RECEIVED = field(`${of}.fack.bytesreceived`, 'Bytes received', 'uint32', { hex: true });
const AVAILABLE = field(`${of}.fack.availablewindow`, 'Available window', 'uint32', { hex: true });
const CHANNEL = field(`${of}.fack.channelcookie`, 'Channel cookie', 'guid');
const TIMEOUT = field(`${of}.connectiontimeout`, 'Connection timeout, ms', 'uint32');
const COOKIE = field(`${of}.cookie`, 'Cookie', 'guid');
const LIFETIME = field(`${of}.channellifetime`, 'Channel lifetime', 'uint32');
const KEEPALIVE = field(`${of}.clientkeepalive`, 'Client keepalive, ms', 'uint32', { hex: true });
const VERSION = field(`${of}.version`, 'Version', 'uint32', { hex: true });
const PADDING_LENGTH = field(`${of}.padding.conformancecount`, 'Conformance count', 'uint32', { hex: true });
const PADDING = field(`${of}.padding.padding`, 'Padding', 'bytes');
const ADDRESS_TYPE = field(`${of}.addrtype`, 'Address type', 'uint32');
const IPV4 = field('dcerpc.cmd_client_ipv4', 'Client address', 'ipv4');
const IPV6 = field('dcerpc.cmd_client_ipv6', 'Client address', 'ipv6');
const GROUP = field(`${of}.associationgroupid`, 'Association group id', 'guid');
const DESTINATION = field(`${of}.forwarddestination`, 'Destination', 'uint32', {
  names: { 0: 'client', 1: 'in proxy', 2: 'server', 3: 'out proxy' },
});
const PING_TRAFFIC = field(`${of}.pingtrafficsentnotify`, 'Ping traffic sent', 'uint32', { hex: true });

/** A command (2.2.3.5): its name, and what follows its number. */
const COMMANDS: readonly { readonly name: string; read(c: Cursor): unknown }[] = [
  { name: 'ReceiveWindowSize', read: (c) => c.u32(WINDOW) },
  { name: 'FlowControlAck', read: (c) => [c.u32(RECEIVED), c.u32(AVAILABLE), c.guid(CHANNEL)] },
  { name: 'ConnectionTimeout', read: (c) => c.u32(TIMEOUT) },
  { name: 'Cookie', read: (c) => c.guid(COOKIE) },
  { name: 'ChannelLifetime', read: (c) => c.u32(LIFETIME) },
  { name: 'ClientKeepalive', read: (c) => c.u32(KEEPALIVE) },
  { name: 'Version', read: (c) => c.u32(VERSION) },
  { name: 'Empty', read: () => null },
  { name: 'Padding', read: (c) => c.raw(PADDING, c.u32(PADDING_LENGTH)) },
  { name: 'NegativeANCE', read: () => null },
  { name: 'ANCE', read: () => null },
  { name: 'ClientAddress', read: readAddress },
  { name: 'AssociationGroupId', read: (c) => c.guid(GROUP) },
  { name: 'Destination', read: (c) => c.u32(DESTINATION) },
  { name: 'PingTrafficSentNotify', read: (c) => c.u32(PING_TRAFFIC) },
];
const COMMAND = field(of, 'RTS command', 'uint32', {
  hex: true,
  names: Object.fromEntries(COMMANDS.map(({ name }, i) => [i, name])),
});

export const RTS_FIELDS = [
  ...[FLAGS, COUNT, COMMAND, WINDOW, RECEIVED, AVAILABLE, CHANNEL, TIMEOUT, COOKIE, LIFETIME, KEEPALIVE, VERSION],
  ...[PADDING_LENGTH, PADDING, ADDRESS_TYPE, IPV4, IPV6, GROUP, DESTINATION, PING_TRAFFIC],
];

/** 2.2.3.6. */
const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [1, 'ping'],
  [2, 'other command'],
  [4, 'recycle channel'],
  [8, 'in channel'],
  [16, 'out channel'],
  [32, 'EOF'],
  [64, 'echo'],
];

/** PDUs that set up a virtual connection (2.2.4), by their flags and commands. */
const PDUS: Readonly<Record<string, string>> = {
  '0 Version Cookie Cookie ReceiveWindowSize': 'CONN/A1',
  '16 Version Cookie Cookie ChannelLifetime ReceiveWindowSize': 'CONN/A2',
  '0 ConnectionTimeout': 'CONN/A3',
  '0 Version Cookie Cookie ChannelLifetime ClientKeepalive AssociationGroupId': 'CONN/B1',
  '8 Version Cookie Cookie ReceiveWindowSize ConnectionTimeout AssociationGroupId ClientAddress': 'CONN/B2',
  '0 ReceiveWindowSize Version': 'CONN/B3',
  '0 Version ReceiveWindowSize ConnectionTimeout': 'CONN/C1 or C2',
  '1 ': 'ping',
  '64 ': 'echo',
};

/** Reads the body of an RTS PDU; what it is, for people. */
export function readRts(c: Cursor): string {
  const flags = c.u16(FLAGS, (f) => flagText(f));
  const count = c.u16(COUNT);
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const number = c.u32(COMMAND);
    if (number >= COMMANDS.length) c.fail(`there is no RTS command ${number}`);
    COMMANDS[number].read(c);
    names.push(COMMANDS[number].name);
  }
  const said = names.length === 0 ? flagText(flags) : names.join(', ');
  return `RTS  ${PDUS[`${flags} ${names.join(' ')}`] ?? said}`;
}

function flagText(flags: number): string {
  return (
    FLAG_NAMES.filter(([bit]) => flags & bit)
      .map(([, name]) => name)
      .join(', ') || 'none'
  );
}

function readAddress(c: Cursor): void {
  if (c.u32(ADDRESS_TYPE) === 0) c.made(IPV4, 4, (b) => ipv4Text(b, 0));
  else c.made(IPV6, 16, (b) => ipv6Text(b, 0));
  c.raw(PADDING, 12);
}

const VERSION_NUMBER = 6;
const COOKIE_NUMBER = 3;
/** Where the first command of an RTS PDU stands. */
const FIRST_COMMAND = 20;

/**
 * The cookie of the virtual connection that a channel is for: those that begin one have it first, behind the version. Null
 * where a PDU is none of these.
 */
export function virtualConnectionCookie(b: Uint8Array): string | null {
  const at = FIRST_COMMAND + 8;
  if (b.length < at + 20 || b[2] !== Ptype.rts) return null;
  const little = (b[4] & 0x10) !== 0;
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  if (view.getUint32(FIRST_COMMAND, little) !== VERSION_NUMBER || view.getUint32(at, little) !== COOKIE_NUMBER)
    return null;
  return guidText(b, at + 4, little);
}
