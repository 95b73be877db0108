/** IDispatch: calls by name and number with VARIANTs (MS-OAUT 3.1.4). */

import { field } from '../../src/core/node.js';
import { BSTR } from '../dcom/bstr.js';
import type { Fact } from '../dcom/facts.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { elementsOf, numberOf, structOf, textOf } from '../dcom/value.js';
import { valueText } from '../dcom/value-text.js';
import { VARIANT } from '../dcom/variant.js';
import { isFailure } from '../names/hresult.js';
import { operation, type RpcInterface, type Summarized, type Summary, type Told } from '../ndr/interface.js';
import {
  as,
  conformant,
  counted,
  guid,
  hex32,
  i32,
  pointer,
  size,
  struct,
  u16,
  u32,
  wideString,
} from '../ndr/types.js';

const PROTOCOL = field('dispatch', 'DCOM IDispatch');

const LCID = as(u32, { name: 'dispatch.lcid', hex: true });
const DISPID = as(i32, { name: 'dispatch.id', label: 'dispIdMember', hex: true });

/** DISPPARAMS (MS-OAUT 2.2.33): the arguments stand in reverse order. */
const DISPPARAMS = struct('DISPPARAMS', 'dispatch', {
  rgvarg: counted('cArgs', pointer(conformant(VARIANT, { name: 'dispatch.arg' }))),
  rgdispidNamedArgs: counted('cNamedArgs', pointer(conformant(DISPID))),
  cArgs: as(u32, { name: 'dispatch.args' }),
  cNamedArgs: as(u32, { name: 'dispatch.named_args' }),
});

/** EXCEPINFO (MS-OAUT 2.2.34). */
const EXCEPINFO = struct('EXCEPINFO', 'dispatch', {
  wCode: as(u16, { name: 'dispatch.code', hex: true }),
  wReserved: as(u16, { name: 'dispatch.reserved16', hex: true }),
  bstrSource: as(BSTR, { name: 'dispatch.source' }),
  bstrDescription: as(BSTR, { name: 'dispatch.description' }),
  bstrHelpFile: as(BSTR, { name: 'dispatch.help_file' }),
  dwHelpContext: as(u32, { name: 'dispatch.help_context', hex: true }),
  pvReserved: as(size, { name: 'dispatch.reserved32', hex: true }),
  pfnDeferredFillIn: as(size, { name: 'dispatch.deferred_fill_in', hex: true }),
  scode: as(hex32, { name: 'dispatch.scode' }),
});

/** Flags of Invoke (MS-OAUT 3.1.4.4). */
const INVOCATIONS: readonly (readonly [bit: number, name: string])[] = [
  [1, 'method'],
  [2, 'get'],
  [4, 'put'],
  [8, 'putref'],
];

/** A DISPID as people write it. */
function idText(id: unknown): string {
  return `0x${(Number(id) >>> 0).toString(16)}`;
}

/** What a property is set to has this number as its name (MS-OAUT 2.2.32.1, DISPID_PROPERTYPUT). */
const PROPERTY_PUT = -3;

/** `method 0x60020003, 5, "text", 0x7: true`: arguments from left to right, then those that are named by their numbers. */
function summarizeInvoke({ in: asked, out: told }: Summarized): Summary {
  const text: { arguments?: string; result?: string } = {};
  if (asked?.pDispParams !== undefined) {
    const flags = Number(asked.dwFlags ?? 0);
    const kind = INVOCATIONS.filter(([bit]) => flags & bit).map(([, name]) => name);
    const indices = elementsOf(asked.rgVarRefIdx);
    const references = elementsOf(asked.rgVarRef);
    const { rgvarg, rgdispidNamedArgs } = structOf(asked.pDispParams);
    // the names are those of the first values
    const names = elementsOf(rgdispidNamedArgs).map((id) => (id === PROPERTY_PUT ? '' : `${idText(id)}: `));
    const values = elementsOf(rgvarg).map((v, i) => {
      const at = indices.indexOf(i);
      return `${names[i] ?? ''}${at < 0 ? valueText(v) : `ref ${valueText(references[at])}`}`;
    });
    text.arguments = [`${kind.join('|')} ${idText(asked.dispIdMember)}`, ...values.reverse()].join(', ');
  }
  const { bstrDescription, wCode, scode } = structOf(told?.pExcepInfo);
  if (told !== null && scode !== undefined) {
    const failed = wCode !== 0 || scode !== '0x00000000';
    const places = elementsOf(asked?.rgVarRefIdx).map(Number);
    const back = elementsOf(told.rgVarRef).map((v, i) => ({ text: `ref ${valueText(v)}`, place: places[i] ?? 0 }));
    // in the order of the arguments that they come back in
    back.sort((a, b) => b.place - a.place);
    const values = [valueText(told.pVarResult), ...back.map(({ text }) => text)].join(', ');
    text.result = failed ? `exception ${valueText(bstrDescription)}` : values;
  }
  return text;
}

