/** Decoded values in a few words, for the lines that people read. */
import { cut, hexText } from '../../src/core/text.js';
import { KIND } from '../ndr/kinds.js';
import type { NdrValue } from '../ndr/types.js';
import { describeNrbf } from '../nrbf/index.js';
import { type Bstr, bstrText, NULL_BSTR } from './bstr.js';
import { bindingTexts } from './dual-string-array.js';
import { currency } from './managed.js';
import { type ComValue, comValue } from './value.js';

/** Characters that one value may take. */
export const VALUE_WIDTH = 100;

/** The end of an IPID, which tells it from its neighbours: `…bf992d`. */
export function shortId(id: string): string {
  return `…${id.slice(-6)}`;
}

/** Parameters by name; one alone without its name. */
export function paramsText(values: Record<string, unknown> | null): string {
  if (values === null) return '';
  const texts = Object.entries(values).map(([name, value]) => `${name}: ${valueText(value)}`);
  return texts.length === 1 ? texts[0].slice(texts[0].indexOf(': ') + 2) : cut(texts.join(', '), 2 * VALUE_WIDTH);
}

/** A decoded value in a few words. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value))
    return `[${cut(value.slice(0, 8).map(valueText).join(', '), VALUE_WIDTH)}${value.length > 8 ? ', …' : ''}]`;
  const com = comValue(value);
  if (com !== null) return comText(com);
  return `{ ${cut(paramsText(value as Record<string, unknown>), VALUE_WIDTH)} }`;
}

function comText(value: ComValue): string {
  switch (value[KIND]) {
    case 'bstr':
      return value.cBytes === NULL_BSTR ? 'null' : bstrSummary(value);
    case 'variant':
      return valueText(amounts(value.vt, value.value));
    case 'safearray':
      return valueText(amounts(value.vt, value.elements));
    case 'objref':
      return value.ipid ?? `OBJREF ${value.type}`;
    case 'bindings':
      return bindingTexts(value).join(', ') || 'no bindings';
    case 'ccw':
      return value.value;
    case 'extension':
      return `extension ${value.id}, ${value.data.length} bytes`;
  }
}

/** What people would take for an amount and is ten thousand times that (MS-OAUT 2.2.24) is told as the amount. */
function amounts(vt: string, value: NdrValue): unknown {
  if (!vt.endsWith('VT_CY')) return value;
  if (Array.isArray(value)) return value.map((element) => amounts(vt, element));
  return typeof value === 'bigint' ? currency(value) : value;
}

function bstrSummary(b: Bstr): string {
  if (b.nrbf !== null) return describeNrbf(b.nrbf, VALUE_WIDTH);
  const text = bstrText(b);
  if (text !== null) return cut(JSON.stringify(text), VALUE_WIDTH);
  return `${b.bytes.length} bytes ${hexText(b.bytes.subarray(0, 8))}${b.bytes.length > 8 ? '…' : ''}`;
}
