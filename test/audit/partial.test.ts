/** A report that does not speak of everything says so, on top and in every format; an empty one says what was looked at. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Audit, RULES, reportOf } from '../../src/analysis/audit/index.js';
import { auditHtml } from '../../src/output/audit/html.js';
import { auditToJson } from '../../src/output/audit/json.js';
import { auditToSarif } from '../../src/output/audit/sarif.js';
import { auditText } from '../../src/output/audit/text.js';
import { asProcess, clrscope, MAIN, ROOT } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const SEALED = `${ROOT}samples/ntlm-sealed/capture.pcap`;
const whole = readFileSync(SAMPLE);

interface Json {
  partial: null | { reasons: string[]; interrupted: object | null; notRead: string[] };
  captures: string[];
  looked: object;
  findings: { places: { capture: string }[] }[];
}

/** A page's text without its script and style. */
const textOf = (page: string): string =>
  page
    .replaceAll(/<(script|style).*?<\/\1>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('what makes a report partial', () => {
  const audit = new Audit(RULES);
  audit.begin('a/big.pcap');
  audit.incomplete.interrupted = { capture: 'a/big.pcap', packets: 1234, percent: 12 };
  audit.incomplete.notRead.push('b.pcap', 'c.pcap');
  audit.incomplete.unreadable.push({ capture: 'pic.pcap', reason: 'it is a picture' });
  audit.incomplete.damaged.push({ capture: 'cut.pcap', reason: 'byte 7: <b>cut</b>' });
  audit.incomplete.limits.push({ capture: 'a/big.pcap', message: 'more than 3 open calls' });
  const report = reportOf(audit.result(), null, '1');
  const REASONS = [
    'interrupted in big.pcap behind packet 1234 (12 % of it): what follows was not read',
    'interrupted before b.pcap, c.pcap: not read at all',
    'pic.pcap could not be read: it is a picture',
    'cut.pcap is cut short or damaged: byte 7: <b>cut</b>',
    'big.pcap: more than 3 open calls',
  ];

  test('text: behind the headline, in front of everything else', () => {
    const lines = auditText(report, { color: false, width: 120 }).split('\n');
    expect(lines[1]).toBe('This report is partial:');
    expect(lines.slice(2, 7)).toEqual(REASONS.map((reason) => `  - ${reason}`));
  });

  test('JSON and SARIF', () => {
    expect(auditToJson(report).partial).toEqual({ reasons: REASONS, ...audit.incomplete });
    const [run] = auditToSarif(report).runs as { invocations: object[] }[];
    expect(run.invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: REASONS.map((text) => ({
          level: 'warning',
          message: { text: `Partial: ${text}.` },
        })),
      },
    ]);
  });

  test('the page: on top, and no markup', () => {
    const page = auditHtml(report);
    const text = textOf(page);
    expect(text.indexOf('This report is partial.')).toBeGreaterThan(0);
    expect(text.indexOf('This report is partial.')).toBeLessThan(text.indexOf('critical'));
    expect(text).toContain(REASONS[0]);
    expect(page).not.toContain('<b>cut</b>');
  });

  test('a whole one says nothing of the kind', () => {
    const other = new Audit(RULES);
    other.begin('a.pcap');
    other.end();
    const all = reportOf(other.result(), null, '1');
    expect(auditToJson(all).partial).toBeNull();
    for (const text of [auditText(all, { color: false, width: 100 }), textOf(auditHtml(all))])
      expect(text).not.toMatch(/partial|interrupted/i);
    const [run] = auditToSarif(all).runs as { invocations: object[] }[];
    expect(run.invocations).toEqual([{ executionSuccessful: true }]);
  });
});

