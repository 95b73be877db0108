/** Secrets never appear in any output: passwords, NT hashes, in any command, format or file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { md4 } from '../src/security/crypto/md4.js';
import { clrscope, ROOT } from './cli.js';

const folder = `${ROOT}samples/ntlm-sealed/`;
const [{ user, password }] = JSON.parse(readFileSync(`${folder}secrets.json`, 'utf8')).accounts;
const hash = Buffer.from(md4(Buffer.from(password, 'utf16le')));
const FORBIDDEN = [
  Buffer.from(password),
  Buffer.from(password, 'utf16le'),
  Buffer.from(Buffer.from(password, 'utf16le').toString('hex')),
  hash,
  Buffer.from(hash.toString('hex')),
  Buffer.from(hash.toString('base64')),
];

function leaks(bytes: Buffer): boolean {
  return FORBIDDEN.some((secret) => bytes.includes(secret));
}

const capture = `${folder}capture.pcap`;
const COMMANDS = [
  ['calls'],
  ['calls', '-T', 'ndjson', '--full'],
  ['-V', '-x'],
  ['-T', 'json', '--full'],
  ['-T', 'ek'],
  ['objects', '-T', 'json'],
  ['stats', '-T', 'json'],
  ['audit'],
  ['audit', '-T', 'json'],
  ['audit', '-T', 'sarif'],
  ['audit', '-T', 'html'],
];

describe('secrets', () => {
  it.each(COMMANDS.map((args) => [args.join(' '), args] as const))('%s does not print them', (_, args) => {
    const { code, out, err } = clrscope([...args, '--secrets', `${folder}secrets.json`, capture]);
    expect(code).toBe(0);
    expect(leaks(Buffer.from(out + err))).toBe(false);
  });

  it('vectors do not hold them', () => {
    const out = mkdtempSync(join(tmpdir(), 'clrscope-'));
    try {
      expect(clrscope(['vectors', '--secrets', `${folder}secrets.json`, capture, '-o', join(out, 'v')]).code).toBe(0);
      const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).map((f) => join(out, f));
      const plain = files.filter((f) => statSync(f).isFile());
      expect(plain.length).toBeGreaterThan(10);
      for (const f of plain) expect(leaks(readFileSync(f)), f).toBe(false);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it('a wrong one opens nothing, and that is said once for each security context', () => {
    const out = mkdtempSync(join(tmpdir(), 'clrscope-'));
    try {
      const wrong = join(out, 'wrong.json');
      writeFileSync(wrong, JSON.stringify({ accounts: [{ user, password: 'not it at all' }] }));
      const done = clrscope(['calls', '-T', 'ndjson', '--secrets', wrong, capture]);
      expect(done.code).toBe(0);
      const calls = done.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(calls.every((c) => c.auth.decrypted === false && c.auth.verified !== true)).toBe(true);
      const warnings = done.err.split('\n').filter((line) => line !== '');
      expect(warnings.length).toBeGreaterThan(0);
      expect(new Set(warnings).size).toBe(warnings.length);
      expect(done.err).not.toContain('not it at all');
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});
