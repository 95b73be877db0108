/** What `query` answers where calls want no answer, and says where what was asked cannot be answered. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { QueryTables } from '../../src/cli/query/duckdb.js';
import { UserError } from '../../src/core/user-error.js';
import { ethernet, ipv4, pcapFile, udp } from '../bytes.js';
import { clrscope, MAIN, ROOT } from '../cli.js';
import { DUCKDB, type Row, rows } from './duckdb.js';

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;

const folder = mkdtempSync(join(tmpdir(), 'clrscope-answers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A request of IManagedObject.GetObjectIdentity in a datagram (C706 12.5.2; 0x10: nobody is asked for an answer). */
function dcerpcDatagram(flags: number): Uint8Array {
  const header = '0400000010000000032000006e01450d5bab0522ea7f54769ec1fcc370a9d2118b5a00a0c9b7c9c4';
  const rest = '27cb5c172c77d9f3e67e02dfdf7691910000000000000000000000000400ffffffff200000000000';
  const stub = '050007000000000000000000fd050dc607e7c00db9b3b5c159c51b6700000000';
  const datagram = Buffer.from(header + rest + stub, 'hex');
  datagram[2] = flags;
  return datagram;
}

/** The sample without the request of a call. */
function withoutRequest(which: string): string {
  const [{ request_frames: frames }] = rows(`FROM calls WHERE ${which}`, CAPTURE);
  const bytes = readFileSync(CAPTURE);
  const kept = [bytes.subarray(0, 24)];
  for (let [at, frame] = [24, 1]; at < bytes.length; frame++) {
    const next = at + 16 + bytes.readUInt32LE(at + 8);
    if (!(frames as number[]).includes(frame)) kept.push(bytes.subarray(at, next));
    at = next;
  }
  const lost = join(folder, `without-${frames}.pcap`);
  writeFileSync(lost, Buffer.concat(kept));
  return lost;
}

function asked(question: string, ...files: string[]): Row[] {
  return JSON.parse(clrscope(['query', '--ask', question, ...files, '-T', 'json', '-q']).out);
}

describe.skipIf(!DUCKDB)('query', () => {
  test('says what else stands for a PIVOT that looks for its columns itself', () => {
    const { code, err } = clrscope(['query', 'PIVOT calls ON operation USING count(*)', CAPTURE]);
    expect([code, err]).toEqual([2, expect.stringContaining('PIVOT calls ON operation IN (')]);
    const named = "PIVOT calls ON operation IN ('GetObjectIdentity') USING count(*) GROUP BY capture";
    expect(rows(named, CAPTURE)).toContainEqual({ capture: 'capture.pcap', GetObjectIdentity: 1 });
  });

  test('says so where a text is longer than a string can be', async () => {
    const getRows = (): never => {
      throw new Error('Cannot create a string longer than 0x1fffffe8 characters');
    };
    const chunk = { rowCount: 1, getRows };
    const streamed = { deduplicatedColumnNames: () => ['x'], fetchChunk: () => Promise.resolve(chunk) };
    const prepared = { statementType: 1, stream: () => Promise.resolve(streamed) };
    const connection = { run: async () => {}, prepare: async () => prepared, interrupt() {}, closeSync() {} };
    const instance = { connect: async () => connection, closeSync() {} };
    const duckdb = { DuckDBInstance: { create: async () => instance }, StatementType: { 1: 'SELECT' } };
    const tables = await QueryTables.open(duckdb, [], folder, null);
    const { names, next } = await tables.ask('SELECT x');
    expect(names).toEqual(['x']);
    await expect(next()).rejects.toThrow(UserError);
  });

  test('tells calls that want no answer from those that got none', () => {
    const [wanted, maybe] = ['wanted', 'maybe'].map((name) => join(folder, `${name}.pcap`));
    for (const [file, flags] of [
      [wanted, 0],
      [maybe, 0x10],
    ] as const) {
      const request = dcerpcDatagram(flags);
      writeFileSync(file, pcapFile([{ bytes: ethernet(ipv4('10.0.0.1', '10.0.0.2', 17, udp(1025, 4997, request))) }]));
    }
    expect(rows('SELECT capture, outcome, one_way FROM calls ORDER BY capture', wanted, maybe)).toEqual([
      { capture: 'maybe.pcap', outcome: 'one-way', one_way: true },
      { capture: 'wanted.pcap', outcome: 'unanswered', one_way: false },
    ]);
    expect(asked('unanswered', wanted, maybe).map(({ capture }) => capture)).toEqual(['wanted.pcap']);
  });

  test('tells interfaces that it does not decode from calls whose request was not captured', () => {
    const lost = withoutRequest("operation = 'GetObjectIdentity'");
    const unread = "SELECT interface, operation FROM calls WHERE decoded = 'no'";
    expect(rows(unread, lost)).toEqual([{ interface: 'IManagedObject', operation: null }]);
    expect(asked('undecoded-interfaces', lost)).toEqual([]);
  });

  test('names operations that failed, and none where nothing tells which it was', () => {
    const lost = withoutRequest("outcome = 'fault'");
    expect(rows("SELECT operation FROM calls WHERE outcome = 'fault'", lost)).toEqual([{ operation: null }]);
    const faults = asked('failing-results', lost).filter(({ outcome }) => outcome === 'fault');
    expect(faults.map(({ operations }) => operations)).toEqual([null]);
  });

  test('says so where a file stands in front of the SQL', () => {
    for (const words of [[CAPTURE], [CAPTURE, 'SELECT 1']]) {
      const { code, err } = clrscope(['query', ...words]);
      expect([code, err]).toEqual([2, expect.stringContaining('is a file, and stands where the SQL should')]);
    }
  });

  test('says which folder is full or not there where nobody named one', () => {
    const temporary = join(folder, 'small');
    const query = (file: string) => {
      const words = [process.execPath, MAIN, 'query', 'SELECT 1', file].map((word) => `'${word}'`).join(' ');
      const env = { ...process.env, TMPDIR: temporary };
      return spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 2; exec ${words}`], { encoding: 'utf8', env });
    };
    const named = `clrscope: ${temporary} (TMPDIR names another folder): `;
    expect(query(CAPTURE)).toMatchObject({ status: 2, stderr: `${named}there is no such file or folder\n` });
    mkdirSync(temporary);
    const { status, stderr } = query(CAPTURE);
    expect(stderr.startsWith(`${named}the file may not grow so large`)).toBe(true);
    expect(status).toBe(2);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('takes the 95th percentile that stats takes', () => {
    const { operations } = JSON.parse(clrscope(['stats', '-T', 'json', CAPTURE]).out);
    const told = operations.map((o: Row & { times: Row }) => [o.interface, o.operation, o.times.count, o.times.p95]);
    const answered = asked('slowest-operations', CAPTURE).map((r) => [r.interface, r.operation, r.answered, r.p95]);
    expect(answered.sort()).toEqual(told.sort());
    expect(Math.max(...told.map(([, , count]: number[]) => count))).toBeGreaterThan(1);
  });
});
