/** Values of stubs and streams that their types cannot hold, and documents that were edited. */
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { SCENARIOS } from '../../src/encode/scenarios/scenarios.js';
import { changed, KNOWN } from './support.js';

const hex = (json: unknown): string => Buffer.from(encodeDocument(json, KNOWN)).toString('hex');
const refusal = (json: unknown): string => {
  try {
    encodeDocument(json, KNOWN);
  } catch (e) {
    return (e as Error).message;
  }
  return 'it was taken';
};

/** An Invoke with one argument. */
const invoke = (variant: object) => ({
  kind: 'stub',
  interface: 'IDispatch',
  operation: 'Invoke',
  side: 'request',
  params: {
    ...{ dispIdMember: 1, riid: '00000000-0000-0000-0000-000000000000', lcid: 0, dwFlags: 1 },
    pDispParams: { rgvarg: [variant], rgdispidNamedArgs: null, cArgs: 1, cNamedArgs: 0 },
    ...{ cVarRef: 0, rgVarRefIdx: [], rgVarRef: [] },
  },
});
const ARG = 'params.pDispParams.rgvarg[0]';

describe('MS-OAUT 2.2.29: arms of VARIANT', () => {
  it.each([
    ['VT_I1', 128],
    ['VT_UI1', 300],
    ['VT_UI1', -1],
    ['VT_I2', 70000],
    ['VT_BOOL', 32768],
    ['VT_UI2', 65536],
    ['VT_I4', 2147483648],
    ['VT_I4', 2.5],
    ['VT_UI4', -1],
    ['VT_ERROR', 4294967296],
    ['VT_I8', '9223372036854775808'],
    ['VT_I8', 2 ** 53],
    ['VT_UI8', '-1'],
    ['VT_CY', '18446744073709551616'],
    ['VT_R4', 1e39],
    ['VT_R8', '1,5'],
    ['VT_R8', '1e999'],
    ['VT_R8', JSON.parse('1e999')],
    ['VT_R8', 'infinity'],
    ['VT_R4', '-INFINITY'],
    ['VT_R8', 'nan'],
    ['VT_ARRAY|VT_R8', { vt: 'VT_R8', elements: [JSON.parse('-1e999')] }],
    ['VT_DATE', 'yesterday'],
    ['VT_I4', true],
    ['VT_DECIMAL', '12,5'],
    ['VT_DECIMAL', '1E5'],
    ['VT_DECIMAL', ''],
    ['VT_DECIMAL', '79228162514264337593543950336'],
    ['VT_DECIMAL', '0.00000000000000000000000000001'],
    ['VT_BYREF|VT_UI1', 256],
    ['VT_BYREF|VT_DECIMAL', 'x'],
    ['VT_EMPTY', 0],
    ['VT_BSTR', 5],
  ])('%s does not hold %j', (vt, value) => {
    expect(refusal(invoke({ vt, value }))).toMatch(`${ARG}.value`);
  });

  it.each([
    ['VT_UI1', 255, 'ff'],
    ['VT_I2', -32768, '0080'],
    ['VT_BOOL', true, 'ffff'],
    ['VT_I8', '-9223372036854775808', '0000000000000080'],
    ['VT_R8', '-0', '0000000000000080'],
    ['VT_R4', 'NaN', '0000c07f'],
    ['VT_ERROR', -2147024809, '57000780'],
    ['VT_DECIMAL', '-79228162514264337593543950335', '0e000080ffffffffffffffffffffffff'],
    ['VT_DECIMAL', '-0.00', '0e00028000000000'],
  ])('%s holds %j', (vt, value, bytes) => {
    expect(hex(invoke({ vt, value }))).toContain(bytes);
  });

  it('its type is one, and an array in it is of that type', () => {
    expect(refusal(invoke({ vt: 'VT_BTSR', value: null }))).toBe(`${ARG}.vt: there is no type VT_BTSR; is it VT_BSTR?`);
    const array = { vt: 'VT_I4', elements: [1] };
    expect(refusal(invoke({ vt: 'VT_ARRAY|VT_I2', value: array }))).toContain(`${ARG}.value.vt: `);
    expect(hex(invoke({ vt: 'VT_ARRAY|VT_I4', value: array }))).toContain('01000000');
  });
});

