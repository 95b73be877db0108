/** Lines as wide as the terminal: what is cut of them, and what is not. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { MAIN, ROOT } from '../cli.js';

/** What a command prints on a terminal of so many columns, line by line. */
function printed(columns: number, command: string): string[] {
  const run = `stty cols ${columns}; exec ${process.execPath} ${MAIN} ${command}`;
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', COLUMNS: undefined };
  const { stdout } = spawnSync('script', ['-qec', run, '/dev/null'], { encoding: 'utf8', cwd: ROOT, env });
  return stdout.split(/\r*\n/).filter((line) => line !== '');
}

test.each([80, 100, 120])('calls on %d columns: which failed is to be seen, and how', (columns) => {
  const lines = printed(columns, 'calls samples/managed-object/capture.pcap');
  expect(lines).toHaveLength(17);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
  const call = (number: number) => lines[number];
  expect(call(13)).toMatch(/IRemoteDis.*✗ 0x80131501/);
  expect(call(14)).toMatch(/IServicedC.*✗ 0x80004002/);
  expect(call(15)).toMatch(/IManagedOb.*✗ fault 0x000006be/);
  expect(lines.filter((line) => line.includes('✗'))).toHaveLength(3);
});

test('stats on 80 columns has no line that is wider', () => {
  for (const line of printed(80, 'stats samples/managed-object/capture.pcap'))
    expect(line.length, line).toBeLessThanOrEqual(80);
});
