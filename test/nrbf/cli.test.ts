import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nrbfToJson } from '../../dissectors/nrbf/index.js';
import { nrbfCommand } from '../../src/cli/nrbf.js';
import { nrbfBytes } from '../../src/encode/nrbf.js';
import { catchPrinted } from '../printed.js';
import { HEADER, HERE, read } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'nrbf-'));
afterAll(() => rmSync(folder, { recursive: true }));

const prints = catchPrinted();
beforeEach(() => {
  process.env.COLUMNS = '200';
});
afterEach(() => {
  delete process.env.COLUMNS;
});

async function run(...args: string[]): Promise<number> {
  await nrbfCommand().exitOverride().parseAsync(args, { from: 'user' });
  return Number(process.exitCode ?? 0);
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const call = readFileSync(`${HERE}/v-call-send-address.nrbf`);
const LINE = 'Svc.SendAddress(Address { Street = "One Microsoft Way", City = "Redmond", State = "WA", Zip = "98054" })';
const hexOf = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const rows = (b: Uint8Array, n = 16): Uint8Array[] =>
  Array.from({ length: Math.ceil(b.length / n) }, (_, i) => b.subarray(i * n, i * n + n));
const ascii = (b: Uint8Array): string =>
  Buffer.from(b)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '.');

const dumps: Record<string, string> = {
  plain: hexOf(call),
  spaced: hexOf(call).replace(/../g, '$& '),
  commas: hexOf(call).replace(/../g, '0x$&, '),
  xxd: rows(call)
    .map(
      (r, i) =>
        `${(i * 16).toString(16).padStart(8, '0')}: ${hexOf(r)
          .replace(/(.{1,4})/g, '$1 ')
          .padEnd(40)} ${ascii(r)}`,
    )
    .join('\n'),
  hexdump: rows(call)
    .map(
      (r, i) => `${(i * 16).toString(16).padStart(8, '0')}  ${hexOf(r).replace(/../g, '$& ').padEnd(49)} |${ascii(r)}|`,
    )
    .join('\n'),
  words: rows(Buffer.concat([call, Buffer.alloc(3)]).subarray(0, (call.length + 3) & ~3))
    .map(
      (r) =>
        `${rows(r, 4)
          .map((w) => hexOf(Buffer.from(w).reverse()))
          .join(' ')} ${ascii(r)}`,
    )
    .join('\n'),
};