describe('MS-OAUT 2.2.30: SAFEARRAY', () => {
  const info = (infoArray: object) => ({
    ...{ kind: 'stub', interface: 'IServicedComponentInfo', operation: 'GetComponentInfo', side: 'response' },
    params: { infoMask: 1, infoArray },
  });
  const AT = 'params.infoArray';

  it.each<[object, string]>([
    [{ vt: 'VT_BSTR', elements: ['a'], bounds: [{ lower: 0, count: 5 }] }, `${AT}.bounds: `],
    [{ vt: 'VT_BSTR', elements: ['a'], bounds: [{ count: 1 }, { count: 2 }] }, `${AT}.bounds: `],
    [{ vt: 'VT_BSTR', elements: ['a'], bounds: [] }, `${AT}.bounds: `],
    [{ vt: 'VT_BSTR', elements: ['a'], bounds: [{ lowr: 0, count: 1 }] }, `${AT}.bounds[0].lowr: `],
    [{ vt: 'VT_BSTR', elements: ['a'], features: ['FADF_BSTRR'] }, `${AT}.features[0]: `],
    [{ vt: 'VT_BTSR', elements: ['a'] }, `${AT}.vt: `],
    [{ vt: 'VT_UI1', elements: [1, 256] }, `${AT}.elements[1]: `],
    [{ vt: 'VT_I2', elements: [40000] }, `${AT}.elements[0]: `],
    [{ vt: 'VT_CY', elements: ['9223372036854775808'] }, `${AT}.elements[0]: `],
    [{ vt: 'VT_R8', elements: [1.5], features: [] }, `${AT}.vt: `],
    [{ vt: 'VT_BSTR', elements: ['a'], sfType: 3 }, `${AT}.sfType: `],
    [{ vt: 'VT_BSTR', elements: ['a'], pointers: 3 }, `${AT}.pointers: `],
    [{ vt: 'VT_BSTR', elements: [{ txt: 'a' }] }, `${AT}.elements[0].txt: there is no member txt; is it text?`],
  ])('%j is refused', (array, message) => {
    expect(refusal(info(array)).startsWith(message), refusal(info(array))).toBe(true);
  });

  it('2.2.30.10: one referent in front of a parameter, two in a VARIANT, or as many as are asked for', () => {
    const array = { vt: 'VT_I4', elements: [7] };
    // ORPCTHAT, infoMask, referent, conformance, cDims
    expect(hex(info(array))).toMatch(/^0{16}01000000000002000100000001008000/);
    expect(hex(info({ ...array, pointers: 2 }))).toMatch(/^0{16}0100000000000200040002000100000001008000/);
    const within = (more: object): string => hex(invoke({ vt: 'VT_ARRAY|VT_I4', value: { ...array, ...more } }));
    expect(within({})).toBe(within({ pointers: 2 }));
    expect(within({ pointers: 1 }).length).toBe(within({}).length - 8);
  });
});

describe('MS-DCOM 2.2.18 and 2.2.19: what an OBJREF holds', () => {
  const GUID = '00000000-0000-0000-c000-000000000046';
  const standard = { iid: GUID, oxid: '0x1', oid: '0x2', ipid: GUID, bindings: ['10.0.0.1[135]'] };

  it.each<[object, string]>([
    [{ oxid: '0xzz' }, 'oxid'],
    [{ oid: '0x10000000000000000' }, 'oid'],
    [{ ipid: 'x' }, 'ipid'],
    [{ clsid: GUID }, 'clsid'],
    [{ bindings: ['tower 65543:x'] }, 'bindings[0]'],
    [{ bindings: ['a\0b'] }, 'bindings[0]'],
    [{ bindings: ['x'.repeat(70_000)] }, ''],
    [{ securityBindings: [{ authnSvc: 0 }] }, 'securityBindings[0].authnSvc'],
    [{ publicRefs: -1 }, 'publicRefs'],
    [{ type: 'standrad' }, 'type'],
  ])('%j', (odd, at) => {
    expect(hex(invoke({ vt: 'VT_UNKNOWN', value: standard }))).toContain('4d454f5701000000');
    const message = refusal(invoke({ vt: 'VT_UNKNOWN', value: { ...standard, ...odd } }));
    expect(message).toMatch(`${ARG}.value${at === '' ? '' : `.${at}`}: `);
  });
});

describe('MS-NRBF 2.1.1: values of primitive types', () => {
  const root = (type: string, value: unknown) => ({
    kind: 'nrbf',
    root: { type: `${type}[]`, elements: [{ type, ...(typeof value === 'object' ? value : { value }) }] },
  });

  it.each<[string, unknown]>([
    ['System.Boolean', 1],
    ['System.Byte', 256],
    ['System.SByte', -129],
    ['System.Int16', 32768],
    ['System.UInt16', -1],
    ['System.Int32', 2147483648],
    ['System.Int32', '5'],
    ['System.UInt32', 4294967296],
    ['System.Int64', '9223372036854775808'],
    ['System.Int64', 2 ** 60],
    ['System.UInt64', '-1'],
    ['System.Single', 1e39],
    ['System.Double', 'one'],
    ['System.Char', 'ab'],
    ['System.Char', ''],
    ['System.Decimal', '1E5'],
    ['System.Decimal', '1,5'],
    ['System.Decimal', '79228162514264337593543950336'],
    ['System.String', '\ud800'],
    ['System.String', 5],
    ['System.DateTime', { ticks: '3155378976000000000', kind: 0 }],
    ['System.TimeSpan', { ticks: '9223372036854775808' }],
  ])('%s does not hold %j', (type, value) => {
    expect(refusal(root(type, value))).toMatch(/^root\.elements\[0\]\.(value|ticks): /);
  });

  it('2.1.1.7: what a Decimal may be', () => {
    for (const value of ['-0', '-0.00', '12.50', '79228162514264337593543950335'])
      expect(hex(root('System.Decimal', value))).toContain(Buffer.from(value).toString('hex'));
  });

  it('an element is of its array, a ref means an id, lengths are those of elements', () => {
    const value = { type: 'System.Byte[]', elements: [{ type: 'System.Int32', value: 300 }] };
    expect(refusal({ kind: 'nrbf', root: value })).toContain('root.elements[0].type: System.Byte is wanted');
    const object = { type: 'T', members: { a: { ref: 2 } } };
    expect(refusal({ kind: 'nrbf', root: object })).toContain('root.members.a.ref: ');
    const array = { type: 'System.Int32[,]', lengths: [2, 2], elements: [] };
    expect(refusal({ kind: 'nrbf', root: array })).toContain('root.elements: 4 are wanted');
    const shortened = { type: 'System.String', value: 'x', shortened: { length: 5000 } };
    expect(refusal({ kind: 'nrbf', root: shortened })).toContain('root.shortened: ');
  });
});

