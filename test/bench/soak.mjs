/**
 * Does memory follow the size of a capture? Connections that are all different are piped into the program, no file in
 * between: of four, one is whole, one never ends, one has a hole, and one lacks the end of its last PDU. One of sixteen
 * is long, so that gigabytes do not take hours.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { captures } from './inputs.mjs';
import { held } from './measure.mjs';
import { clrscope } from './programs.mjs';

/** Gigabytes for each command. */
const RUNS = [
  ['calls', [0.25, 1, 4]],
  ['calls -T ndjson', [0.25, 1]],
  ['objects', [0.25, 1, 4]],
  ['stats', [0.25, 1, 4]],
  ['audit', [0.25, 1, 4]],
];
/** Of the input: where memory is looked at. */
const POINTS = [0.1, 0.25, 0.5, 0.75, 1];
const MOST_MB = 300;

/** Records of a capture's packets with how much each carries, the file's header left out. */
function packetsOf(path) {
  const data = readFileSync(path);
  const packets = [];
  for (let at = 24; at + 16 <= data.length; ) {
    const end = at + 16 + data.readUInt32LE(at + 8);
    const ip = at + 30;
    const tcp = ip + ((data[ip] & 15) << 2);
    const payload = ip + data.readUInt16BE(ip + 2) - tcp - ((data[tcp + 12] >> 4) << 2);
    packets.push({ record: data.subarray(at, end), payload, ends: (data[tcp + 13] & 5) !== 0 });
    at = end;
  }
  return packets;
}

/** What is sent again and again, with other addresses: one way to end a conversation, or to be cut. */
function variants(packets) {
  const data = packets.filter((p) => p.payload > 0);
  const hole = data[data.length >> 1];
  const last = data.at(-1);
  const keep = [() => true, (p) => !p.ends, (p) => p !== hole, (p) => p !== last && !p.ends];
  return keep.map((f) => {
    const records = packets.filter(f).map((p) => p.record);
    const bytes = Buffer.concat(records);
    const places = [];
    for (let at = 0; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) places.push(at + 30);
    return { bytes, places };
  });
}

/** A conversation with addresses that no other has. */
function round(n, { bytes, places }) {
  const copy = Buffer.from(bytes);
  for (const ip of places)
    for (const address of [ip + 12, ip + 16]) {
      copy[address + 1] += n & 255;
      copy[address + 2] += (n >> 8) & 255;
      copy[address] += (n >> 16) & 63;
    }
  return copy;
}

/** Memory of a process in megabytes, and the most that it ever had. */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { now: mb('VmRSS'), peak: mb('VmHWM') };
}

/** Pipes so many bytes into a command; tells its memory on the way. */
async function feed(command, from, bytes) {
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = new Promise((resolve, reject) =>
    child.on('close', (code) => (code === 0 || code === 3 ? resolve() : reject(new Error(`exit ${code}`)))),
  );
  const write = (b) => child.stdin.write(b) || new Promise((resolve) => child.stdin.once('drain', resolve));
  const began = performance.now();
  const samples = [];
  let written = 0;
  let peak = 0;
  await write(readFileSync(from.path).subarray(0, 24));
  for (let n = 0; written < bytes; n++) {
    const isLong = n % 16 === 15;
    const conversation = isLong ? round(n, from.long[(n >> 4) & 3]) : round(n, from.short[n & 3]);
    written += conversation.length;
    await write(conversation);
    if (n % 256 === 0) peak = Math.max(peak, memory(child.pid).peak);
    while (samples.length < POINTS.length && written >= bytes * POINTS[samples.length])
      samples.push(memory(child.pid).now);
  }
  peak = Math.max(peak, memory(child.pid).peak);
  child.stdin.end();
  // what is written at the very end counts too
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, memory(child.pid).peak);
    } catch {}
  }, 20);
  await closed;
  clearInterval(timer);
  return { samples, peak, seconds: (performance.now() - began) / 1000 };
}

/** Lines of the section. */
export async function soak(_rounds, runs = RUNS) {
  const [path, longer] = captures('ccw-variants', 'clear-big');
  const from = { path, short: variants(packetsOf(path)), long: variants(packetsOf(longer)) };
  const average = (all) => all.reduce((sum, v) => sum + v.bytes.length, 0) / all.length;
  const each = (15 * average(from.short) + average(from.long)) / 16;
  const lines = [
    `| command | GB | connections | s | MB at ${POINTS.map((p) => `${p * 100} %`).join(', ')} | peak MB |`,
    '|---|---:|---:|---:|---:|---:|',
  ];
  const aims = [];
  for (const [command, sizes] of runs) {
    const peaks = [];
    for (const gb of sizes) {
      const { samples, peak, seconds } = await feed(clrscope(...command.split(' '), '-'), from, gb * 1e9);
      peaks.push(peak);
      process.stderr.write(
        `${command}, ${gb} GB: ${seconds.toFixed(0)} s, ${samples.map(Math.round).join(' ')}, peak ${peak.toFixed(0)} MB\n`,
      );
      lines.push(
        `| \`${command}\` | ${gb} | ${Math.round((gb * 1e9) / each)} | ${seconds.toFixed(0)} | ${samples.map((m) => m.toFixed(0)).join(', ')} | ${peak.toFixed(0)} |`,
      );
    }
    aims.push({
      row: `memory, distinct connections: \`${command}\`, ${sizes.at(-1)} GB`,
      ...held(peaks.at(-1), { most: MOST_MB }),
    });
  }
  return { lines, aims };
}
