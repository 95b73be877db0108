/**
 * Mono's BinaryFormatter reads what is written from VALUEs alone, and finds the same graph. Its own streams are read,
 * made VALUEs of, written from these, and given back; what it printed of the first must be what it prints of the second.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeValues, type JsonValue, nrbfToJson } from '../../dissectors/nrbf/index.js';
import { hasShared, read, SHARED, vectors } from './support.js';

const hasMono = ['mono', 'mcs'].every((tool) => {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** The stream of what VALUEs alone say of a stream. */
function again(bytes: Uint8Array): Uint8Array {
  const { root, call, objects } = nrbfToJson(read(bytes), { full: true });
  return encodeValues(structuredClone({ root, call, objects }));
}

describe.skipIf(!hasMono)('Mono reads what is written from VALUEs', () => {
  let home = '';
  let exe = '';

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'clrscope-mono-'));
    exe = join(home, 'graphs.exe');
    execFileSync('mcs', ['-nowarn:0169,0649,0414', `-out:${exe}`, 'test/nrbf/mono/graphs.cs']);
  }, 120_000);

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** What Mono finds in each stream. */
  function dump(streams: ReadonlyMap<string, Uint8Array>): Map<string, string> {
    const folder = mkdtempSync(join(home, 'dump-'));
    for (const [name, bytes] of streams) writeFileSync(join(folder, `${name}.nrbf`), bytes);
    const out = execFileSync('mono', [exe, 'dump', folder], { maxBuffer: 1 << 28 }).toString('utf8');
    return new Map(
      out
        .split('\n')
        .filter((line) => line !== '')
        // addresses of what Mono made itself are others each time
        .map((line) => line.replace(/System\.IntPtr -?\d{6,}/g, 'System.IntPtr').split('\t') as [string, string]),
    );
  }

  it('of graphs that it wrote: structs, arrays of every shape, collections', { timeout: 120_000 }, () => {
    const folder = join(home, 'made');
    mkdirSync(folder);
    execFileSync('mono', [exe, 'make', folder]);
    const made = new Map(
      readdirSync(folder).map((name) => [name.replace('.nrbf', ''), readFileSync(join(folder, name))] as const),
    );
    expect(made.size).toBeGreaterThan(30);
    const first = dump(made);
    const second = dump(new Map([...made].map(([name, bytes]) => [name, again(bytes)])));
    for (const [name, told] of first) {
      expect(told, name).not.toMatch(/^!/);
      expect([name, second.get(name)]).toEqual([name, told]);
    }
  });

  it('of documents by hand', { timeout: 120_000 }, () => {
    const assembly = 'graphs, Version=0.0.0.0, Culture=neutral, PublicKeyToken=null';
    const int = (value: number): JsonValue => ({ type: 'System.Int32', value });
    const pt = (x: number): JsonValue => ({
      type: 'Enc.Pt',
      assembly,
      inline: true,
      members: { X: int(x), Y: { type: 'System.Double', value: 0.5 } },
    });
    const seg: JsonValue = {
      type: 'Enc.Seg',
      assembly,
      inline: true,
      members: {
        From: pt(1),
        To: pt(3),
        Name: null,
        Weight: { type: 'System.Decimal', value: '-0.00' },
        Hue: { type: 'Enc.Color', assembly, members: { value__: int(5) } },
      },
    };
    const documents: Record<string, JsonValue> = {
      shape: { type: 'Enc.Shape', assembly, members: { S: seg, Z: int(7) } },
      grid: { type: 'System.Object[,]', rank: 2, lengths: [2, 2], elements: [null, null, null, int(7)] },
      empty: { type: 'Enc.Bag[]', assembly, rank: 1, lengths: [0], elements: [] },
      derived: {
        type: 'Enc.Base[]',
        elements: [
          {
            type: 'Enc.Derived',
            assembly,
            members: { More: { type: 'System.String', value: 'm' }, Number: int(1) },
          },
        ],
      },
    };
    const told = dump(new Map(Object.entries(documents).map(([name, root]) => [name, encodeValues({ root })])));
    const point = (x: number) => `Enc.Pt{X=System.Int32 ${x}, Y=System.Double 3fe0000000000000, }`;
    expect(Object.fromEntries(told)).toEqual({
      shape: `Enc.Shape{S=Enc.Seg{From=${point(1)}, To=${point(3)}, Name=null, Weight=System.Decimal 0.00 /0,0,0,-2147352576, Hue=Enc.Color 5, }, Z=System.Int32 7, }`,
      grid: 'System.Object[,][0:2][0:2]{null, null, null, System.Int32 7, }',
      empty: 'Enc.Bag[][0:0]{}',
      derived: 'Enc.Base[][0:1]{Enc.Derived{More="m", Number=System.Int32 1, }, }',
    });
  });

  it.skipIf(!hasShared)('of every golden vector whose classes it has', { timeout: 240_000 }, () => {
    const all = vectors(`${SHARED}/valid`).filter(
      ({ truth }) => truth.message === undefined && truth.schema === undefined,
    );
    const first = dump(new Map(all.map(({ name, bytes }) => [name, bytes])));
    const known = all.filter(({ name }) => !(first.get(name) ?? '!').startsWith('!'));
    expect(known.length).toBeGreaterThan(50);
    const second = dump(new Map(known.map(({ name, bytes }) => [name, again(bytes)])));
    for (const { name } of known) expect([name, second.get(name)]).toEqual([name, first.get(name)]);
  });
});
