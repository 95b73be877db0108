/** Lines as wide as the terminal: what is cut of them, and what is not. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { lineWidth } from '../../src/output/line-width.js';
import { clrscope, MAIN, ROOT, SHARED } from '../cli.js';

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

/** Captures of other programs too, where they lie beside the project: IPv6, SMB, fragments, texts of wide characters. */
const CAPTURES = [
  ...['managed-object', 'object-remoted', 'odd-bstr', 'remoting-soap'].map((name) => `samples/${name}/capture.pcap`),
  ...(SHARED === null ? [] : ['remoting/http-odd-soap', 'remoting/tcp-leases', 'smb/smb2-odd', 'real/profinet']).map(
    (name) => `../shared/captures/${name}.pcap`,
  ),
].join(' ');

test.each([
  ['objects', CAPTURES],
  ['calls', CAPTURES],
  ['read', CAPTURES],
  ['read -V', CAPTURES],
  ['read -x', 'samples/managed-object/capture.pcap'],
  ['stats', CAPTURES],
  ['audit', CAPTURES],
  ['audit', 'samples/managed-object/capture.pcap'],
  ['follow --connection 1', 'samples/managed-object/capture.pcap'],
  ['follow --object 0xf1fd42a29755d4c1', 'samples/managed-object/capture.pcap'],
  ['interfaces', ''],
  ['scenario', ''],
  ['audit --list-rules', ''],
  ['audit --explain IOI-003', ''],
  ...['read', 'calls', 'objects', 'stats', 'audit', 'follow', 'nrbf', 'submit', 'work', 'view'].map((c) => [
    c,
    '--help',
  ]),
])('%s on 80 columns has no line that is wider', { timeout: 120_000 }, (command, files) => {
  const lines = printed(80, `${command} ${files}`);
  expect(lines.length).toBeGreaterThan(5);
  // a path stands as it is
  const wide = lines.filter((line) => lineWidth(line) > 80 && !/^(?:== |clrscope: )/.test(line));
  expect(wide).toEqual([]);
});

const BLANKS = / +/g;

test('what an object tells on 80 columns is all that it tells, on more lines', () => {
  const command = 'objects samples/managed-object/capture.pcap';
  const [narrow, wide] = [80, 200].map((columns) => printed(columns, command));
  expect(narrow.length).toBeGreaterThan(wide.length);
  expect(narrow.join(' ').replace(BLANKS, ' ')).toBe(wide.join(' ').replace(BLANKS, ' '));
  expect(narrow).toContain('        references: 5 handed out, 5 released; released in 64→65');
});

test('the heading of a PDU over its tree is whole', () => {
  const command = "-V -Y 'frame.number == 28' samples/managed-object/capture.pcap";
  const [narrow, wide] = [80, 200].map((columns) => printed(columns, command));
  const heading = narrow.slice(
    0,
    narrow.findIndex((line) => line.startsWith('├')),
  );
  expect(heading.length).toBeGreaterThan(1);
  expect(heading.join(' ').replace(BLANKS, ' ')).toBe(wide[0].replace(BLANKS, ' '));
});

test('a line a PDU on 80 columns says what came of a call', () => {
  const lines = printed(80, 'samples/managed-object/capture.pcap');
  expect(lines.filter((line) => line.includes('✗')).map((line) => /✗ (?:fault )?0x\w{8}/.test(line))).toEqual([
    true,
    true,
    true,
  ]);
});

test.each(['objects', 'read', '-V', 'follow --connection 1'])('%s gives a pipe whole lines', (command) => {
  const { out } = clrscope([...command.split(' '), 'samples/managed-object/capture.pcap']);
  expect(Math.max(...out.split('\n').map(lineWidth))).toBeGreaterThan(120);
});
