/** IDL as tables: what a specification prints is what clrscope reads (C706 4.2; MIDL). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BSTR } from '../../dissectors/dcom/bstr.js';
import { INTERFACE_POINTER } from '../../dissectors/dcom/objref.js';
import { SAFEARRAY } from '../../dissectors/dcom/safearray.js';
import { VARIANT } from '../../dissectors/dcom/variant.js';
import { IManagedObject } from '../../dissectors/interfaces/IManagedObject.js';
import * as ndr from '../../dissectors/ndr/types.js';
import { paramsOf } from '../ndr/arbitrary.js';
import { decode, encode } from '../ndr/support.js';
import { idl, operationOf, UUID, withOperation } from './support.js';

const { conformant, counted, fixed, pointer, varying, wideString } = ndr;

describe('a parameter', () => {
  // declarations, parameter, table
  const TYPES: readonly (readonly [string, string, ndr.NdrType])[] = [
    ['', '[in] long a', ndr.i32],
    ['', '[in] unsigned long a', ndr.u32],
    ['', '[in] unsigned long int a', ndr.u32],
    ['', '[in] DWORD a', ndr.u32],
    ['', '[in] const short a', ndr.i16],
    ['', '[in] hyper a', ndr.i64],
    ['', '[in] unsigned __int64 a', ndr.u64],
    ['', '[in] long long a', ndr.i64],
    ['', '[in] small a', ndr.i8],
    ['', '[in] boolean a', ndr.u8],
    ['', '[in] wchar_t a', ndr.u16],
    ['', '[in] double a', ndr.f64],
    ['', '[in] unsigned __int3264 a', ndr.size],
    ['', '[in] REFIID a', ndr.guid],
    ['', '[in] long *a', ndr.i32],
    ['', '[in, unique] long *a', pointer(ndr.i32)],
    ['', '[in] long **a', pointer(ndr.i32)],
    ['', '[in, string] wchar_t *a', wideString],
    ['', '[in, string, unique] const wchar_t *a', pointer(wideString)],
    ['', '[in] LPCWSTR a', wideString],
    ['', '[in, unique] LPWSTR a', pointer(wideString)],
    ['', '[in, string] char *a', ndr.narrowString],
    ['', '[in, size_is(5)] byte *a', conformant(ndr.u8)],
    ['', '[in] long n, [in, size_is(n)] short a[]', counted('n', conformant(ndr.i16))],
    ['', '[in] long n, [in, size_is(*n)] short *a', counted('n', conformant(ndr.i16))],
    ['', '[in] long n, [in, size_is(n, )] short **a', counted('n', conformant(pointer(ndr.i16)))],
    ['', '[in] long n, [in, size_is(, n)] short **a', pointer(counted('n', conformant(ndr.i16)))],
    ['', '[in, unique, size_is(3)] short a[]', pointer(conformant(ndr.i16))],
    ['', '[in] long n, [in, size_is(n), length_is(n)] short *a', counted('n', varying(ndr.i16))],
    ['', '[in] long n, [in, size_is(9), length_is(n)] short *a', counted('n', varying(ndr.i16))],
    ['', '[in] long n, [in, size_is(n), last_is(7)] short *a', varying(ndr.i16)],
    ['', '[in] long n, [in, max_is(n)] short *a', conformant(ndr.i16)],
    ['#define MANY (2 * 4)', '[in] short a[MANY + 1]', fixed(ndr.i16, 9)],
    ['', '[in] long m, [in] long n, [in, size_is(m, n)] short a[][]', grid(ndr.i16, 'm', 'n')],
    ['', '[in, size_is(2, 3), length_is(2)] short a[][*]', varying(varying(ndr.i16))],
    ['', '[in, size_is(2, 3), length_is(, 1)] short a[][]', varying(varying(ndr.i16))],
    ['typedef [transmit_as(unsigned long)] struct T *T;', '[in] T a', ndr.u32],
    ['typedef [wire_marshal(BSTR)] void *T;', '[in] T a', BSTR],
    ['typedef [user_marshal(void *)] hyper T;', '[in] T a', ndr.i64],
    ['const long MANY = 0x10 >> 1;', '[in] short a[MANY][2]', fixed(fixed(ndr.i16, 2), 8)],
    ['', '[in, string] wchar_t a[8]', { ...wideString, length: 8 }],
    ['', '[in] BSTR a', BSTR],
    ['', '[in] VARIANT *a', VARIANT],
    ['', '[in] SAFEARRAY(BSTR) a', SAFEARRAY],
    ['', '[in] IUnknown *a', INTERFACE_POINTER],
    ['interface ILater;', '[in] ILater *a', INTERFACE_POINTER],
    ['', '[in] REFIID riid, [in, iid_is(riid)] void *a', INTERFACE_POINTER],
    ['typedef enum { ONE = 1, TWO } E;', '[in] E a', ndr.as(ndr.enum16, { names: { 1: 'ONE', 2: 'TWO' } })],
    ['typedef [v1_enum] enum { ONE, TWO } E;', '[in] E a', ndr.as(ndr.u32, { names: { 0: 'ONE', 1: 'TWO' } })],
  ];

  it.each(TYPES)('%s %s', (before, parameters, type) => {
    const [, response] = [operationOf(parameters, before), operationOf(parameters.replaceAll('[in', '[out'), before)];
    expect(operationOf(parameters, before).request.at(-1)?.type).toEqual(type);
    expect(response.response.at(-1)?.type).toEqual(type);
  });

  it('that is a binding handle does not travel', () => {
    expect(operationOf('[in] handle_t h, [in] long a').request.map((m) => m.name)).toEqual(['a']);
  });

  it('goes both ways where it says so, and in where it says nothing', () => {
    const { request, response, retval } = operationOf('[in, out] long a, long b, [out, retval] long *c');
    expect(request.map((m) => m.name)).toEqual(['a', 'b']);
    expect(response.map((m) => m.name)).toEqual(['a', 'c']);
    expect(retval).toBe('c');
  });
});

/** Two dimensions that numbers beside them count. */
function grid(of: ndr.NdrType, rows: string, columns: string): ndr.NdrType {
  return counted(rows, conformant(counted(columns, conformant(of))));
}

