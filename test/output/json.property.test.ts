/** Whatever bytes of real captures are cut or changed: JSON parses, ranges are in order, and every byte has its leaf. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { callToJson } from '../../src/output/calls/json.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { type Scene, scenesOf } from '../fuzz/scenes.js';
import { allCaptures, packetsOf, pass, type RawPacket } from '../fuzz/way.js';

interface JsonNode {
  readonly name: string;
  readonly source?: number;
  readonly offset?: number;
  readonly length?: number;
  readonly children: readonly JsonNode[];
}

interface PduJson {
  readonly tree: readonly JsonNode[];
  readonly sources: readonly { readonly length: number }[];
}

/** What is wrong with the ranges of a tree: siblings of one source stand in order and apart, all lie in their source. */
function rangeProblems(json: PduJson): string[] {
  const problems: string[] = [];
  const todo: (readonly JsonNode[])[] = [json.tree];
  for (let level = todo.pop(); level !== undefined; level = todo.pop()) {
    const ends = new Map<number, number>();
    for (const node of level) {
      todo.push(node.children);
      const { source, offset, length = 0 } = node;
      if (offset === undefined || source === undefined) continue;
      const all = json.sources[source]?.length ?? -1;
      if (offset < 0 || length < 0 || offset + length > all)
        problems.push(`${node.name} ${offset}+${length} of ${all}`);
      const before = ends.get(source) ?? 0;
      if (offset < before) problems.push(`${node.name} at ${offset}, behind what ends at ${before}`);
      ends.set(source, Math.max(before, offset + length));
      for (const child of node.children) {
        if (child.offset === undefined || child.source !== source || length === 0) continue;
        const inside = child.offset >= offset && child.offset + (child.length ?? 0) <= offset + length;
        // what a pointer points to is drawn below it and lies behind it
        const isPointer =
          node.children.some((c) => c.name.startsWith('dcerpc.referent_id')) || node.name.endsWith('pointer');
        const behind = isPointer && child.offset >= offset + length;
        if (!inside && !behind)
          problems.push(`${child.name} ${child.offset}+${child.length} outside ${node.name} ${offset}+${length}`);
      }
    }
  }
  return problems;
}

/** Takes packets the whole way and looks at all JSON that comes of them. */
function problemsOf(packets: readonly RawPacket[]): string[] {
  const found: string[] = [];
  const table = new ObjectTable();
  const { problems } = pass(packets, {
    record: true,
    onPdu: (pdu) => void found.push(...rangeProblems(JSON.parse(JSON.stringify(pduToJson(pdu, false))) as PduJson)),
    onCall(call, number) {
      table.add(call);
      const line = JSON.stringify(callToJson(call, number, 'x', { full: true }, table));
      if (line.includes('\n')) found.push('a line break in a line of ndjson');
      JSON.parse(line);
    },
  });
  return [...problems, ...found];
}

const scenes: Scene[] = [];
const seen = new Set<string>();
for (const file of allCaptures()) scenes.push(...scenesOf(await packetsOf(file), seen));

/** Damage to one place of a scene. */
interface Damage {
  readonly packet: number;
  readonly at: number;
  readonly value: number;
  readonly cut: 'no' | 'captured' | 'sent';
}

const damage: fc.Arbitrary<Damage> = fc.record({
  packet: fc.nat(),
  at: fc.nat(),
  value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
  cut: fc.constantFrom('no', 'no', 'no', 'captured', 'sent'),
});

function damaged(packets: readonly RawPacket[], all: readonly Damage[]): RawPacket[] {
  const list = packets.slice();
  for (const { packet, at, value, cut } of all) {
    // the last packets are what the scene is about
    const index = list.length - 1 - (packet % Math.min(list.length, 3));
    const { bytes } = list[index];
    if (bytes.length === 0) continue;
    const place = at % bytes.length;
    const copy = cut === 'no' ? bytes.slice() : bytes.slice(0, place);
    if (cut === 'no') copy[place] = value;
    list[index] = { ...list[index], bytes: copy, length: cut === 'sent' ? place : list[index].length };
  }
  return list;
}

describe.skipIf(scenes.length === 0)('JSON of real traffic', () => {
  it('as it was captured', () => {
    for (const { packets, key } of scenes) expect(problemsOf(packets), key).toEqual([]);
  });

  it('with bytes changed and packets cut', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(damage, { minLength: 1, maxLength: 4 }), (which, all) => {
        const { packets, key } = scenes[which % scenes.length];
        expect(problemsOf(damaged(packets, all)), key).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });
});
