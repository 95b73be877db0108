/**
 * Big captures out of small ones: each round moves every IPv4 address and every time stamp on, so that rounds are
 * different connections one after the other. ../shared/bench/make-captures.py does it where it is; this is a copy
 * of its idea for where it is not.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHARED = join(ROOT, '../shared');
export const OUT = join(ROOT, '.bench');
const MAKER = join(SHARED, 'bench/make-captures.py');

/** Captures of the project's own or shared with it, by name without what is behind the first dot. */
function sources() {
  const found = new Map();
  const todo = [join(ROOT, 'samples'), join(SHARED, 'captures/traffic'), join(SHARED, 'captures/real')];
  for (let folder = todo.shift(); folder !== undefined; folder = todo.shift()) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) todo.unshift(path);
      else if (/\.pcap$/.test(name) && !found.has(basename(name, '.pcap'))) found.set(basename(name, '.pcap'), path);
    }
  }
  return found;
}

/** Paths of those of the named captures that are there. */
export function captures(...names) {
  const all = sources();
  return names.filter((n) => all.has(n)).map((n) => all.get(n));
}

/** Makes `name` of about `bytes` out of captures; keeps one that is there already. */
export function bigCapture(name, bytes, from) {
  mkdirSync(OUT, { recursive: true });
  const out = join(OUT, `${name}.pcap`);
  if (existsSync(out) && Math.abs(statSync(out).size - bytes) < bytes / 5) return out;
  if (from.length === 0) throw new Error(`${name}: no captures to make it of`);
  process.stderr.write(`making ${out} ...\n`);
  const made = existsSync(MAKER)
    ? spawnSync('python3', [MAKER, out, String(bytes), ...from], { stdio: ['ignore', 'ignore', 'inherit'] })
    : { status: 1 };
  if (made.status !== 0) repeat(out, bytes, from.map(packetsOf));
  return out;
}

function packetsOf(path) {
  const stored = readFileSync(path);
  const data = path.endsWith('.gz') ? gunzipSync(stored) : stored;
  if (data.readUInt32LE(0) !== 0xa1b2c3d4 || data.readUInt32LE(20) !== 1) return [];
  const packets = [];
  for (let at = 24; at + 16 <= data.length; ) {
    const captured = data.readUInt32LE(at + 8);
    if (at + 16 + captured > data.length) break;
    packets.push({
      time: data.readUInt32LE(at) * 1e6 + data.readUInt32LE(at + 4),
      record: data.subarray(at, at + 16 + captured),
    });
    at += 16 + captured;
  }
  return packets;
}

function repeat(out, bytes, groups) {
  const file = openSync(out, 'w');
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262144, 16);
  head.writeUInt32LE(1, 20);
  writeSync(file, head);
  let clock = 1_700_000_000 * 1e6;
  for (let round = 0, written = 0; written < bytes; round++)
    for (const packets of groups) {
      if (packets.length === 0) continue;
      const first = packets[0].time;
      const parts = packets.map(({ time, record }) => moved(record, clock + time - first, round));
      clock += packets[packets.length - 1].time - first + 1e6;
      const all = Buffer.concat(parts.filter((p) => p !== null));
      writeSync(file, all);
      written += all.length;
    }
  closeSync(file);
}

/** A record with its time set and its IPv4 addresses in other networks; null for a later round without IPv4. */
function moved(record, time, round) {
  const copy = Buffer.from(record);
  copy.writeUInt32LE(Math.floor(time / 1e6), 0);
  copy.writeUInt32LE(time % 1e6, 4);
  let at = 28;
  while (at + 6 < copy.length && (copy.readUInt16BE(at) === 0x8100 || copy.readUInt16BE(at) === 0x88a8)) at += 4;
  if (at + 22 > copy.length || copy.readUInt16BE(at) !== 0x0800) return round === 0 ? copy : null;
  for (const address of [at + 14, at + 18]) {
    copy[address + 1] += round & 255;
    copy[address + 2] += (round >> 8) & 255;
  }
  return copy;
}

/** The mix that most gigabytes are: little of it, or nothing, is DCE/RPC. */
export function mixed(bytes) {
  const shared = join(SHARED, 'bench/mixed.pcap.gz');
  return bigCapture(
    `mixed-${bytes / 1e6}`,
    bytes,
    existsSync(shared) ? [shared] : [noise(), ...captures('clear-ndr', 'odd-bstr')],
  );
}

/** Flows of somebody else's protocols, where the mix is not there. */
function noise() {
  mkdirSync(OUT, { recursive: true });
  const out = join(OUT, 'noise.pcap');
  const head = Buffer.from('d4c3b2a1020004000000000000000000000004000100000' + '0', 'hex');
  const parts = [head.subarray(0, 24)];
  const text = Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n'.repeat(40));
  for (let flow = 0; flow < 400; flow++)
    for (let n = 0; n < 40; n++) {
      const payload = text.subarray(0, 20 + ((flow * 131 + n * 977) % 1300));
      const frame = Buffer.alloc(54 + payload.length);
      frame.writeUInt16BE(0x0800, 12);
      frame.writeUInt16BE(0x4500, 14);
      frame.writeUInt16BE(40 + payload.length, 16);
      frame[23] = 6;
      frame.writeUInt32BE(0x0a000000 + flow, 26);
      frame.writeUInt32BE(0x0a640001, 30);
      frame.writeUInt16BE(20000 + flow, 34);
      frame.writeUInt16BE(80, 36);
      frame.writeUInt32BE(1000 + n * 1400, 38);
      frame.writeUInt16BE(0x5010, 46);
      payload.copy(frame, 54);
      const record = Buffer.alloc(16);
      record.writeUInt32LE(1_700_000_000 + n, 0);
      record.writeUInt32LE(frame.length, 8);
      record.writeUInt32LE(frame.length, 12);
      parts.push(record, frame);
    }
  writeFileSync(out, Buffer.concat(parts));
  return out;
}

/** A folder of small files. */
export function manyFiles(count, from) {
  const folder = join(OUT, `many-${count}`);
  if (existsSync(folder) && readdirSync(folder).length === count) return folder;
  mkdirSync(folder, { recursive: true });
  const bytes = from.map((path) => readFileSync(path));
  for (let i = 0; i < count; i++)
    writeFileSync(join(folder, `${String(i).padStart(5, '0')}.pcap`), bytes[i % bytes.length]);
  return folder;
}