const MANY = `
  typedef struct _POINT { short x; short y; } POINT;
  typedef [switch_type(short)] union { [case(1)] long number; [case(2, 3)] POINT point; [case(4)] ; [default] [string] wchar_t *text; } CHOICE;
  typedef struct _NODE { struct _NODE *next; POINT at; byte n; [size_is(n)] POINT *points; } NODE, *PNODE;
  typedef struct { unsigned short kind; [switch_is(kind)] CHOICE choice; GUID id; double d; } HELD;
  typedef struct { unsigned long n; [size_is(n)] hyper values[]; } OPEN;
  typedef [context_handle] void *HANDLE;
`;

describe('structs and unions', () => {
  it.each([
    ['[in] POINT a, [in] NODE *b'],
    ['[in] PNODE a, [out] PNODE *b'],
    ['[in] HELD *a, [in] long n, [in, size_is(n)] HELD *b'],
    ['[in] byte x, [in] OPEN *a, [in, unique] OPEN *b'],
    ['[in] HANDLE a, [out] HANDLE *b'],
  ])('%s: what is written by the tables is read again', (parameters) => {
    const { request, response } = operationOf(parameters, MANY);
    for (const members of [request, response])
      for (const ndr64 of [false, true])
        fc.assert(
          fc.property(paramsOf(members), (values) => {
            const again = decode(members, encode(members, values, { ndr64, littleEndian: true }), {
              ndr64,
              littleEndian: true,
            });
            expect(again).toMatchObject({ values, left: 0 });
            // random values count their elements as they like
            expect(again.notes.filter(({ code }) => code !== 'array-count')).toEqual([]);
          }),
          { numRuns: 20 },
        );
  });

  it('lie on the wire as NDR has them: a conformant struct has its count in front', () => {
    const { request } = operationOf('[in] OPEN *a', MANY);
    const bytes = encode(request, { a: { n: 1, values: [5n] } }, { ndr64: false, littleEndian: true });
    expect(Buffer.from(bytes).toString('hex')).toBe('0100000000000000010000000000000005'.padEnd(48, '0'));
  });

  it('arrays of several dimensions have all counts in front', () => {
    const GRID = 'typedef struct { long m; long n; [size_is(m, n)] short a[][]; } GRID;';
    const hex = (parameters: string, values: object, ndr64 = false): string => {
      const { request } = operationOf(parameters, GRID);
      const bytes = encode(request, values as Parameters<typeof encode>[1], { ndr64, littleEndian: true });
      expect(decode(request, bytes, { ndr64, littleEndian: true })).toMatchObject({ values, left: 0, notes: [] });
      return Buffer.from(bytes).toString('hex');
    };
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const words = '010002000300040005000600';
    expect(hex('[in, size_is(2, 3)] short a[][]', { a: rows })).toBe(`0200000003000000${words}`);
    expect(hex('[in, size_is(2, 3), length_is(2, 3)] short a[][]', { a: rows })).toBe(
      `020000000300000000000000020000000000000003000000${words}`,
    );
    const held = { a: { m: 2, n: 3, a: rows } };
    expect(hex('[in] GRID *a', held)).toBe(`02000000030000000200000003000000${words}`);
    expect(hex('[in] GRID *a', held, true)).toContain(words);
    const bytes = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)];
    expect(hex('[in, size_is(2, 2)] byte a[][]', { a: bytes })).toBe('020000000200000001020304');
    expect(hex('[in, size_is(2, 0)] long a[][]', { a: [] })).toBe('0000000000000000');
  });

  it('arrays of several dimensions: counts that no stub holds, and rows of several lengths', () => {
    const { request } = operationOf('[in, size_is(2, 3)] short a[][]');
    const at = { ndr64: false, littleEndian: true };
    for (const counts of ['ffffffffffffffff', '0000000400000004', '0300000002000000'])
      expect(decode(request, Buffer.from(`${counts}01000200`, 'hex'), at).notes).not.toEqual([]);
    expect(decode(request, Buffer.from('ffffffff00000000', 'hex'), at).values).toEqual({ a: [] });
    expect(() => encode(request, { a: [[1], [2, 3]] }, at)).toThrow('rows of 1 elements are wanted, not one of 2');
  });

  it('of other files are known: those that are imported, and those in front', () => {
    const text = withOperation('[in] POINT a', 'import "types.idl", "nowhere.idl";');
    const [{ ops }] = idl(text, { 'types.idl': MANY });
    expect(ops[3].request[0].type.kind).toBe('struct');
  });
});

