/** Runs commands one behind the other in one process; says of each its exit code, and the peak of memory so far in kilobytes. */
import { createReadStream, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [, , main, requests, replies] = process.argv;
const lines = createInterface({ input: createReadStream('', { fd: openSync(requests, 'r') }) });
const reply = openSync(replies, 'w');
const require = createRequire(import.meta.url);
const program = main.replace(/main\.js$/, 'program.cjs');
for await (const line of lines) {
  process.argv = [process.execPath, main, ...JSON.parse(line)];
  process.exitCode = undefined;
  for (const fd of [1, 2]) if (fstatSync(fd).isFile()) ftruncateSync(fd);
  // main.js does not say when it is over
  delete require.cache[program];
  await require(program).main(process.argv.slice(2));
  process.removeAllListeners('SIGINT');
  process.stderr.removeAllListeners('error');
  writeSync(reply, `${process.exitCode ?? 0} ${process.resourceUsage().maxRSS}\n`);
  globalThis.gc();
}
