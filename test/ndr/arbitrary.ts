/** Random values for NDR tables. */

import fc, { type Arbitrary } from 'fast-check';
import { MINTERFACE_POINTER } from '../../dissectors/dcom/objref.js';
import { TWR } from '../../dissectors/interfaces/tower.js';
import { KIND, type ValueKind } from '../../dissectors/ndr/kinds.js';
import type { Member, NdrType, NdrValue, NumberKind } from '../../dissectors/ndr/types.js';
import { hex } from '../dcerpc/support.js';
import { decodeOne } from './support.js';

/** Pointers below this many others are null: tables may refer to themselves. */
const DEPTH = 4;

const hexText = (digits: number): Arbitrary<string> =>
  fc.bigInt({ min: 0n, max: (1n << BigInt(digits * 4)) - 1n }).map((n) => `0x${n.toString(16).padStart(digits, '0')}`);
const finite = { noNaN: true, noDefaultInfinity: true };

const NUMBERS: Record<NumberKind, Arbitrary<NdrValue>> = {
  u8: fc.integer({ min: 0, max: 0xff }),
  i8: fc.integer({ min: -0x80, max: 0x7f }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  i16: fc.integer({ min: -0x8000, max: 0x7fff }),
  u32: fc.integer({ min: 0, max: 0xffffffff }),
  i32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  u64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  i64: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  f32: fc.float(finite).map((n) => n + 0),
  f64: fc.double(finite).map((n) => n + 0),
  enum16: fc.integer({ min: 0, max: 0xffff }),
  size: fc.integer({ min: 0, max: 0xffffffff }),
  hex32: hexText(8),
  id64: hexText(16),
};

const bstr: Arbitrary<NdrValue> = fc.uint8Array({ maxLength: 9 }).map((bytes) => ({
  [KIND]: 'bstr',
  cBytes: bytes.length,
  bytes,
  nrbf: null,
}));
const nullable = (of: Arbitrary<NdrValue>): Arbitrary<NdrValue> => fc.option(of, { nil: null });

/** An OBJREF with one binding, as it is read. */
const objref = decodeOne(
  MINTERFACE_POINTER,
  hex(`44000000 44000000 4d454f57 01000000 0004020000000000c000000000000046 00000000 05000000 ac06873f966392ec
    c06c5fae3e0377c1 4a3f4b72c028171776a9f76432bdf600 00000000`),
).value;
/** A tower of two floors, as it is read. */
const tower = decodeOne(TWR, hex('0e000000 0e000000 0200 0100 0b 0200 0000 0100 0f 0000')).value;

const word = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 6 });
const tagged = (kind: ValueKind, of: Arbitrary<object>): Arbitrary<NdrValue> => of.map((o) => ({ [KIND]: kind, ...o }));
const dualString = tagged(
  'bindings',
  fc.record({
    bindings: fc.array(fc.record({ tower: fc.integer({ min: 1, max: 31 }), address: word }), { maxLength: 2 }),
    securityBindings: fc.array(
      fc.record({ authnSvc: fc.integer({ min: 1, max: 255 }), authzSvc: fc.constant(0xffff), principal: word }),
      { maxLength: 2 },
    ),
  }),
);

/** SAFEARRAYs whose elements' type stands in the array, by VARENUM and SF_TYPE. */
const safeArray = fc
  .constantFrom<[vt: number, name: string, sf: number, element: Arbitrary<NdrValue>]>(
    [3, 'VT_I4', 3, NUMBERS.i32],
    [2, 'VT_I2', 2, NUMBERS.i16],
    [17, 'VT_UI1', 16, NUMBERS.u8],
    [20, 'VT_I8', 20, NUMBERS.i64],
    [5, 'VT_R8', 20, NUMBERS.f64],
    [8, 'VT_BSTR', 8, nullable(bstr)],
    [13, 'VT_UNKNOWN', 13, fc.constantFrom(null, objref)],
  )
  .chain(([vt, name, sfType, element]) =>
    tagged(
      'safearray',
      fc.record({
        vt: fc.constant(name),
        features: fc.constant(['FADF_HAVEVARTYPE']),
        bounds: fc.array(fc.record({ lower: NUMBERS.i32, count: NUMBERS.u8 }), { minLength: 1, maxLength: 3 }),
        elements: fc.array(element, { maxLength: 4 }),
        cbElements: NUMBERS.u16,
        cLocks: fc.constant(vt * 0x10000),
        sfType: fc.constant(sfType),
        pointers: fc.constantFrom(1, 2),
      }),
    ),
  );