describe('an interface', () => {
  it('continues another: declared, or known here', () => {
    const [, second, third] = idl(`
      [object, uuid(${UUID})] interface IOne : IUnknown { HRESULT A(); HRESULT B(); }
      [object, uuid(${UUID.replace('0a', '0b')})] interface ITwo : IOne { HRESULT C(); };
      [object, dual, uuid(${UUID.replace('0a', '0c')})] interface IThree : IDispatch { [propget, id(1)] HRESULT Value([out, retval] long *p); };`);
    expect(Object.entries(second.ops).map(([n, op]) => `${n} ${op.name}`)).toEqual(['3 A', '4 B', '5 C']);
    expect(
      Object.entries(third.ops)
        .map(([n, op]) => `${n} ${op.name}`)
        .slice(-2),
    ).toEqual(['6 Invoke', '7 get_Value']);
    expect([second.orpc, third.orpc]).toEqual([true, true]);
  });

  it('of plain RPC begins with 0, and has its version', () => {
    const [plain] = idl(`[uuid(${UUID}), version(2.1)] interface plain {
      void A([in] handle_t h); [callback] void Back(); [local] void Here(); error_status_t B([in] handle_t h); hyper C([in] handle_t h); }`);
    expect(plain).toMatchObject({ orpc: false, version: '2.1' });
    expect(Object.values(plain.ops).map((op) => [op.name, op.returns])).toEqual([
      ['A', 'nothing'],
      ['B', 'status'],
      ['C', 'nothing'],
    ]);
    expect(plain.ops[2].response.map((m) => m.name)).toEqual(['ReturnValue']);
  });

  it('has local methods in its numbers, and what is called for them', () => {
    const [one] = idl(`[object, uuid(${UUID})] interface IOne : IUnknown {
      [local] HRESULT Read([out] void *pv); [call_as(Read)] HRESULT RemoteRead([out] long *n); HRESULT After(); [local] HRESULT Last(void *p); HRESULT End(); }`);
    expect(Object.entries(one.ops).map(([n, op]) => `${n} ${op.name}`)).toEqual(['3 RemoteRead', '4 After', '6 End']);
  });

  it('without UUID, or in a library with classes, is passed over where no wire sees it', () => {
    const list = idl(`
      #pragma once
      cpp_quote("#define X 1")
      interface IContainer { typedef long T; const T FIVE = 5; }
      [uuid(${UUID}), version(1.0)] library L { importlib("stdole2.tlb");
        [object, uuid(${UUID})] interface IThing : IUnknown { HRESULT Do([in] T a[FIVE]); };
        [uuid(${UUID})] coclass C { [default] interface IThing; }; }`);
    expect(list.map((i) => i.name)).toEqual(['IThing']);
    expect(list[0].ops[3].request[0].type).toEqual(fixed(ndr.i32, 5));
  });

  it('that is known keeps the meaning of its operations, where parameters have the same names', () => {
    const text = (name: string): string => `[object, uuid(${IManagedObject.uuid})] interface IManagedObject : IUnknown {
      HRESULT GetSerializedBuffer([out] BSTR *${name}); }`;
    const known = IManagedObject.ops[3];
    expect(idl(text('pBSTR'))[0].ops[3]).toMatchObject({ tells: known.tells, section: known.section });
    expect(idl(text('other'))[0].ops[3].tells).toBeUndefined();
    // the rest is not made up
    expect(Object.keys(idl(text('pBSTR'))[0].ops)).toEqual(['3']);
  });

  it('has fields of one type each: what two operations call the same is told apart where types differ', () => {
    const [{ ops }] = idl(`[object, uuid(${UUID})] interface IOne : IUnknown {
      HRESULT A([in] long x); HRESULT B([in] BSTR x); HRESULT C([in] long x); }`);
    expect([3, 4, 5].map((n) => ops[n].request[0].field.name)).toEqual(['ione.x', 'ione.b.x', 'ione.x']);
  });
});

