/** `-T zeek`: calls as lines of Zeek's dce_rpc.log, tab separated or as JSON. */
import { hash } from '#platform';
import { type Call, SECONDARY_ADDRESS } from '../../../dissectors/call.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { rolesOf } from '../../core/connection.js';
import type { Connection, Time } from '../../core/context.js';
import { safe } from '../../core/safe-text.js';
import { isTold } from '../../core/time.js';

/** Columns with Zeek's types, in its order. */
const COLUMNS = [
  ['ts', 'time'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
  ['rtt', 'interval'],
  ['named_pipe', 'string'],
  ['endpoint', 'string'],
  ['operation', 'string'],
] as const;

/** In front of the lines; nothing where they are JSON. */
export const ZEEK_HEAD = [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  '#path\tdce_rpc',
  `#fields\t${COLUMNS.map(([name]) => name).join('\t')}`,
  `#types\t${COLUMNS.map(([, type]) => type).join('\t')}`,
  '',
].join('\n');

/** Zeek's numbers of connections of one capture: the same in every run, and another where ports are used again. */
export class ZeekUids {
  private readonly known = new WeakMap<Connection, string>();

  /** @param time when the first call of the connection began; calls are asked for in their order */
  of(connection: Connection, time: Time): string {
    const made = this.known.get(connection) ?? uid(connection, time);
    this.known.set(connection, made);
    return made;
  }
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Digits behind the `C` of a connection. */
const LENGTH = 17;

function uid(connection: Connection, { sec, nsec }: Time): string {
  const ends = rolesOf(connection).map(({ address, port }) => `${address} ${port}`);
  // pipes of one connection of SMB share its number
  const own = connection.transport === 'ncacn_np' ? '' : `${connection.id} ${sec}.${nsec}`;
  const text = [...ends, own].join(' ');
  let left = 0n;
  for (const byte of hash(
    'sha1',
    Uint8Array.from(text, (c) => c.charCodeAt(0)),
  ))
    left = (left << 8n) | BigInt(byte);
  let made = 'C';
  for (let i = 0; i < LENGTH; i++, left /= 62n) made += DIGITS[Number(left % 62n)];
  return made;
}

/** A line without its end; null for what is no call of DCE/RPC. */
export function zeekLine(call: Call, uid: string, isJson: boolean): string | null {
  if (call.callId === null) return null;
  const { connection, iface, iid, operation, opnum } = call;
  const [client, server] = rolesOf(connection);
  const time = timeOf(call);
  const rtt = durationOf(call);
  const values = [
    isTold(time) ? new Microseconds(seconds(time)) : null,
    uid,
    client.address,
    client.port,
    server.address,
    server.port,
    rtt === null ? null : new Microseconds(rtt.toFixed(6)),
    // what the server calls it, which may be another name of the pipe
    connection.state.get(SECONDARY_ADDRESS).text || (connection.endpoint ?? String(server.port)),
    // as Zeek says it of what its tables lack
    iface?.name ?? (iid === null ? null : `unknown-${iid}`),
    operation?.name ?? (opnum === null ? null : `unknown-${opnum}`),
  ];
  if (!isJson) return values.map(tsv).join('\t');
  const members = values.map((value, i) => (value === null ? '' : `${JSON.stringify(COLUMNS[i][0])}:${json(value)}`));
  return `{${members.filter((member) => member !== '').join(',')}}`;
}

/** A time or an interval, written with six digits. */
class Microseconds {
  constructor(readonly text: string) {}
}

type Value = Microseconds | string | number | null;

function seconds({ sec, nsec }: Time): string {
  return `${BigInt(sec)}.${String(Math.floor(nsec / 1000)).padStart(6, '0')}`;
}

/** As Zeek's writer escapes: backslashes are doubled, and a value that looks as if it was none is told apart. */
function tsv(value: Value): string {
  if (value === null) return '-';
  if (typeof value === 'number') return String(value);
  if (value instanceof Microseconds) return value.text;
  const text = safe(value.replaceAll('\\', '\\\\'));
  return text === '-' ? '\\x2d' : text;
}

function json(value: Exclude<Value, null>): string {
  return value instanceof Microseconds ? value.text : JSON.stringify(value);
}
