/** Runs commands one behind the other in one process; says of each its exit code, and the peak of memory so far in kilobytes. */
import { createReadStream, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , main, requests, replies] = process.argv;
const lines = createInterface({ input: createReadStream('', { fd: openSync(requests, 'r') }) });
const reply = openSync(replies, 'w');
const program = createRequire(import.meta.url)(join(dirname(main), 'start.js')).load();
for await (const line of lines) {
  process.exitCode = undefined;
  for (const fd of [1, 2]) if (fstatSync(fd).isFile()) ftruncateSync(fd);
  await program.main(JSON.parse(line));
  process.removeAllListeners('SIGINT');
  process.stderr.removeAllListeners('error');
  writeSync(reply, `${process.exitCode ?? 0} ${process.resourceUsage().maxRSS}\n`);
  globalThis.gc();
}
