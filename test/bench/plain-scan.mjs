/** The least that any program in Node must do: read a classic capture and step over its records. */
import { closeSync, openSync, readSync } from 'node:fs';

const file = openSync(process.argv[2], 'r');
const buffer = Buffer.alloc(1 << 20);
let kept = 0;
let packets = 0;
let skip = 24;
for (;;) {
  const n = readSync(file, buffer, kept, buffer.length - kept, null);
  if (n === 0) break;
  const end = kept + n;
  let at = skip;
  while (at + 16 <= end) {
    packets++;
    at += 16 + buffer.readUInt32LE(at + 8);
  }
  skip = Math.max(0, at - end);
  kept = Math.max(0, end - at);
  if (kept > 0) buffer.copyWithin(0, at, end);
}
closeSync(file);
console.log(packets);