describe('the preprocessor', () => {
  it.each([
    ['#ifdef _64BIT\ntypedef hyper T;\n#else\ntypedef long T;\n#endif', ndr.i32],
    ['#define _64BIT\n#ifdef _64BIT\ntypedef hyper T;\n#else\ntypedef long T;\n#endif', ndr.i64],
    ['#if defined(A) || VERSION >= 2\ntypedef hyper T;\n#elif 1\ntypedef short T;\n#else\n#error no\n#endif', ndr.i16],
    ['#define VERSION 3\n#if defined(A) || (VERSION >= 2 && !0)\ntypedef hyper T;\n#endif', ndr.i64],
    ['#define MAKE(type, name) \\\n  typedef type name\nMAKE(unsigned long, T);', ndr.u32],
    ['#define TWICE(x) x x\n#define EMPTY\nEMPTY TWICE() typedef EMPTY long T;', ndr.i32],
    ['#include "t.h"\n#include <windows.h>', ndr.u8],
  ])('%s', (before, type) => {
    const [{ ops }] = idl(withOperation('[in] T a', before), { 't.h': 'typedef byte T;' });
    expect(ops[3].request[0].type).toEqual(type);
  });
});

describe('a mistake', () => {
  it.each([
    ['interface', '1:10: the name of an interface was expected, not the end of the file'],
    [`[object, uuid(1234)]\ninterface I : IUnknown { }`, '1:10: a UUID was expected, not "1234"'],
    [withOperation('[in] FOO a'), `2:125: the type FOO is not declared`],
    [withOperation('[in] DWROD a'), 'the type DWROD is not declared (is it DWORD?)'],
    [withOperation('[in] long'), 'a name was expected, not ")"'],
    [withOperation('[in long a'), '] behind an attribute was expected, not "long"'],
    [withOperation('[in] long a, [in] long a'), 'Do has two parameters of one name'],
    [withOperation('[in] short a[]'), 'size_is was expected: nothing says how many elements a has'],
    [withOperation('[in] short a[0]'), 'an array of 0 elements'],
    [withOperation('[in] void *a'), 'iid_is or context_handle was expected'],
    [
      withOperation('[in] T a', 'typedef struct { long x : 3; } T;'),
      '1:25: bit fields do not travel, and MIDL refuses them: write one number that holds them instead, as unsigned long x',
    ],
    [withOperation('[in] T a', 'typedef struct _T { struct _T a; } T;'), '_T holds itself: a pointer was expected'],
    [withOperation('[in] T a', 'typedef T U; typedef U T;'), 'more than 64 typedefs'],
    [withOperation('[in] T a', 'typedef long T; typedef short T;'), '1:31: T is declared twice'],
    [
      withOperation('[in] T a', 'typedef struct { long n; [size_is(n)] long a[]; long b; } T;'),
      'a is an array that only the end',
    ],
    [withOperation('[in] T a', 'typedef pipe long T;'), '1:9: a pipe travels in pieces behind all parameters'],
    [
      withOperation('[in] long n, [in, size_is(, n)] long a[3][]'),
      'size_is was expected for every dimension of a: size_is(3, ',
    ],
    ['interface I : IBase { HRESULT A(); }', '1:15: the interface IBase is not declared'],
    ['typedef long', '1:13: a name was expected, not the end of the file'],
    ['/* never', '1:1: a comment that has no end'],
    ['const char *s = "never', '1:17: a text that has no end'],
    ['#if 1\n', '1:1: a condition that has no end'],
    ['#endif', '1:1: #endif without #if'],
    ['#define F(x) x\nF(1', '2:1: ) was expected behind what is given to F'],
    ['{', '1:1: a declaration was expected, not "{"'],
  ])('%s: names its place, and what was expected', (text, message) => {
    expect(() => idl(text)).toThrow(message);
    expect(() => idl(text)).toThrow(/^x\.idl:\d+:\d+: /);
  });

  it('in a file that is imported is that file’s', () => {
    expect(() => idl('import "a.idl";', { 'a.idl': '\n  foo' })).toThrow(/^a\.idl:2:3: /);
  });
});
