/** Captures that differ in their times alone. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cli.js';

const SAMPLES = ['managed-object', 'object-remoted', 'ccw-layouts', 'remoting-tcp'].map((name) =>
  readFileSync(`${ROOT}samples/${name}/capture.pcap`),
);

/** A sample, so many hours later. */
export function captureLater(hours: number): Buffer {
  const bytes = Buffer.from(SAMPLES[hours % SAMPLES.length]);
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8))
    bytes.writeUInt32LE(bytes.readUInt32LE(at) + 3600 * hours, at);
  return bytes;
}

/** Writes captures into a new folder, by names that make no group of them. */
export function captures(folder: string, count: number): string {
  mkdirSync(folder);
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${nameAt(i)}.pcap`), captureLater(i));
  return folder;
}

/** A name of letters alone. */
const nameAt = (i: number): string => i.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]);
