/** What a type library says of types, functions and variables (MS-OAUT 2.2.35 to 2.2.49). */
import {
  as,
  conformant,
  counted,
  guid,
  i16,
  i32,
  type NdrType,
  pointer,
  type StructType,
  struct,
  switched,
  u16,
  u32,
  union,
  wideString,
} from '../ndr/types.js';
import { VARIANT, vtName } from './variant.js';

const FUNCTION_KINDS = { 0: 'virtual', 1: 'pure virtual', 2: 'non-virtual', 3: 'static', 4: 'dispatch' };
const INVOKE_KINDS = { 1: 'function', 2: 'property get', 4: 'property put', 8: 'property put by reference' };
const CALLING = { 0: 'fastcall', 1: 'cdecl', 2: 'pascal', 3: 'macpascal', 4: 'stdcall' };
/** TYPEKIND (MS-OAUT 2.2.17). */
export const TYPE_KINDS: Readonly<Record<number, string>> = {
  0: 'enum',
  1: 'record',
  2: 'module',
  3: 'interface',
  4: 'dispatch interface',
  5: 'class',
  6: 'alias',
  7: 'union',
};

export const MEMBERID = as(u32, { name: 'typeinfo.memberid', label: 'memid', hex: true });
const VT = as(u16, { name: 'typeinfo.typedesc.vtret', label: 'vt', hex: true });

const POINTEE = pointer(() => TYPE, { name: 'typeinfo.typedesc', label: 'lptdesc' });

/** TYPEDESC (MS-OAUT 2.2.38): its type stands behind what it needs to know of it, and once more as the union's tag. */
const TYPE: StructType = struct('TYPEDESC', 'typeinfo.typedesc', {
  _tdUnion: switched(
    'vt',
    union(
      VT,
      {
        26: POINTEE,
        27: POINTEE,
        28: pointer((): NdrType => ARRAY, { name: 'typeinfo.arraydesc', label: 'lpadesc' }),
        29: as(u32, { name: 'typeinfo.typedesc.reftype', label: 'hreftype', hex: true }),
      },
      null,
    ),
  ),
  vt: VT,
});

/** ARRAYDESC (MS-OAUT 2.2.37). */
const ARRAY = struct('ARRAYDESC', 'typeinfo.arraydesc', {
  tdescElem: as(TYPE, { name: 'typeinfo.typedesc' }),
  cDims: u16,
  rgbounds: counted(
    'cDims',
    conformant(struct('SAFEARRAYBOUND', 'typeinfo.arraydesc', { cElements: u32, lLbound: i32 })),
  ),
});

/** PARAMDESC with its default value (MS-OAUT 2.2.39, 2.2.40). */
const PARAM = struct('PARAMDESC', 'typeinfo.paramdesc', {
  pparamdescex: pointer(
    struct('PARAMDESCEX', 'typeinfo.paramdescex', {
      cBytes: as(u32, { name: 'typeinfo.paramdescex.len' }),
      varDefaultValue: as(VARIANT, { name: 'typeinfo.paramdescex.vtdefaultval' }),
    }),
    { name: 'typeinfo.paramdescex', label: 'pparamdescex' },
  ),
  wParamFlags: as(u16, { name: 'typeinfo.paramdesc.paramflags', hex: true }),
});

/** ELEMDESC (MS-OAUT 2.2.41). */
const ELEMENT = struct(
  'ELEMDESC',
  'typeinfo.funcdesc.elemdesc',
  {
    tdesc: as(TYPE, { name: 'typeinfo.typedesc' }),
    paramdesc: as(PARAM, { name: 'typeinfo.paramdesc' }),
  },
  { name: 'typeinfo.funcdesc.elemdesc' },
);

/** FUNCDESC (MS-OAUT 2.2.42). */
export const FUNCDESC = struct('FUNCDESC', 'typeinfo.funcdesc', {
  memid: as(u32, { name: 'typeinfo.funcdesc.memberid', hex: true }),
  lReserved1: pointer(conformant(u32), { name: 'typeinfo.funcdesc.scodes', label: 'lReserved1' }),
  lprgelemdescParam: counted('cParams', pointer(conformant(ELEMENT))),
  funckind: as(u32, { hex: true, names: FUNCTION_KINDS }),
  invkind: as(u32, { hex: true, names: INVOKE_KINDS }),
  callconv: as(u32, { hex: true, names: CALLING }),
  cParams: as(u16, { name: 'typeinfo.funcdesc.params' }),
  // -1: the last parameter stands for any number
  cParamsOpt: as(i16, { name: 'typeinfo.funcdesc.paramsopt' }),
  oVft: as(u16, { hex: true }),
  cReserved2: as(u16, { name: 'typeinfo.funcdesc.resv', hex: true }),
  elemdescFunc: ELEMENT,
  wFuncFlags: as(u16, { name: 'typeinfo.funcdesc.funcflags', hex: true }),
});

