/** What is planned for a filter and columns leaves out trees, and changes no answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allFields, dissectFrame, LAYER_ALIASES, protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { pass } from '../../src/analysis/pass.js';
import type { Asked, Frame } from '../../src/core/frame.js';
import type { Node } from '../../src/core/node.js';
import type { Recording } from '../../src/core/recording.js';
import { type FrameHandlers, scanFrames } from '../../src/engine/frames.js';
import { compileFilter, FieldTable, type Filter, FilterError } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';
import { defaultFieldOptions, type FieldRows, fieldRows } from '../../src/output/columns/fields.js';
import { ROOT } from '../cli.js';
import { allCaptures } from '../fields/captures.js';

const planned = knownFields();
/** The same fields, of which nobody knows where they stand: what is compiled with it is asked on whole trees. */
const whole = new FieldTable(allFields(), LAYER_ALIASES);

/** A way to write a value that was seen. */
function literals({ field, value }: Node): string[] {
  if (value instanceof Uint8Array) {
    if (field.type === 'ipv4') return [value.join('.'), `${value.subarray(0, 2).join('.')}.0.0/16`];
    const hex = Array.from(value.subarray(0, 20), (b) => b.toString(16).padStart(2, '0'));
    return field.type === 'ipv6' ? [hex.join('').replace(/(....)(?!$)/g, '$1:')] : [hex.join(':'), hex[0]];
  }
  if (typeof value === 'string') return [JSON.stringify(value.slice(0, 30)), value, '"a"'];
  if (field.type === 'time') return [`${BigInt(value as bigint) / 1_000_000_000n}`];
  return value === null ? ['00'] : [String(Number(value)), '0', `${Number(value) + 1}`];
}

/** Tests of one name that compile: every operator that its type takes, with values that occur and that do not. */
function testsOf(name: string, values: readonly string[], other: string): string[] {
  const [a, b = a] = values;
  const texts = [
    name,
    ...['==', '!=', '===', '~=', '<', '<=', '>', '>=', 'contains'].map((op) => `${name} ${op} ${a}`),
    ...['any', 'all'].flatMap((some) => [`${some} ${name} == ${b}`, `${some} ${name} != ${a}`]),
    ...[`${name} in {${a}, ${b}}`, `${name} not in {${a}}`, `${name} in {${a} .. ${b}}`],
    ...[`${name} matches "[0-9a]$"`, `string(${name}) matches "1"`, `lower(${name}) == ${a}`, `${name}[0:1] == 05`],
    ...[`${name}[-2:]`, `len(${name}) > 3`, `count(${name}) == 1`, `count(${name}) > 1`, `max(${name}) >= ${a}`],
    ...[`${name} & 1`, `${name} + 1 > ${a}`, `-${name} < 0`, `${name} == ${other}`, `${name} < ${other}`],
  ];
  return texts.filter((text) => {
    try {
      compileFilter(text, planned);
      return true;
    } catch (e) {
      if (e instanceof FilterError) return false;
      throw e;
    }
  });
}

function nodesOf(roots: Frame['roots']): Node[] {
  const found: Node[] = [];
  const todo = roots.flat();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    found.push(node);
    todo.push(...node.children);
  }
  return found;
}

/** A filter of tests, negated and put together. */
function filters(test: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const { tree } = fc.letrec<{ tree: string; pair: string }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, test, tie('pair'), tie('pair')),
    pair: fc
      .tuple(fc.constantFrom('&&', '||', '^^'), fc.boolean(), tie('tree'), tie('tree'))
      .map(([op, not, a, b]) => `${not ? '!' : ''}(${a} ${op} ${b})`),
  }));
  return fc.tuple(fc.boolean(), tree).map(([not, text]) => (not ? `!(${text})` : text));
}

/** What comes of a pass: rows of frames, PDUs that are shown, calls that match. */
interface Outcome {
  readonly rows: readonly string[];
  readonly shown: readonly number[];
  readonly calls: readonly number[];
}

const rowOf = (frame: Frame<Pdu>, rows: FieldRows): string => `${frame.number} ${frame.late} ${rows.row(frame)}`;
const lastOf = ({ transport: { frames } }: Pdu): number => frames.at(-1) as number;