describe('clrscope nrbf', () => {
  it.each(Object.entries(dumps))('reads a hex dump: %s', async (name, dump) => {
    expect(await run('--hex', file(`${name}.txt`, dump))).toBe(0);
    expect(prints.out).toContain(LINE);
  });

  it('reads base64, and words when told to', async () => {
    await run('--base64', file('b64', `${call.toString('base64').replace(/.{60}/g, '$&\n')}\n`));
    expect(prints.out).toContain(LINE);
    prints.clear();
    await run('--hex=words', file('words2', dumps.words));
    expect(prints.out).toContain(LINE);
  });

  it('lists times as times: of a DateTime, two bits of the number are its kind (Mono wrote these)', async () => {
    const times = Buffer.from(
      '0001000000ffffffff0100000000000000100100000003000000080c0000000000000080080dff3fad382851c148080af90b',
      'hex',
    );
    await run(file('times.bin', times));
    expect(Array.from(prints.out.matchAll(/MemberPrimitiveTyped {2}(.*)/g), ([, value]) => value)).toEqual([
      '-10675199.02:48:05.4775808',
      '2000-02-29T23:59:59.9999999Z',
      '-7',
    ]);
  });

  it('prints the contract’s document, with further streams behind the first', async () => {
    const two = file('two.bin', Buffer.concat([call, call, Buffer.from('rest')]));
    expect(await run('-T', 'json', '--full', two)).toBe(0);
    const document = JSON.parse(prints.out);
    expect(document).toMatchObject({
      length: call.length,
      trailing: call.length + 4,
      root: null,
      call: { kind: 'call' },
    });
    expect(document.streams).toHaveLength(1);
    expect(document.streams[0]).toMatchObject({ length: call.length, trailing: 4 });
    prints.clear();
    await run('-T', 'ndjson', two);
    expect(
      prints.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).summary),
    ).toEqual([LINE, LINE]);
  });

  it('starts at an offset', async () => {
    const path = file('at.bin', Buffer.concat([Buffer.from('junk'), call]));
    expect(await run('--at', '0x4', path)).toBe(0);
    expect(prints.out).toContain(LINE);
  });

  it('draws a tree and a dump', async () => {
    await run('-V', '-x', file('tree.bin', call));
    expect(prints.out).toMatch(/Street: .*One Microsoft Way.* NRBF 247\.\.270/);
    expect(prints.out).toContain('ClassWithMembersAndTypes Rem.Lib.Address');
    expect(prints.out).toMatch(/0000: 00 ?01/);
  });

  it('takes a schema for streams without types, and says which class lacks one', async () => {
    const truth = JSON.parse(readFileSync(`${HERE}/v-types-when-needed.json`, 'utf8'));
    expect(
      await run('--schema', file('schema.json', JSON.stringify(truth.schema)), `${HERE}/v-types-when-needed.nrbf`),
    ).toBe(0);
    expect(prints.out).toContain('Address { Street = "shared"');
    expect(await run(`${HERE}/v-types-when-needed.nrbf`)).toBe(3);
    expect(prints.err).toMatch(/byte \d+: .*Vec\.Alpha\.Address.*--schema/);
  });

  it('keeps the order of members whose names are numbers, and the sign of zero', async () => {
    const zeros = '0000000000000080'.repeat(3);
    const hex = `${HEADER} 04 01000000 0143 03000000 0141 0131 0130 000000 060606 ${zeros} 0b`;
    expect(await run('--hex', '-T', 'json', '--full', file('order.txt', hex))).toBe(0);
    const members = prints.out.slice(prints.out.indexOf('"members"'));
    expect(members.indexOf('"A"')).toBeLessThan(members.indexOf('"1"'));
    expect(members.indexOf('"1"')).toBeLessThan(members.indexOf('"0"'));
    expect(prints.out).toContain('-0.0');
    JSON.parse(prints.out);
  });

  it('exits with 3 for a damaged stream, with what could be read, and names file, byte and reason', async () => {
    expect(await run('-T', 'json', file('cut.bin', call.subarray(0, 200)))).toBe(3);
    expect(JSON.parse(prints.out)).toMatchObject({ call: { method: 'SendAddress' } });
    expect(prints.err).toMatch(/cut\.bin: byte \d+: /);
  });

  it('refuses what cannot be read: no file, no hex, no JSON', async () => {
    await expect(run(join(folder, 'none'))).rejects.toThrow(/none: there is no such file/);
    await expect(run()).rejects.toThrow(/no FILE/);
    await expect(run('--hex', file('bad.txt', 'hello world'))).rejects.toThrow(/line 1: "hello" is no hex/);
    await expect(run('--schema', file('bad.json', '{'), file('x', call))).rejects.toThrow(
      /bad\.json: it is not JSON \(line 1, column 2, where it ends too early\)/,
    );
    await expect(run('--at', '9999', file('y', call))).rejects.toThrow(/behind the end/);
  });
});

describe('a document whose records and values disagree', () => {
  it('is refused with the path', () => {
    const document = JSON.parse(JSON.stringify(nrbfToJson(read(call), { full: true })));
    expect(Buffer.compare(nrbfBytes(document, ''), call)).toBe(0);
    document.call.method = 'Other';
    expect(() => nrbfBytes(document, '.in.s')).toThrow(
      'in.s.call.method: "Other", where the records have "SendAddress"',
    );
  });
});
