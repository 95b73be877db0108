import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  describeCall,
  describeNrbf,
  describeReturn,
  nrbfToJson,
  startsAsNrbf,
  writeNrbf,
} from '../../dissectors/nrbf/index.js';
import { read } from './support.js';

/** Rows of little-endian words as the specification prints them: four words, then text. */
function words(dump: string): Uint8Array {
  const all =
    dump
      .match(/^([0-9a-f]{8} ?){4}/gm)
      ?.join(' ')
      .match(/[0-9a-f]{8}/g) ?? [];
  return Buffer.from(all.join(''), 'hex').swap32();
}

const CALL = `
00000000 00000000 00000100 00000000 .....
00121500 06120000 6874654d 5112646f .....Method.Q
74736554 706d6f43 6574202c 202c7473 TestComp, test,
73726556 3d6e6f69 2e302e30 2c302e30 Version=0.0.0.0,
6c754320 65727574 75656e3d 6c617274 Culture=neutral
7550202c 63696c62 5479654b 6e656b6f , PublicKeyToken
3030313d 66663066 65643064 34336662 =100f0ffd0deb34
00000233 48051200 6f6c6c65 00000b11 3.....Hello....
00650073 00000073 78adbf68 00000642 s.e.s...h...xB...
61df552e 800000d1 0000017e 00000006 .U.a....~.....
00000000 00001771 00000002 76726553 ....q.....Serv
20656369 6b636150 202c3120 36322e76 ice Pack 1, v.26
00000037 00000002 0000004c 00000009 7.....L.....
00000002 00000059 00000013 00000004 ....Y.....
0000005d 00000015 00000002 0000006a ].....j...
0000001f 00000004 0000006e 00000021 .....n...!...
`;

const RETURN = `
00000000 00000000 00000100 00000000 .....
04121600 00020000 12110000 726f5705 .....Wor
000b646c 00000000 0020f490 00000000 ld.....
61df71bf 800000d1 0000003a 00000000 .q.a.....
00000000 00000000 ff6c5db0 00000000 .....]l.
`;

describe('MS-IOI 4.3: dispatching a call with Deactivate', () => {
  it('decodes the method call: Method("Hello", out b), with zero ids and bytes behind MessageEnd', () => {
    const bytes = words(CALL);
    expect(startsAsNrbf(bytes)).toBe(true);
    const stream = read(bytes);
    expect([stream.complete, stream.warnings]).toEqual([true, []]);
    expect([stream.header.rootId, stream.header.headerId]).toEqual([0, 0]);
    expect(describeNrbf(stream)).toBe('TestComp.Method("Hello", null)');
    expect(describeCall(stream)).toEqual({ target: 'TestComp', method: 'Method', args: ['"Hello"', 'null'] });
    const { call, length } = nrbfToJson(stream, { full: true });
    expect(call).toMatchObject({
      kind: 'call',
      method: 'Method',
      type: 'TestComp, test, Version=0.0.0.0, Culture=neutral, PublicKeyToken=100f0ffd0debf343',
      flags: ['ArgsInline', 'NoContext'],
      args: [{ type: 'System.String', value: 'Hello' }, null],
    });
    expect(bytes.length - length).toBeGreaterThan(100);
    expect(Buffer.from(writeNrbf(nrbfToJson(stream, { full: true })))).toEqual(Buffer.from(bytes.subarray(0, length)));
  });

  it('decodes the return: b is "World"', () => {
    const bytes = words(RETURN);
    const stream = read(bytes);
    expect([stream.complete, stream.warnings]).toEqual([true, []]);
    expect(describeReturn(stream)).toEqual({ value: 'void', args: ['null', '"World"'], exception: null });
    expect(nrbfToJson(stream).call).toMatchObject({
      kind: 'return',
      flags: ['ArgsInline', 'NoContext', 'ReturnValueVoid'],
      returnValue: null,
      args: [null, { type: 'System.String', value: 'World' }],
    });
  });

  const folder = '../shared/spec';
  it.skipIf(!existsSync(folder))('prints those bytes in the specification itself', () => {
    const name = readdirSync(folder).find((file) => file.startsWith('001')) ?? '';
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const printed = [...text.matchAll(/would look like the following\.\s+```\s+([\s\S]*?)```/g)].map((m) => m[1]);
    expect(printed.length).toBe(2);
    for (const [i, ours] of [CALL, RETURN].entries()) {
      const theirs = words(printed[i]);
      const stream = read(theirs);
      expect(stream.complete).toBe(true);
      expect(Buffer.from(words(ours).subarray(0, stream.length))).toEqual(
        Buffer.from(theirs.subarray(0, stream.length)),
      );
    }
  });
});
