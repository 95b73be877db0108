/**
 * The last step of a build: keeps what V8 compiled of the program when it ran over a sample, for src/cli/start.ts. Of
 * what a first run needs nothing is then compiled at the start.
 */
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { compile, run } from './dist/src/cli/start.js';

const file = fileURLToPath(new URL('dist/bundle/cli/program.cjs', import.meta.url));
const sample = fileURLToPath(new URL('samples/managed-object/capture.pcap', import.meta.url));
rmSync(`${file}.cache`, { force: true });
// a copy of the sources alone is built without
if (existsSync(sample)) {
  const script = compile(file);
  const { main } = run(script, file);
  // nobody wants to see what it prints
  closeSync(1);
  openSync(devNull, 'w');
  for (const args of [['calls'], ['calls', '-T', 'ndjson'], ['-V']]) await main([...args, sample]);
  writeFileSync(`${file}.cache`, script.createCachedData());
}
