/** What a start costs: only what a command needs is loaded. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN, ROOT } from './cli.js';

const CAPTURE = join(ROOT, 'samples/managed-object/capture.pcap');

it('loads of Node what a command needs', () => {
  const told = "process.on('exit', () => console.error(process.moduleLoadList.join()))";
  const code = `${told}; require(${JSON.stringify(MAIN)})`;
  const { stderr } = spawnSync(process.execPath, ['-e', code, 'clrscope', 'calls', CAPTURE], { encoding: 'utf8' });
  const loaded = stderr.split(',').flatMap((name) => /^NativeModule ([a-z].*)/.exec(name)?.[1] ?? []);
  expect(loaded).toContain('fs');
  for (const name of ['crypto', 'fs/promises', 'http', 'https', 'readline']) expect(loaded).not.toContain(name);
});
