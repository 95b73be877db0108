/** Every remoting capture against what both its programs logged: what `judge.py remoting` holds, run by the tests. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAIN, ROOT } from '../cli.js';

const FOLDER = `${ROOT}../shared/captures/remoting`;
const JUDGE = `${ROOT}../shared/judge/judge.py`;
const isHere = existsSync(FOLDER) && existsSync(JUDGE);
const captures = isHere ? readdirSync(FOLDER).filter((f) => f.endsWith('.pcap')) : [];

describe.skipIf(!isHere)('remoting captures and their truth (skipped: no ../shared)', () => {
  it('there are some', () => {
    expect(captures.length).toBeGreaterThan(15);
  });

  it.each(captures)('%s', (capture) => {
    const only = capture.replace('.pcap', '.*');
    const args = [JUDGE, '--bin', `${process.execPath} ${MAIN}`, '--only', only, 'remoting'];
    const { stdout, status } = spawnSync('python3', args, { encoding: 'utf8' });
    expect({ status, stdout }, stdout).toMatchObject({ status: 0 });
  });
});
