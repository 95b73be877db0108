/** Runs commands one behind the other in one process; says of each its exit code, and the peak of memory so far in kilobytes. */
import { createReadStream, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [, , requests, replies] = process.argv;
// first of all: whoever started it waits for that
const fd = openSync(requests, 'r');
const reply = openSync(replies, 'w');
const built = fileURLToPath(new URL('../dist/', import.meta.url));
const { compile, run } = await import(`${built}src/cli/start.js`);
const program = `${built}bundle/cli/program.cjs`;
const { main } = run(compile(program), program);
const lines = createInterface({ input: createReadStream('', { fd }) });
for await (const line of lines) {
  process.exitCode = undefined;
  for (const printed of [1, 2]) if (fstatSync(printed).isFile()) ftruncateSync(printed);
  await main(JSON.parse(line));
  process.removeAllListeners('SIGINT');
  process.stderr.removeAllListeners('error');
  writeSync(reply, `${process.exitCode ?? 0} ${process.resourceUsage().maxRSS}\n`);
  globalThis.gc();
}