/** DISP_E_EXCEPTION: the method threw, and EXCEPINFO says what. */
const EXCEPTION = 0x80020009;

function tellInvoke({ in: asked, out, result }: Told): Fact[] {
  const invoked: Fact = { kind: 'invoked', dispId: numberOf(asked?.dispIdMember) };
  if (result !== EXCEPTION) return [invoked];
  const { scode, bstrDescription } = structOf(out?.pExcepInfo);
  const code = numberOf(scode) ?? 0;
  return [invoked, { kind: 'threw', hresult: isFailure(code) ? code : result, message: textOf(bstrDescription) }];
}

function tellNames({ in: asked, answer }: Told): Fact[] {
  const ids = elementsOf(answer?.rgDispId).map(numberOf);
  return elementsOf(asked?.rgszNames).flatMap((name, i) => {
    // DISPID_UNKNOWN
    const dispId = ids[i] === -1 ? null : (ids[i] ?? null);
    return typeof name === 'string' ? { kind: 'named', name, dispId } : [];
  });
}

/** Names asked, numbers told. */
function summarizeNames({ in: asked, out: told }: Summarized): Summary {
  return {
    ...(asked === null ? {} : { arguments: elementsOf(asked.rgszNames).join(', ') }),
    ...(told === null ? {} : { result: elementsOf(told.rgDispId).map(idText).join(', ') }),
  };
}

export const IDispatch: RpcInterface = {
  name: 'IDispatch',
  uuid: '00020400-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-OAUT 3.1',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    3: operation('dispatch', 'GetTypeInfoCount', {
      section: 'MS-OAUT 3.1.4.1',
      out: { pctinfo: as(u32, { name: 'dispatch.tinfo' }) },
    }),
    4: operation('dispatch', 'GetTypeInfo', {
      section: 'MS-OAUT 3.1.4.2',
      in: { iTInfo: as(u32, { name: 'dispatch.tinfo' }), lcid: LCID },
      out: { ppTInfo: as(INTERFACE_POINTER, { name: 'dispatch.itinfo' }) },
    }),
    5: operation('dispatch', 'GetIDsOfNames', {
      section: 'MS-OAUT 3.1.4.3',
      in: {
        riid: as(guid, { name: 'dispatch.riid' }),
        rgszNames: counted('cNames', conformant(pointer(as(wideString, { name: 'dispatch.name' })))),
        cNames: as(u32, { name: 'dispatch.names' }),
        lcid: LCID,
      },
      out: { rgDispId: counted('cNames', conformant(DISPID)) },
      tells: tellNames,
      summarize: summarizeNames,
    }),
    6: operation('dispatch', 'Invoke', {
      section: 'MS-OAUT 3.1.4.4',
      in: {
        dispIdMember: DISPID,
        riid: as(guid, { name: 'dispatch.riid' }),
        lcid: LCID,
        dwFlags: as(u32, { name: 'dispatch.flags', hex: true }),
        pDispParams: as(DISPPARAMS, { name: 'dispatch.dispparams' }),
        cVarRef: as(u32, { name: 'dispatch.varref' }),
        rgVarRefIdx: counted('cVarRef', conformant(as(u32, { name: 'dispatch.varrefidx' }))),
        rgVarRef: counted('cVarRef', conformant(VARIANT, { name: 'dispatch.varrefarg' })),
      },
      out: {
        pVarResult: as(VARIANT, { name: 'dispatch.varresult' }),
        pExcepInfo: as(EXCEPINFO, { name: 'dispatch.excepinfo' }),
        pArgErr: as(u32, { name: 'dispatch.arg_err' }),
        rgVarRef: counted('cVarRef', conformant(VARIANT, { name: 'dispatch.varrefarg' })),
      },
      retval: 'pVarResult',
      tells: tellInvoke,
      summarize: summarizeInvoke,
    }),
  },
};