describe.skipIf(!existsSync(MAIN))('clrscope audit', () => {
  const json = (args: readonly string[], input?: Uint8Array): { code: number | null; doc: Json } => {
    const { code, out } = asProcess(['audit', '-q', '-T', 'json', ...args], input);
    return { code, doc: JSON.parse(out) as Json };
  };

  test('a capture that is none, and one that is cut, among others', () => {
    const none = join(folder, 'none.pcap');
    const cut = join(folder, 'cut.pcap');
    writeFileSync(none, 'this is text');
    writeFileSync(cut, whole.subarray(0, 5000));
    const { code, doc } = json([SAMPLE, none, cut]);
    expect(code).not.toBe(0);
    expect(doc.captures).toEqual([SAMPLE, none, cut]);
    expect(doc.partial?.reasons).toHaveLength(2);
    expect(doc.partial?.reasons[0]).toMatch(/^none\.pcap could not be read: /);
    expect(doc.partial?.reasons[1]).toMatch(/^cut\.pcap is cut short or damaged: byte \d+: /);
    expect(clrscope(['audit', '-q', SAMPLE, none]).out.split('\n')[1]).toBe('This report is partial:');
    expect(json([SAMPLE]).doc.partial).toBeNull();
  });

  test('limits that were met', () => {
    const { doc } = json(['--limit', 'open-calls=1', `${ROOT}samples/odd-bstr/capture.pcap`, '--limit', 'findings=2']);
    expect(doc.partial?.reasons.join('\n')).toContain('--limit findings=N');
  });

  test('Ctrl-C while a pipe feeds without end', { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, [MAIN, 'audit', '-T', 'json', '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const out: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stdin.on('error', () => {});
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.stdin.write(whole);
    const feed = setInterval(() => child.stdin.write(whole.subarray(24)), 2);
    const stop = setTimeout(() => child.kill('SIGINT'), 3000);
    const code = await ended;
    clearInterval(feed);
    clearTimeout(stop);
    expect(code).toBe(130);
    const doc = JSON.parse(Buffer.concat(out).toString()) as Json;
    expect(doc.findings.length).toBeGreaterThan(5);
    expect(doc.partial?.interrupted).toMatchObject({ capture: '-', percent: null });
    expect(doc.partial?.reasons[0]).toMatch(/^interrupted in standard input behind packet \d+: /);
  });

  test('Ctrl-C in the first of two captures, in which nothing is of ours', { timeout: 60_000 }, async () => {
    // packets that no PDU comes of, and enough of them that the interrupt finds the program reading
    const packet = Buffer.alloc(16 + 60);
    packet.writeUInt32LE(60, 8);
    packet.writeUInt32LE(60, 12);
    const big = join(folder, 'big.pcap');
    writeFileSync(big, Buffer.concat([whole.subarray(0, 24), ...Array<Buffer>(2_000_000).fill(packet)]));
    const child = spawn(process.execPath, [MAIN, 'audit', '--progress', '-T', 'json', big, SAMPLE]);
    const out: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    // the progress bar: it reads
    child.stderr.once('data', () => child.kill('SIGINT'));
    const code = await ended;
    rmSync(big);
    expect(code).toBe(130);
    const { partial, captures } = JSON.parse(Buffer.concat(out).toString()) as Json;
    expect(captures).toEqual([big]);
    expect(partial).toMatchObject({ interrupted: { capture: big }, notRead: [SAMPLE] });
    expect(partial?.reasons[0]).toMatch(/^interrupted in big\.pcap behind packet \d+ \(\d+ % of it\): /);
  });

  test('nothing found: what was looked at, and what could not be', () => {
    const other = join(folder, 'other.pcap');
    const packet = Buffer.alloc(16 + 60);
    packet.writeUInt32LE(60, 8);
    packet.writeUInt32LE(60, 12);
    writeFileSync(other, Buffer.concat([whole.subarray(0, 24), packet, packet]));
    expect(clrscope(['audit', other]).out).toContain('Nothing was found. Looked at: 2 packets, none of them DCE/RPC.');
    writeFileSync(other, whole.subarray(0, 24));
    expect(clrscope(['audit', other]).out).toContain('Nothing was found. Looked at: no packet.');
    const sealed = clrscope(['audit', '--rule', 'IOI-005', SEALED]).out.replaceAll(/\s+/g, ' ');
    expect(sealed).toMatch(/Nothing was found\. Looked at: \d+ packets, \d+ PDUs, 16 calls\./);
    expect(sealed).toContain('16 of 16 calls are sealed and could not be opened');
    expect(json([SEALED]).doc.looked).toMatchObject({ calls: 16, sealed: 16, cut: 0 });
  });

  test('one capture is not named with each finding, several are, by their paths where their names are alike', () => {
    const one = clrscope(['audit', '-q', SAMPLE]).out;
    expect(one.match(/capture\.pcap/g)).toHaveLength(1);
    const other = join(folder, 'capture.pcap');
    writeFileSync(other, readFileSync(`${ROOT}samples/ntlm-sealed/capture.pcap`));
    const two = clrscope(['audit', '-q', SAMPLE, SEALED]).out.replaceAll(/\s+/g, ' ');
    expect(two).toContain(`${SAMPLE} frame`);
    expect(two).toContain(`${SEALED} frame`);
    const page = textOf(clrscope(['audit', '-q', '-T', 'html', SAMPLE, SEALED]).out);
    expect(page).toContain(`${SAMPLE} frame`);
    expect(page).toContain(`2 captures ${SAMPLE} ${SEALED} `);
  });
});
