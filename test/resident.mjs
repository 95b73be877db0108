/** Runs commands one behind the other in one process; says of each its exit code, and the peak of memory so far in kilobytes. */
import { createReadStream, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , main, requests, replies] = process.argv;
const lines = createInterface({ input: createReadStream('', { fd: openSync(requests, 'r') }) });
const reply = openSync(replies, 'w');
let count = 0;
for await (const line of lines) {
  process.argv = [process.execPath, main, ...JSON.parse(line)];
  process.exitCode = undefined;
  for (const fd of [1, 2]) if (fstatSync(fd).isFile()) ftruncateSync(fd);
  await import(`${main}?${count++}`);
  process.removeAllListeners('SIGINT');
  process.stderr.removeAllListeners('error');
  writeSync(reply, `${process.exitCode ?? 0} ${process.resourceUsage().maxRSS}\n`);
  globalThis.gc();
}
