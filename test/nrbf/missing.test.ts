/** What is not in a stream is said and shown as missing: never null, zero, an empty list or the system library. */
import { describe, expect, it } from 'vitest';
import {
  describeNrbf,
  describeReturn,
  encodeValues,
  type JsonValue,
  NrbfWriteError,
  nrbfToJson,
  rootObjRef,
} from '../../dissectors/nrbf/index.js';
import { HEADER, hex, read } from './support.js';

const text = (s: string): string => Buffer.from([s.length, ...Buffer.from(s)]).toString('hex');
/** A class of the system library without an instance's values; types are BinaryTypeEnumerations. */
const system = (id: number, name: string, members: string[], types: string): string =>
  `04 0${id}000000 ${text(name)} 0${members.length}000000 ${members.map(text).join('')} ${types}`;

describe('what is not in a stream', () => {
  it('a library', () => {
    const stream = read(hex(`${HEADER} 05 01000000 ${text('A')} 00000000 09000000 0b`));
    expect(stream.warnings.map((w) => w.code)).toEqual(['unknown-library']);
    const { root } = nrbfToJson(stream);
    expect(root).toMatchObject({ type: 'A', assembly: null, libraryId: 9 });
    expect(() => encodeValues({ root })).toThrow(/^root\.assembly: library 9/);
  });

  it('the library of an array’s elements', () => {
    const bag = `07 01000000 00 01000000 00000000 04 ${text('Bag')} 09000000`;
    expect(nrbfToJson(read(hex(`${HEADER} ${bag} 0b`))).root).toMatchObject({ assembly: null, libraryId: 9 });
    expect(nrbfToJson(read(hex(`${HEADER} 0c 09000000 ${text('Lib')} ${bag} 0b`))).root).toMatchObject({
      type: 'Bag[]',
      assembly: 'Lib',
    });
  });

  it('a value of type Null', () => {
    const stream = read(hex(`${HEADER} 10 01000000 01000000 08 11 0b`));
    expect(stream.warnings.map((w) => w.code)).toEqual(['typed-null']);
    expect(nrbfToJson(stream).root?.elements).toEqual([null]);
    expect(describeNrbf(stream)).toBe('object[1] { null }');
  });

  it('the pairs of a dictionary', () => {
    const name = 'System.Collections.Generic.Dictionary`2[[A],[B]]';
    const at = (pairs: string) =>
      read(hex(`${HEADER} ${system(1, name, ['Version', 'KeyValuePairs'], '00 02 08')} 01000000 ${pairs} 0b`));
    expect(describeNrbf(at('0a'))).toBe('Dictionary<A, B> {}');
    expect(describeNrbf(at('09 07000000'))).toBe('Dictionary<A, B> { Version = 1, KeyValuePairs = (missing) }');
  });

  it('the URI and the channels of an ObjRef', () => {
    const objRef = system(1, 'System.Runtime.Remoting.ObjRef', ['uri', 'channelInfo'], '01 02');
    const channel = system(2, 'System.Runtime.Remoting.ChannelInfo', ['channelData'], '05');
    const stream = read(hex(`${HEADER} ${objRef} 09 08000000 ${channel} 09 09000000 0b`));
    expect(rootObjRef(stream)).toMatchObject({ uri: null, missing: ['uri', 'channelInfo.channelData'] });
    expect(describeNrbf(stream)).toBe('ObjRef (no URI) (missing: uri, channelInfo.channelData)');
  });

  it('what the flags of a message promise', () => {
    const head = '16 11300000'; // NoArgs, NoContext, ReturnValueInArray, ExceptionInArray
    const stream = read(
      hex(`00 01000000 ffffffff 01000000 00000000 ${head} 10 01000000 01000000 06 02000000 ${text('v')} 0b`),
    );
    expect(stream.warnings.map((w) => w.code)).toEqual(['missing-call-array']);
    expect(describeReturn(stream)).toEqual({ value: '"v"', args: [], exception: '(missing)' });
    expect(nrbfToJson(stream).call?.exception).toEqual({
      omitted: true,
      readable: 'the call array has no such element',
    });
  });

  it('the root of a stream that was cut off', () => {
    const stream = read(hex(`00 07000000 ffffffff 01000000 00000000 06 01000000 ${text('first')} 10`));
    expect(stream.warnings.map((w) => w.code)).toEqual(['malformed', 'missing-root']);
    expect(nrbfToJson(stream).root).toEqual({ type: 'System.String', value: 'first' });
  });
});

describe('what VALUEs do not say is refused, with its path', () => {
  const array = (type: string, ...elements: JsonValue[]): JsonValue => ({ type, elements });
  const point = { type: 'Pt', assembly: 'Lib', members: {} };
  it.each<[string, JsonValue, RegExp]>([
    [
      'a Decimal that is no number',
      array('System.Object[]', null, { type: 'System.Decimal', value: '1E5' }),
      /^root\.elements\[1\]: "1E5"/,
    ],
    [
      'a Decimal beyond 96 bits',
      array('System.Decimal[]', { type: 'System.Decimal', value: '79228162514264337593543950336' }),
      /^root\.elements\[0\]: /,
    ],
    [
      'a Decimal that would be rounded',
      { type: 'A', members: { d: { type: 'System.Decimal', value: `0.${'1'.repeat(29)}` } } },
      /^root\.members\.d: /,
    ],
    [
      'a Decimal of blanks',
      array('System.Decimal[]', { type: 'System.Decimal', value: ' 1' }),
      /^root\.elements\[0\]: /,
    ],
    ['the library of an array', array('Enc.Bag[]', null), /^root\.assembly: the library of Enc\.Bag\[\]/],
    [
      'what was shortened',
      array('System.Object[]', { type: 'System.String', value: 'x', shortened: { length: 9 } }),
      /^root\.elements\[0\]: /,
    ],
    ['what was left out', { type: 'A', members: { m: { omitted: true } } }, /^root\.members\.m: /],
    [
      'a ref to nothing',
      { type: 'A', members: { m: array('System.Object[]', { ref: 5 }) } },
      /^root\.members\.m\.elements\[0\]: ref 5/,
    ],
    [
      'an object inline in two places',
      array('System.Object[]', { ...point, id: 1, inline: true }, { ref: 1, inline: true }),
      /^root\.elements\[0\]: stands inline in a second place/,
    ],
    [
      'a type that is none',
      array('System.Object[]', { type: 'System.Int31', value: 1 }),
      /^root\.elements\[0\]: "System\.Int31"/,
    ],
  ])('%s', (_, root, message) => {
    expect(() => encodeValues({ root })).toThrow(NrbfWriteError);
    expect(() => encodeValues({ root })).toThrow(message);
  });

  it('and what they say comes back: inline, by reference, each once', () => {
    const root: JsonValue = array(
      'System.Object[]',
      { ref: 2 },
      {
        type: 'Holder',
        assembly: 'Lib',
        members: { p: { ...point, id: 2, inline: true }, q: { ...point, inline: true }, r: point },
      },
    );
    const made = nrbfToJson(read(encodeValues({ root })), { full: true });
    expect(made.records.filter((r) => r.type === 'MemberReference').length).toBe(3);
    const [first, holder] = made.root?.elements ?? [];
    expect(first).toMatchObject({ type: 'Pt', id: 1 });
    expect(holder?.members).toMatchObject({ p: { ref: 1, inline: true }, q: { inline: true } });
    expect(holder?.members?.r).not.toHaveProperty('inline');
    expect(encodeValues({ root: made.root })).toEqual(encodeValues({ root }));
  });
});