const INSTANCE = as(u32, { name: 'typeinfo.vardesc.oinst', label: 'oInst' });

/** VARDESC (MS-OAUT 2.2.43). */
export const VARDESC = struct('VARDESC', 'typeinfo.vardesc', {
  memid: as(u32, { name: 'typeinfo.vardesc.memberid', hex: true }),
  lpstrReserved: pointer(wideString),
  _vdUnion: switched('varkind', union(u32, { 0: INSTANCE, 1: INSTANCE, 2: pointer(VARIANT), 3: INSTANCE })),
  elemdescVar: ELEMENT,
  wVarFlags: as(u16, { hex: true }),
  varkind: as(u32, { names: { 0: 'member', 1: 'static', 2: 'constant', 3: 'dispatch' } }),
});

/** TYPEATTR (MS-OAUT 2.2.44). */
export const TYPEATTR = struct('TYPEATTR', 'typeinfo', {
  guid: as(guid, { name: 'typeinfo.guid' }),
  lcid: as(u32, { name: 'typeinfo.lcid', hex: true }),
  dwReserved1: as(u32, { name: 'typeinfo.resv', hex: true }),
  dwReserved2: as(u32, { name: 'typeinfo.resv', hex: true }),
  dwReserved3: as(u32, { name: 'typeinfo.resv', hex: true }),
  lpstrReserved4: pointer(wideString),
  cbSizeInstance: as(u32, { name: 'typeinfo.sizeinstance', hex: true }),
  typekind: as(u32, { name: 'typeinfo.typekind', hex: true, names: TYPE_KINDS }),
  cFuncs: as(u16, { name: 'typeinfo.funcs' }),
  cVars: as(u16, { name: 'typeinfo.vars' }),
  cImplTypes: as(u16, { name: 'typeinfo.impltypes' }),
  cbSizeVft: as(u16, { name: 'typeinfo.sizevft', hex: true }),
  cbAlignment: as(u16, { name: 'typeinfo.balignment', hex: true }),
  wTypeFlags: as(u16, { name: 'typeinfo.typeflags', hex: true, type: 'uint32' }),
  wMajorVerNum: as(u16, { name: 'typeinfo.majorvernum', hex: true }),
  wMinorVerNum: as(u16, { name: 'typeinfo.minorvernum', hex: true }),
  tdescAlias: as(TYPE, { name: 'typeinfo.typedesc' }),
  dwReserved5: u32,
  wReserved6: u16,
});

/** TLIBATTR (MS-OAUT 2.2.45). */
export const TLIBATTR = struct('TLIBATTR', 'typelib', {
  guid,
  lcid: as(u32, { hex: true }),
  syskind: as(u32, { names: { 0: 'Win16', 1: 'Win32', 2: 'Macintosh', 3: 'Win64' } }),
  wMajorVerNum: u16,
  wMinorVerNum: u16,
  wLibFlags: as(u16, { hex: true }),
});

/** CUSTDATA (MS-OAUT 2.2.47). */
export const CUSTDATA = struct('CUSTDATA', 'typeinfo.custdata', {
  cCustData: u32,
  prgCustData: counted(
    'cCustData',
    pointer(conformant(struct('CUSTDATAITEM', 'typeinfo.custdata', { guid, varValue: VARIANT }))),
  ),
});

/** A TYPEDESC as far as it was read. */
interface TypeValue {
  readonly vt?: number;
  readonly _tdUnion?: { readonly value: TypeValue | number | null };
}

/** `VT_PTR to VT_USERDEFINED 0x1000000`; `?` where nothing was read. */
export function typeText(type: TypeValue | undefined): string {
  if (type?.vt === undefined) return '?';
  const value = type._tdUnion?.value ?? null;
  const name = vtName(type.vt);
  if (value === null) return name;
  if (type.vt === 29) return `${name} 0x${Number(value).toString(16)}`;
  if (type.vt === 26 || type.vt === 27) return `${name} to ${typeText(value as TypeValue)}`;
  return name;
}