describe('planned, and asked on whole trees, answers are the same of', () => {
  it.each(allCaptures())('$name', { timeout: 120_000 }, async ({ file, isShared, secrets }) => {
    const protocol = () => secrets().then((opens) => protocols({ secrets: opens }));
    const frames: Frame<Pdu>[] = [];
    await pass(file, await protocol(), {}, { frame: (frame) => void frames.push(frame) });

    const seen = new Map<string, Set<string>>();
    for (const node of frames.slice(0, 400).flatMap(({ roots }) => nodesOf(roots))) {
      const values = seen.get(node.field.name) ?? new Set();
      seen.set(node.field.name, values);
      if (values.size < 6) for (const text of literals(node)) values.add(text);
    }
    const known = planned.list().map(({ name }) => name);
    const names = [...seen.keys()].filter((name) => planned.get(name) !== undefined);
    const aliases = names.flatMap((name) => planned.aliasesOf(name).map((alias) => [alias.name, name]));
    const operands = [...names.map((name) => [name, name]), ...aliases];
    const present = fc
      .record({
        of: fc.constantFrom(...operands),
        value: fc.nat(),
        other: fc.constantFrom(...operands),
        test: fc.nat(),
      })
      .map(({ of: [name, like], value, other, test }) => {
        const values = [...(seen.get(like) as Set<string>)];
        const tests = testsOf(name, [values[value % values.length], values[(value >> 3) % values.length]], other[0]);
        return tests[test % tests.length] ?? 'frame';
      });
    const some = fc.constantFrom('frame', 'eth', 'ip', 'ipv6', 'tcp', 'udp', 'vlan', 'dcerpc', 'dcom', 'nrbf');
    const absent = fc.constantFrom(...known).filter((name) => !seen.has(name));
    const test = fc.oneof(
      { weight: 5, arbitrary: present },
      { weight: 1, arbitrary: some.filter((name) => planned.isPrefix(name)) },
      { weight: 1, arbitrary: absent },
    );
    const columns = fc.uniqueArray(fc.oneof(fc.constantFrom(...names), absent), { minLength: 1, maxLength: 4 });

    const run = async (filter: Filter, rows: FieldRows | null, asked?: Asked): Promise<Outcome> => {
      const outcome = { rows: [] as string[], shown: [] as number[], calls: [] as number[] };
      await pass(
        file,
        await protocol(),
        { filter, asked },
        {
          frame: rows === null ? undefined : (f) => void outcome.rows.push(rowOf(f, rows)),
          shown: (pdu) => void outcome.shown.push(lastOf(pdu)),
          call: (_, number, matches) => void (matches && outcome.calls.push(number)),
        },
      );
      return outcome;
    };
    await fc.assert(
      fc.asyncProperty(filters(test), columns, async (filter, columnsOf) => {
        const [trees, plan] = [compileFilter(filter, whole), compileFilter(filter, planned)];
        const rows = fieldRows(columnsOf, planned, defaultFieldOptions());
        const wanted = await run(trees, rows);
        expect(await run(plan, rows, rows.asked)).toEqual(wanted);
        expect(await run(plan, null)).toEqual({ ...wanted, rows: [] });
        // no pass of its own, but what an unfiltered one gave
        const matching = frames.filter((frame) => trees.matches(frame));
        expect(wanted.rows).toEqual(matching.map((frame) => rowOf(frame, rows)));
        expect(wanted.shown).toEqual(matching.flatMap(({ pdus }) => pdus.map(lastOf)));
      }),
      { numRuns: isShared ? 2 : 8 },
    );
  });
});

describe('trees are made', () => {
  const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;

  /** Layers that were dissected, with their nodes, and PDUs that have trees. */
  async function made(filter: string, columnsOf: readonly string[] | null, more: FrameHandlers<Pdu> = {}) {
    const count = { layers: 0, nodes: 0, pdus: 0, frames: 0 };
    const rows = columnsOf === null ? undefined : fieldRows(columnsOf, planned, defaultFieldOptions());
    await scanFrames<Pdu>(
      SAMPLE,
      protocols(),
      (packet, recording: Recording, context) => {
        count.layers++;
        dissectFrame(packet, recording, context);
        count.nodes += nodesOf([recording.roots]).length;
      },
      {},
      (frame, matches) => {
        if (matches) count.frames++;
        if (matches && rows !== undefined) rows.row(frame);
        count.pdus += frame.pdus.filter(({ recording }) => recording.roots.length > 0).length;
      },
      { filter: compileFilter(filter, planned), asked: rows?.asked, ...more },
    );
    return count;
  }

  let all = { layers: 0, nodes: 0, pdus: 0, frames: 0 };
  it('of everything where everything is wanted', async () => {
    all = await made('frame', null);
    expect(all.layers).toBe(2 * all.frames);
    expect(all.pdus).toBeGreaterThan(20);
  });

  it('of no layers for fields of PDUs', async () => {
    expect(await made('dcerpc.opnum == 3', ['dcerpc.opnum'])).toMatchObject({ layers: 0, pdus: all.pdus });
    expect(await made('dcerpc.opnum == 3 && dcom', ['dcerpc.opnum'])).toMatchObject({ layers: 0 });
    // true of every frame without PDUs, whatever its layers are
    expect((await made('!dcerpc', ['dcerpc.opnum'])).frames).toBe(all.frames - (await made('dcerpc', null)).frames);
    expect(await made('!dcerpc', ['dcerpc.opnum'])).toMatchObject({ layers: 0 });
  });

  it('of no PDUs for fields of layers', async () => {
    expect(await made('tcp.port == 135', ['ip.src'])).toMatchObject({ pdus: 0 });
    expect(await made('tcp.port == 135', ['dcerpc.opnum'])).toMatchObject({ pdus: 10 });
  });

  it('of layers where PDUs leave it to them, and of PDUs where layers do', async () => {
    const both = await made('dcerpc.opnum && tcp.port == 135', ['frame.number']);
    expect(both.layers).toBeLessThan(all.frames);
    expect(both.pdus).toBe(10);
    expect(await made('dcerpc.opnum || tcp.port == 135', ['frame.number'])).toMatchObject({ pdus: all.pdus });
  });

  it('with few nodes, none for layers that nobody asks for', async () => {
    const ports = await made('tcp.port == 0', ['ip.src']);
    // a port and a port
    expect(ports).toMatchObject({ layers: all.frames, nodes: 2 * all.frames, frames: 0 });
    const rows = await made('frame.number', ['frame.number', 'ip.src']);
    expect(rows.frames).toBe(all.frames);
    expect(rows.nodes).toBeLessThan(10 * all.frames);
  });

  it('of no frame without PDUs where these are not of interest', async () => {
    const asked = { ofLayers: false, ofPdus: false, wants: () => false, wantsAny: () => false };
    const found = await made('tcp.port != 0', null, { asked, bare: false });
    expect(found.layers).toBe(found.frames);
    expect(found.frames).toBeLessThan(all.frames);
    expect(found.pdus).toBe(0);
  });
});
