/** `export`: tables hold what the other commands say, and the same twice. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExportFolder } from '../../src/cli/export/folder.js';
import { TABLES } from '../../src/output/tables/tables.js';
import { concat, enhancedPacket, ethernet, interfaceBlock, sectionHeader, simplePacket } from '../bytes.js';
import { asProcess, clrscope, ROOT, SHARED } from '../cli.js';
import { allCaptures } from '../fuzz/way.js';
import { RAW } from '../printed.js';
import { filesOf, manifestOf, parquet, type Row } from './exported.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;
const REMOTING = `${ROOT}samples/remoting-tcp/capture.pcap`;

function lines(path: string): Row[] {
  const all = readFileSync(path, 'utf8').split('\n');
  return all.filter((line) => line !== '').map((line) => JSON.parse(line));
}

const microseconds = (iso: string): bigint =>
  BigInt(Date.parse(iso)) * 1000n + BigInt(/\.\d{3}(\d{3})/.exec(iso)?.[1] ?? 0);

/** What `calls -T ndjson` says, as the columns of the contract. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of another process
function expected(c: any): Row {
  const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  return {
    capture: c.capture,
    call: c.call,
    time: microseconds(c.time),
    duration: c.duration,
    client_address: c.client.address,
    client_port: c.client.port,
    server_address: c.server.address,
    server_port: c.server.port,
    transport: c.transport,
    auth_type: c.auth.type,
    auth_level: c.auth.level,
    auth_user: c.auth.user,
    decrypted: c.auth.decrypted,
    verified: c.auth.verified,
    syntax: c.syntax,
    community_id: c.communityId,
    call_id: c.callId,
    context_id: c.contextId,
    opnum: c.opnum,
    iid: c.iid,
    interface: c.interface,
    interface_from: c.interfaceFrom,
    operation: c.operation,
    object: c.object,
    causality: c.causality,
    one_way: c.oneWay,
    hresult: c.hresult?.code ?? null,
    hresult_name: c.hresult?.name ?? null,
    exception: c.hresult?.exception ?? null,
    fault: c.fault?.status ?? null,
    fault_name: c.fault?.name ?? null,
    request_frames: c.frames.request,
    response_frames: c.frames.response,
    in_length: c.stub.in?.length ?? null,
    out_length: c.stub.out?.length ?? null,
    summary: c.summary,
    warnings: c.warnings.map(({ code }: { code: string }) => code),
    in_json: json(c.in),
    out_json: json(c.out),
  };
}

const inputs = [`${ROOT}samples`, ...(SHARED === null ? [] : [`${SHARED}captures`])];

describe.each(inputs)('tables of %s', (input) => {
  const out = join(folder, String(inputs.indexOf(input)));
  let manifest: ReturnType<typeof manifestOf>;
  beforeAll(() => {
    expect(clrscope(['export', input, '-o', out, '-q', '--jobs', '1']).code).toBe(0);
    manifest = manifestOf(out);
  });

  test('calls are those of `calls`', async () => {
    let compared = 0;
    for (const { digest, sources } of manifest.parts) {
      const told = clrscope(['calls', '-T', 'ndjson', '-q', sources[0]]).out;
      const wanted = told.split('\n').flatMap((line) => (line === '' ? [] : [expected(JSON.parse(line))]));
      const rows = await parquet(join(out, 'calls', `${digest}.parquet`));
      expect(rows.map(({ part: _, outcome: __, decoded: ___, ...row }) => row)).toEqual(wanted);
      for (const row of rows) expect(row.part).toBe(digest.slice(0, 16));
      compared += rows.length;
    }
    expect(compared).toBeGreaterThan(90);
  });

  test('every part has every table, with as many rows as the manifest says', async () => {
    expect(manifest.parts.length).toBeGreaterThan(5);
    for (const { digest, tables } of manifest.parts)
      for (const { name } of TABLES) {
        const path = join(out, name, `${digest}.parquet`);
        expect((await parquet(path)).length, path).toBe(tables[name].rows);
        expect(statSync(path).size).toBe(tables[name].bytes);
      }
  });

  test('PDUs, connections, calls and NRBF lead to each other', async () => {
    for (const { digest } of manifest.parts) {
      const of = (name: string): Promise<Row[]> => parquet(join(out, name, `${digest}.parquet`));
      const [calls, pdus, connections, [capture]] = await Promise.all(
        ['calls', 'pdus', 'connections', 'captures'].map(of),
      );
      const numbers = new Set(calls.map(({ call }) => call));
      const withPdus = new Set(pdus.flatMap(({ call }) => (call === null ? [] : [call])));
      expect(withPdus).toEqual(numbers);
      const ids = new Set(connections.map(({ connection }) => connection));
      for (const pdu of pdus) expect(ids).toContain(pdu.connection);
      const sum = (rows: Row[], name: string): number => rows.reduce((n, row) => n + Number(row[name]), 0);
      expect(sum(connections, 'calls')).toBe(calls.length);
      expect(sum(connections, 'pdus')).toBe(pdus.length);
      expect(Number(capture.calls)).toBe(calls.length);
      expect(Number(capture.pdus)).toBe(pdus.length);
      const remoted = await of('nrbf_calls');
      for (const row of [...(await of('nrbf_types')), ...remoted]) expect(numbers).toContain(row.call);
      // also where the message is cut
      const methods = calls.filter(({ syntax, operation }) => /NRBF|SOAP/.test(String(syntax)) && operation !== null);
      expect(remoted).toEqual(
        expect.arrayContaining(
          methods.map(({ call, operation, interface: type }) =>
            expect.objectContaining({ call, method: operation, type: expect.stringContaining(String(type)) }),
          ),
        ),
      );
    }
  });

  test('lines of JSON say the same, table for table', async () => {
    const other = join(folder, `lines-${inputs.indexOf(input)}`);
    expect(clrscope(['export', input, '-o', other, '-q', '--format', 'ndjson', '--jobs', '1']).code).toBe(0);
    for (const { digest } of manifest.parts)
      for (const { name, columns } of TABLES) {
        const types = new Map(columns.map((c) => [c.name, c.type]));
        const rows = await parquet(join(out, name, `${digest}.parquet`));
        const plain = rows.map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([column, value]) => {
              if (typeof value === 'bigint' && types.get(column) !== 'time') return [column, Number(value)];
              return [column, types.get(column) === 'json' && value !== null ? JSON.parse(String(value)) : value];
            }),
          ),
        );
        const told = lines(join(other, name, `${digest}.ndjson`)).map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([column, value]) =>
              types.get(column) === 'time' && value !== null ? [column, microseconds(String(value))] : [column, value],
            ),
          ),
        );
        expect(told, `${name} of ${digest}`).toEqual(plain);
      }
  });
});

describe('input', () => {
  test('may be standard input, which gives the rows of the file', async () => {
    const [piped, read] = ['piped', 'read'].map((name) => join(folder, name));
    const { code } = asProcess(['export', '-', '-o', piped], readFileSync(CAPTURE));
    expect(code).toBe(0);
    expect(clrscope(['export', CAPTURE, '-o', read]).code).toBe(0);
    const [{ digest, sources }] = manifestOf(piped).parts;
    expect(sources).toEqual(['-']);
    const of = async (out: string): Promise<Row[]> =>
      (await parquet(join(out, 'calls', `${digest}.parquet`))).map(({ capture: _, ...row }) => row);
    expect(await of(piped)).toEqual(await of(read));
    expect(readdirSync(piped).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('may be several files that are one capture: the table of captures tells frames of which file they are', async () => {
    const out = join(folder, 'group');
    expect(clrscope(['export', CAPTURE, REMOTING, '--group', 'all', '-o', out]).code).toBe(0);
    const [part, ...others] = manifestOf(out).parts;
    expect(others).toEqual([]);
    expect(part.sources).toEqual([CAPTURE, REMOTING].sort());
    const [row] = await parquet(join(out, 'captures', `${part.digest}.parquet`));
    const packets = Number(
      (clrscope(['read', '-T', 'fields', '-e', 'frame.number', CAPTURE]).out.match(/\n/g) ?? []).length,
    );
    expect(row.files).toEqual(['capture.pcap', 'capture.pcap']);
    expect([...(row.first_frames as number[])].sort()).toEqual([1, 1 + packets].sort());
  });

  test('tells when the first packet came of which the file tells it', async () => {
    const file = join(folder, 'late.pcapng');
    const packet = ethernet(new Uint8Array(46));
    const [untold, told] = [simplePacket(packet), enhancedPacket(packet)];
    writeFileSync(file, concat(sectionHeader(), interfaceBlock(), untold, told, untold));
    const out = join(folder, 'late');
    expect(clrscope(['export', file, '-o', out, '-q']).code).toBe(0);
    const [{ digest }] = manifestOf(out).parts;
    const [{ first_time, last_time, packets }] = await parquet(join(out, 'captures', `${digest}.parquet`));
    expect([first_time, last_time, packets]).toEqual([expect.any(BigInt), first_time, 3n]);
  });

  test('may be whatever there is: lines are JSON, and nothing in them steers a terminal', () => {
    const out = join(folder, 'all');
    const { code, err } = clrscope(['export', ...allCaptures(), '-o', out, '--format', 'ndjson', '-q', '--jobs', '1']);
    expect(err).not.toContain('a defect');
    expect(code).not.toBe(1);
    const { parts } = manifestOf(out);
    // how many there are depends on what lies beside the project
    expect(parts.length).toBeGreaterThan(SHARED === null ? 10 : 100);
    for (const { digest } of parts)
      for (const { name } of TABLES) {
        const text = readFileSync(join(out, name, `${digest}.ndjson`), 'utf8');
        const raw = RAW.exec(text);
        if (raw !== null) expect.fail(`${name} of ${digest}: raw ${JSON.stringify(raw[0])} at ${raw.index}`);
        for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
      }
  });
});

describe('the folder', () => {
  test('is the same twice, and with threads', () => {
    const [one, two] = ['once', 'twice'].map((name) => join(folder, name));
    const captures = [CAPTURE, REMOTING, `${ROOT}samples/odd-bstr`];
    expect(clrscope(['export', ...captures, '-o', one, '--jobs', '1']).code).toBe(0);
    expect(clrscope(['export', ...captures, '-o', two, '--jobs', '3']).code).toBe(0);
    expect(filesOf(one)).toEqual(filesOf(two));
  });

  test('is left as it is where nothing changed; what changed is written anew', () => {
    const out = join(folder, 'again');
    const capture = join(folder, 'changing.pcap');
    copyFileSync(CAPTURE, capture);
    const written = (): string =>
      /(\d+) of them written now/.exec(clrscope(['export', capture, REMOTING, '-o', out]).err)?.[1] ?? '';
    expect(written()).toBe('2');
    expect(written()).toBe('0');
    // a byte behind the last packet: another digest, and a capture that is cut
    appendFileSync(capture, 'x');
    expect(written()).toBe('1');
    // what it was is there too, which is said
    const { err } = clrscope(['export', REMOTING, '-o', out]);
    expect(err).toContain(`${capture} changed since an earlier part`);
    expect(manifestOf(out).parts).toHaveLength(3);
    const [{ digest }] = manifestOf(out).parts;
    rmSync(join(out, 'pdus', `${digest}.parquet`));
    expect(written()).toBe('1');
    expect(clrscope(['export', capture, REMOTING, '-o', out, '--full']).err).toContain('2 of them written now');
  });

  test('has the files of one format for each part', () => {
    const out = join(folder, 'formats');
    for (const format of ['ndjson', 'parquet']) {
      expect(clrscope(['export', CAPTURE, '-o', out, '--format', format]).code).toBe(0);
      for (const { name } of TABLES)
        expect(readdirSync(join(out, name)), name).toEqual([`${manifestOf(out).parts[0].digest}.${format}`]);
    }
  });

  test('says with its exit code that a capture was damaged, the second time too', () => {
    const out = join(folder, 'damaged');
    const capture = join(folder, 'cut.pcap');
    writeFileSync(capture, readFileSync(CAPTURE).subarray(0, 5000));
    for (let i = 0; i < 2; i++) expect(clrscope(['export', capture, '-o', out]).code).toBe(3);
  });

  test('has one part for the same bytes under two names, called by the first of these', () => {
    for (const order of [
      ['a.pcap', 'b.pcap'],
      ['b.pcap', 'a.pcap'],
    ]) {
      const home = mkdtempSync(join(folder, 'names-'));
      for (const name of order) copyFileSync(CAPTURE, join(home, name));
      const out = join(home, 'out');
      expect(clrscope(['export', ...order.map((name) => join(home, name)), '-o', out, '--jobs', '1']).code).toBe(0);
      const [part, ...others] = manifestOf(out).parts;
      expect(others).toEqual([]);
      expect(part.capture).toBe('a.pcap');
      expect(part.sources).toEqual([join(home, 'a.pcap'), join(home, 'b.pcap')]);
    }
  });

  test('says which place in it something else has', () => {
    const out = join(folder, 'taken');
    expect(clrscope(['export', CAPTURE, '-o', out]).code).toBe(0);
    const [{ digest }] = manifestOf(out).parts;
    rmSync(join(out, 'calls', `${digest}.parquet`));
    mkdirSync(join(out, 'calls', `${digest}.parquet`));
    const { code, err } = clrscope(['export', CAPTURE, '-o', out]);
    expect([code, err]).toEqual([2, expect.stringContaining(`-o ${out}: calls/${digest}.parquet: it is a folder`)]);
  });

  test('that is none of ours, or holds links, stays untouched', () => {
    const foreign = join(folder, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'thesis.txt'), 'precious');
    expect(clrscope(['export', CAPTURE, '-o', foreign])).toMatchObject({ code: 2, out: '' });
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
    const ours = join(folder, 'linked');
    expect(clrscope(['export', CAPTURE, '-o', ours]).code).toBe(0);
    rmSync(join(ours, 'calls'), { recursive: true });
    symlinkSync(foreign, join(ours, 'calls'));
    expect(clrscope(['export', REMOTING, '-o', ours]).code).toBe(2);
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
    // one that comes while others write, as a worker does for days
    rmSync(join(ours, 'calls'));
    const writing = new ExportFolder(ours, false);
    writing.begin();
    const unfinished = writing.temporary();
    for (const { name } of TABLES) writing.create(unfinished, name).close();
    rmSync(join(ours, 'calls'), { recursive: true });
    symlinkSync(foreign, join(ours, 'calls'));
    expect(() => writing.place(unfinished, 'a'.repeat(64), '.parquet')).toThrow('there is a link in it, calls');
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
    expect(clrscope(['export', CAPTURE, '-o', '-']).code).toBe(2);
    expect(clrscope(['export', CAPTURE, '-o', CAPTURE]).code).toBe(2);
    const { code, err } = clrscope(['export', CAPTURE, '-o', 'https://user:secret@example.org/tables?key=secret']);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('https://example.org/tables: an address; export writes into'),
    ]);
    expect(err).not.toContain('secret');
    expect(existsSync('https:')).toBe(false);
    // where nothing can be read, no folder comes
    const none = join(folder, 'none');
    const text = join(foreign, 'thesis.txt');
    const alike = join(folder, 'alike.txt');
    writeFileSync(alike, 'precious, too');
    for (const files of [[text], [text, alike], ['-'], [text, 'http://127.0.0.1:1/x.pcap']]) {
      expect(asProcess(['export', ...files, '-o', none], Buffer.from('precious')).code, files.join()).toBe(2);
      expect(existsSync(none), files.join()).toBe(false);
    }
    expect(clrscope(['export', CAPTURE, '-o', none]).err).toMatch(/: 1 part with \d+ calls, 1 of them written now\n/);
    // Node's own way to make folders tries for ever there
    for (const command of ['export', 'vectors']) expect(clrscope([command, CAPTURE, '-o', '/proc/new']).code).toBe(2);
  });
});
