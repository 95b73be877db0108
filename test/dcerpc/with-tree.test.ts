/** Reading is recording: what a call says is the same, whether trees are made on the way or not. */
import { describe, expect, it } from 'vitest';
import { callToJson } from '../../src/output/calls/json.js';
import type { Secrets } from '../../src/security/index.js';
import { allCaptures } from '../fields/captures.js';
import { packetsOf, pass, type RawPacket } from '../fuzz/way.js';

/** Each call as a line of JSON, in order. */
function calls(packets: readonly RawPacket[], record: boolean, secrets: Secrets | null): string[] {
  const lines: string[] = [];
  pass(packets, {
    record,
    secrets,
    check: false,
    onCall: (call, number) => lines.push(JSON.stringify(callToJson(call, number, 'x', { full: true }))),
  });
  return lines;
}

describe('calls are the same with and without trees', () => {
  it.each(allCaptures())('$name', async ({ file, secrets }) => {
    const packets = await packetsOf(file);
    const keys = await secrets();
    expect(calls(packets, true, keys)).toEqual(calls(packets, false, keys));
  });
});
