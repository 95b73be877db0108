/** What nobody should send: streams and stubs that ask for more than there is, and names that are no names. */
import type { JsonObject } from '../error.js';
import {
  apartment,
  dispatched,
  IPID_INFO,
  IPID_MANAGED,
  identity,
  type Scenario,
  scenarioOf,
  serialized,
} from './parts.js';

const HEADER = '0001000000ffffffff0100000000000000';

/** A BSTR of hex, as GetSerializedBuffer's answer. */
function buffer(hex: string): JsonObject {
  return { ...serialized(null), out: { pBSTR: { hex } } };
}

/** A chain of objects that each hold the next. */
function nested(depth: number): JsonObject {
  const first: JsonObject = {
    type: 'ClassWithMembersAndTypes',
    objectId: 1,
    className: 'Chain',
    memberNames: ['next'],
    memberTypes: [{ type: 'Object' }],
    libraryId: 99999,
  };
  const rest = Array.from({ length: depth - 1 }, (_, i) => ({ type: 'ClassWithId', objectId: i + 2, metadataId: 1 }));
  return {
    records: [
      { type: 'SerializedStreamHeader', rootId: 1, headerId: -1, majorVersion: 1, minorVersion: 0 },
      { type: 'BinaryLibrary', libraryId: 99999, libraryName: 'Hostile' },
      first,
      ...rest,
      { type: 'ObjectNull' },
      { type: 'MessageEnd' },
    ],
  };
}

/** The shape of a well-known gadget: a sorted set whose comparer is a delegate to Process.Start. */
function gadget(): JsonObject {
  const string = (value: string): JsonObject => ({ type: 'System.String', value });
  return {
    root: {
      type: 'System.Collections.Generic.SortedSet`1[[System.String, mscorlib]]',
      assembly: 'System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089',
      members: {
        Count: { type: 'System.Int32', value: 2 },
        Comparer: {
          type: 'System.DelegateSerializationHolder',
          assembly: null,
          members: { methodName: string('Start'), targetTypeName: string('System.Diagnostics.Process') },
        },
        Items: {
          type: 'System.String[]',
          rank: 1,
          lengths: [2],
          elements: [string('/c echo clrscope'), string('cmd')],
        },
      },
    },
  };
}

/** GetComponentInfo's answer with a count of elements far beyond its bytes. */
const HUGE_ARRAY = [
  ...['00000000', '00000000', '04000000', '55736572', '01000000', '0100', '8001', '04000000', '00000800', '08000000'],
  ...['ffffff7f', '55736572', 'ffffff7f', '00000000', 'ffffff7f', '55736572', '00000000'],
].join('');

export const HOSTILE: readonly Scenario[] = [
  {
    name: 'hostile',
    title: 'counts without bytes, deep graphs, a gadget, cut streams, terminal escapes in names',
    document: () =>
      scenarioOf([
        apartment([
          // an array of two thousand million nulls, and one of as many bytes
          buffer(`${HEADER}1001000000ffffff7f0effffff7f0b`),
          buffer(`${HEADER}0f01000000ffffff7f02`),
          // as many nulls as are just taken
          buffer(`${HEADER}1001000000ffffff0f0effffff0f0b`),
          // a stream that ends inside its first class
          buffer(`${HEADER}0c0200000003`),
          serialized(nested(3000)),
          serialized(gadget()),
          identity('\u001b[2J\u001b]0;owned\u0007', 1),
          dispatched(
            { call: { kind: 'call', method: '../../etc/passwd', type: '\u202egnp.exe', args: [] } },
            { call: { kind: 'return', args: [], returnValue: null } },
          ),
          {
            interface: 'IServicedComponentInfo',
            operation: 'GetComponentInfo',
            object: IPID_INFO,
            in: { infoMask: -1 },
            response: HUGE_ARRAY,
          },
          { interface: 'IManagedObject', opnum: 200, object: IPID_MANAGED, request: '00', fault: '0x1c010002' },
        ]),
      ]),
  },
];