const VARIANTS: readonly (readonly [vt: string, value: Arbitrary<NdrValue>])[] = [
  ['VT_EMPTY', fc.constant(null)],
  ['VT_NULL', fc.constant(null)],
  ['VT_I1', NUMBERS.i8],
  ['VT_I2', NUMBERS.i16],
  ['VT_I4', NUMBERS.i32],
  ['VT_R4', NUMBERS.f32],
  ['VT_R8', NUMBERS.f64],
  ['VT_CY', NUMBERS.i64],
  ['VT_DATE', NUMBERS.f64],
  ['VT_BSTR', nullable(bstr)],
  ['VT_DISPATCH', fc.constantFrom(null, objref)],
  ['VT_ERROR', NUMBERS.hex32],
  ['VT_BOOL', fc.constantFrom(0, -1)],
  ['VT_DECIMAL', fc.constantFrom('0', '-1', '12345.678', '79228162514264337593543950335', '-0.0001')],
  ['VT_UI8', NUMBERS.u64],
  ['VT_BYREF|VT_I4', NUMBERS.i32],
  ['VT_BYREF|VT_R8', NUMBERS.f64],
  ['VT_BYREF|VT_CY', NUMBERS.i64],
  ['VT_BYREF|VT_BSTR', nullable(bstr)],
  ['VT_BYREF|VT_DECIMAL', fc.constantFrom('3.14', '-7')],
  ['VT_ARRAY|VT_I4', nullable(safeArray)],
  ['VT_BYREF|VT_ARRAY|VT_BSTR', nullable(safeArray)],
];
const variant: Arbitrary<NdrValue> = fc
  .constantFrom(...VARIANTS)
  .chain(([vt, value]) => tagged('variant', fc.record({ vt: fc.constant(vt), value, clSize: NUMBERS.u8 })));

const TAGGED: Partial<Record<ValueKind, Arbitrary<NdrValue>>> = {
  bstr,
  variant,
  safearray: nullable(safeArray),
  objref: fc.constant(objref),
  bindings: dualString,
  tower: fc.constant(tower),
};

/** Values of a type. */
function valuesOf(type: NdrType, depth = 0): Arbitrary<NdrValue> {
  switch (type.kind) {
    case 'number':
      return NUMBERS[type.number];
    case 'guid':
      return fc.uuid();
    case 'pointer': {
      if (depth >= DEPTH) return fc.constant(null);
      const to = typeof type.to === 'function' ? type.to() : type.to;
      return nullable(valuesOf(to, depth + 1));
    }
    case 'struct':
      return paramsOf(type.members, depth);
    case 'array': {
      if (type.of.kind === 'number' && type.of.number === 'u8') {
        const { length } = type;
        return fc.uint8Array(length === undefined ? { maxLength: 9 } : { minLength: length, maxLength: length });
      }
      const bounds = { minLength: type.length ?? 0, maxLength: type.length ?? 3 };
      return fc.array(valuesOf(type.of, depth), bounds) as Arbitrary<NdrValue>;
    }
    case 'string':
      return type.wide ? fc.string({ unit: 'grapheme', maxLength: 5 }).map((s) => s.replaceAll('\0', '')) : word;
    case 'union': {
      const arms = Object.entries(type.arms).map(([tag, arm]) =>
        fc.record({ tag: fc.constant(Number(tag)), value: arm === null ? fc.constant(null) : valuesOf(arm, depth) }),
      );
      return fc.oneof(...arms);
    }
    case 'mapped':
    case 'custom': {
      const known = type.makes && TAGGED[type.makes];
      if (known === undefined) throw new TypeError('a type without random values');
      return known;
    }
  }
}

/** Values of parameters or members, by name. */
export function paramsOf(members: readonly Member[], depth = 0): Arbitrary<Record<string, NdrValue>> {
  return fc.record(Object.fromEntries(members.map((m) => [m.name, valuesOf(m.type, depth)])));
}

/** Whether parameters are read by what follows them in the stub: those have tests of their own. */
export function dependsOnStub(members: readonly Member[]): boolean {
  return members.some((m) => m.type.kind === 'custom' && m.type.makes === 'ccw');
}
