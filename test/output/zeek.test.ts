/** Calls as lines of dce_rpc.log and as CSV, of samples. */
import { describe, expect, it } from 'vitest';
import { CALLS } from '../../src/cli/calls.js';
import { runIndependent } from '../../src/cli/printer.js';
import { ROOT } from '../cli.js';
import { catchPrinted } from '../printed.js';

const printed = catchPrinted();

async function run(sample: string, options: Record<string, unknown>): Promise<string[]> {
  printed.clear();
  await runIndependent(CALLS, [`${ROOT}samples/${sample}/capture.pcap`], { color: 'never', T: 'text', ...options });
  return printed.out.trimEnd().split('\n');
}

describe('-T zeek', () => {
  it('is what Zeek writes: header, types, a line a call', async () => {
    const lines = await run('managed-object', { T: 'zeek' });
    const calls = await run('managed-object', { T: 'ndjson' });
    const [fields, types, first] = [lines[5], lines[6], lines[7]].map((line) => line.split('\t'));
    expect(fields[0]).toBe('#fields');
    expect(types).toHaveLength(fields.length);
    const call = JSON.parse(calls[0]);
    expect(first).toEqual([
      `${Date.parse(`${call.time.slice(0, 19)}Z`) / 1000}${call.time.slice(19, 26)}`,
      first[1],
      call.client.address,
      String(call.client.port),
      call.server.address,
      String(call.server.port),
      call.duration.toFixed(6),
      String(call.server.port),
      call.interface,
      call.operation,
    ]);
    expect(lines).toHaveLength(7 + calls.length);
  });

  it('has a number for each connection, the same in every run', async () => {
    const uids = async (sample: string) => (await run(sample, { T: 'zeek' })).slice(7).map((l) => l.split('\t')[1]);
    const first = await uids('managed-object');
    expect(first[0]).toMatch(/^C[0-9A-Za-z]{17}$/);
    // three connections
    expect(new Set(first).size).toBe(3);
    expect(await uids('managed-object')).toEqual(first);
    // pipes of one session are on one connection
    expect(new Set(await uids('smb-pipes')).size).toBe(1);
  });

  it('calls a pipe as the server does, as Zeek does', async () => {
    const rows = (await run('smb-pipes', { T: 'zeek' })).slice(7).map((line) => line.split('\t'));
    // lsarpc is lsass' pipe
    expect(new Set(rows.filter((row) => row[8] === 'lsarpc').map((row) => row[7]))).toEqual(
      new Set(['\\\\pipe\\\\lsass']),
    );
  });

  it('is JSON where that is asked for, and what is not known is left out', async () => {
    const lines = (await run('smb-pipes', { T: 'zeek', E: ['json=y'] })).map((l) => JSON.parse(l));
    expect(lines[0]).toMatchObject({ 'id.resp_p': 445, named_pipe: expect.stringMatching(/^\\pipe\\/) });
    expect(lines.every((l) => !Object.values(l).includes(null))).toBe(true);
    await run('smb-pipes', { T: 'zeek', E: ['header=y'] });
    expect(printed.err).toMatch(/-E of -T zeek takes json=y/);
    await run('smb-pipes', { T: 'ndjson', E: ['json=y'] });
    expect(printed.err).toMatch(/goes with -T zeek/);
  });
});

describe('calls -T csv', () => {
  it('has the columns of the tables, and what NDJSON says', async () => {
    const [head, ...rows] = await run('managed-object', { T: 'csv' });
    const calls = (await run('managed-object', { T: 'ndjson' })).map((l) => JSON.parse(l));
    expect(rows).toHaveLength(calls.length);
    const cells = parseRow(rows[5]);
    const row = Object.fromEntries(head.split(',').map((name, i) => [name, cells[i]]));
    expect(row).toMatchObject({
      capture: 'capture.pcap',
      call: '6',
      operation: calls[5].operation,
      summary: calls[5].summary,
      request_frames: calls[5].frames.request.join(' '),
    });
    expect(JSON.parse(row.out_json)).toEqual(calls[5].out);
  });
});

/** RFC 4180. */
function parseRow(row: string): string[] {
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
}
