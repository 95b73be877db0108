/** IDispatch: calls by name and number with VARIANTs (MS-OAUT 3.1.4). */

import { field } from '../../src/core/node.js';
import { operation, type RpcInterface, type Summarized } from '../dcerpc/interface.js';
import { BSTR } from '../dcom/bstr.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { valueText } from '../dcom/value-text.js';
import { VARIANT } from '../dcom/variant.js';
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

/** `method 0x60020003, 5, "text"`: arguments from left to right, those by reference last. */
function summarizeInvoke({ in: asked, out: told }: Summarized): { arguments?: string; result?: string } {
  const text: { arguments?: string; result?: string } = {};
  const params = asked?.pDispParams as { rgvarg?: unknown[] | null } | undefined;
  if (asked !== null && params !== undefined) {
    const flags = Number(asked.dwFlags ?? 0);
    const kind = INVOCATIONS.filter(([bit]) => flags & bit).map(([, name]) => name);
    const indices = (asked.rgVarRefIdx ?? []) as number[];
    const references = (asked.rgVarRef ?? []) as unknown[];
    const values = (params.rgvarg ?? []).map((v, i) => {
      const at = indices.indexOf(i);
      return at < 0 ? valueText(v) : `ref ${valueText(references[at])}`;
    });
    const id = `0x${(Number(asked.dispIdMember) >>> 0).toString(16)}`;
    text.arguments = [`${kind.join('|')} ${id}`, ...values.reverse()].join(', ');
  }
  const failure = told?.pExcepInfo as { bstrDescription?: unknown; wCode?: number; scode?: string } | undefined;
  if (told !== null && failure?.scode !== undefined) {
    const failed = failure.wCode !== 0 || failure.scode !== '0x00000000';
    const back = ((told.rgVarRef ?? []) as unknown[]).map((v) => `ref ${valueText(v)}`);
    const values = [valueText(told.pVarResult), ...back].join(', ');
    text.result = failed ? `exception ${valueText(failure.bstrDescription)}` : values;
  }
  return text;
}

/** Names asked, numbers told. */
function summarizeNames({ in: asked, out: told }: Summarized): { arguments?: string; result?: string } {
  const ids = (told?.rgDispId ?? []) as number[];
  return {
    ...(asked === null ? {} : { arguments: ((asked.rgszNames ?? []) as (string | null)[]).join(', ') }),
    ...(told === null ? {} : { result: ids.map((id) => `0x${(id >>> 0).toString(16)}`).join(', ') }),
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
      out: { rgDispId: conformant(DISPID) },
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
        rgVarRef: conformant(VARIANT, { name: 'dispatch.varrefarg' }),
      },
      summarize: summarizeInvoke,
    }),
  },
};
