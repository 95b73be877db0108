/** What Wireshark's Info column says of packets of TCP and UDP that carry nothing it knows. */
import type { Node } from '../../core/node.js';

/** Fields that the line is made of. */
export const LINE_FIELDS = [
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags',
  'tcp.seq',
  'tcp.ack',
  'tcp.window_size',
  'tcp.len',
  'tcp.options',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
] as const;

/** Asks for the last value of a field. */
type Ask = (name: (typeof LINE_FIELDS)[number]) => Node['value'] | undefined;

const ACK = 0x10;
/** Flags in the order of the line. */
const FLAGS: readonly (readonly [number, string])[] = [
  [0x01, 'FIN'],
  [0x02, 'SYN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [ACK, 'ACK'],
  [0x20, 'URG'],
  [0x40, 'ECE'],
  [0x80, 'CWR'],
  [0x100, 'AE'],
];

/** `55708 → 135 [SYN] Seq=0 Win=64240 Len=0 MSS=1460`; empty where the packet has no transport. */
export function transportLine(ask: Ask): string {
  const source = ask('tcp.srcport');
  if (source === undefined) {
    const from = ask('udp.srcport');
    return from === undefined ? '' : `${from} → ${ask('udp.dstport')} Len=${Number(ask('udp.length')) - 8}`;
  }
  const flags = Number(ask('tcp.flags') ?? 0);
  const set = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const ack = (flags & ACK) === 0 ? '' : ` Ack=${ask('tcp.ack')}`;
  const numbers = `Seq=${ask('tcp.seq')}${ack} Win=${ask('tcp.window_size')} Len=${ask('tcp.len')}`;
  const options = ask('tcp.options');
  const told = options instanceof Uint8Array ? optionTexts(options) : [];
  return [`${source} → ${ask('tcp.dstport')} [${set.join(', ') || '<None>'}]`, numbers, ...told].join(' ');
}

/** Options of TCP (RFC 9293 3.1, 7323, 2018), those of which the line tells. */
function optionTexts(b: Uint8Array): string[] {
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  const found: string[] = [];
  for (let at = 0; at < b.length && b[at] !== 0; ) {
    const length = b[at] === 1 ? 1 : (b[at + 1] ?? 0);
    if (length === 0 || at + length > b.length) break;
    const kind = `${b[at]}/${length}`;
    if (kind === '2/4') found.push(`MSS=${view.getUint16(at + 2)}`);
    if (kind === '3/3') found.push(`WS=${2 ** Math.min(14, b[at + 2])}`);
    if (kind === '4/2') found.push('SACK_PERM');
    if (kind === '8/10') found.push(`TSval=${view.getUint32(at + 2)} TSecr=${view.getUint32(at + 6)}`);
    at += length;
  }
  return found;
}