describe('bytes that mean nothing', () => {
  const names = (text: string, padding: unknown) => ({
    ...{ kind: 'stub', interface: 'IRemoteDispatch', operation: 'GetIDsOfNames', side: 'request' },
    params: { riid: '00000000-0000-0000-0000-000000000000', rgszNames: [text, 'path'], cNames: 2, lcid: 1033 },
    wire: { padding },
  });
  const bytesOf = (text: string): string => Buffer.from(`${text}\0`, 'utf16le').toString('hex');

  it('stay in their gap when a text grows, and go where it has no room', () => {
    const gaps = Array.from({ length: 60 }, (_, gap) => ({ gap, hex: 'abababababababab' }));
    // four characters and a zero leave two bytes, five leave none
    expect(hex(names('Open', gaps))).toContain(`${bytesOf('Open')}abab`);
    for (const text of ['Open', 'Opens', 'Open+Längere Zeichenkette 90043 €', '']) {
      const bytes = hex(names(text, gaps));
      expect(bytes).toContain(bytesOf(text));
      expect(bytes).toContain(bytesOf('path'));
      expect(bytes.length).toBe(hex(names(text, [])).length);
    }
  });

  it('noted by offset are taken where they still are padding, and nowhere else', () => {
    const plain = hex(names('Open', []));
    const at = plain.indexOf(bytesOf('Open')) / 2 + 10;
    expect(hex(names('Open', [[at, 'abab']]))).toBe(`${plain.slice(0, 2 * at)}abab${plain.slice(2 * at + 4)}`);
    expect(refusal(names('Open+Längere', [[at, 'abab']]))).toContain('wire.padding[0]: a value stands where');
    expect(refusal(names('Open', [[0, 'ff']]))).toContain('wire.padding[0]: ');
    expect(refusal(names('Open', [[100_000, 'ff']]))).toContain('wire.padding[0]: ');
  });
});

describe('places', () => {
  const scenario = (name: string) => SCENARIOS.find((s) => s.name === name)?.document();

  it('are those of the document, with the nearest name', () => {
    const at = ['connections', 0, 'calls', 1];
    const other = (path: (string | number)[], value: unknown): string =>
      refusal(changed(scenario('remote-dispatch'), path, value));
    expect(other([...at, 'in', 's'], 5)).toMatch(/^connections\[0\]\.calls\[1\]\.in\.s: /);
    expect(other([...at, 'operation'], 'RemoteDispatchAutoDon')).toContain('is it RemoteDispatchAutoDone?');
    expect(other([...at, 'interface'], 'IRemoteDispach')).toContain(
      'interface: there is no interface IRemoteDispach; is',
    );
    expect(other([...at, 'object'], 'x')).toMatch(/^connections\[0\]\.calls\[1\]\.object: a UUID /);
    expect(other(['connections', 0, 'server'], undefined)).toMatch(/^connections\[0\]\.server: /);
    expect(other([...at, 'opnum'], 9)).toMatch(/^connections\[0\]\.calls\[1\]\.opnum: RemoteDispatchAutoDone is 7/);
    expect(other([...at, 'iid'], 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4')).toContain('calls[1].iid: ');
  });

  it('invalid: what may be a password is never quoted', () => {
    for (const auth of [
      'hunter2',
      ['hunter2'],
      { user: 'alice', password: ['hunter2'] },
      { user: { password: 'hunter2' }, password: 'hunter2' },
      { user: 'alice', passwrod: 'hunter2' },
      { user: 5, password: 'hunter2' },
      { type: 'hunter', user: 'a', password: 'hunter2' },
    ]) {
      const message = refusal(changed(scenario('ntlm-privacy'), ['connections', 0, 'auth'], auth));
      expect(message).toMatch(/^connections\[0\]\.auth/);
      expect(message).not.toContain('hunter2');
    }
  });
});
