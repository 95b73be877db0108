/**
 * Attack: time follows the bytes. Each of the worst inputs goes the whole way with every output, in one size and in
 * eight times that; what is quadratic somewhere takes 64 times as long. `npm run bench -- worst` measures it better.
 */
import { describe, expect, it } from 'vitest';
import { dissectFrame } from '../../dissectors/index.js';
import { Recording } from '../../src/core/recording.js';
import { compileFilter } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';
import { callToJson } from '../../src/output/calls/json.js';
import { describeCallText } from '../../src/output/calls/text.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { renderTree } from '../../src/output/tree/tree.js';
import { frameOf } from '../frame.js';
import { Analyses } from '../fuzz/outputs.js';
import { packetsIn, pass } from '../fuzz/way.js';
import { SHAPES, type Shape } from './shapes.js';

/** How many times as much is read, and by how much that is less than what benchmarks read. */
const TIMES = 8;
const LESS = 2;
/** Between 8, as it should be, and 64. */
const MOST = 28;
/** Seconds of processor time that are too few to say anything. */
const TOO_FEW = 0.15;

/** Seconds of processor time for the whole way. */
async function time(shape: Shape, bytes: Uint8Array, n: number): Promise<number> {
  const before = process.cpuUsage();
  const packets = await packetsIn(bytes);
  const analyses = new Analyses();
  const known = knownFields();
  const filter = shape.filter === undefined ? null : compileFilter(shape.filter(n), known);
  const { problems } = pass(packets, {
    record: true,
    onPdu(pdu) {
      const { roots } = pdu.recording;
      const layers = new Recording(true);
      dissectFrame({ ...packets[0], number: 1, fileOffset: 0 }, layers, {});
      filter?.matches(frameOf(1, [layers.roots, roots]));
      renderTree(roots, { color: false, width: 100 });
      JSON.stringify(pduToJson(pdu, false));
      analyses.pdu(pdu);
    },
    onCall(call, number) {
      analyses.call(call);
      describeCallText(call);
      JSON.stringify(callToJson(call, number, 'worst', { full: false }, analyses.table));
    },
  });
  expect([...problems, ...analyses.problems()]).toEqual([]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

describe('attack: time follows the bytes', () => {
  it.each(SHAPES)('$name', { timeout: 300_000 }, async (shape) => {
    const n = Math.max(1, Math.round(shape.n / TIMES / LESS));
    const small = shape.make(n);
    const large = shape.make(n * TIMES);
    let told = '';
    // once more where something else may have had the processor's caches
    for (let round = 0; round < 2; round++) {
      const first = await time(shape, small, n);
      const second = await time(shape, large, n * TIMES);
      told = `${second.toFixed(2)} s for ${TIMES} times what takes ${first.toFixed(2)} s`;
      if (second < TOO_FEW || second < first * MOST) return;
    }
    expect.fail(told);
  });
});
