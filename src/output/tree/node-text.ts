/** A node's value as people read it. */

import type { FieldType, Node, Scalar } from '../../core/node.js';
import { hexText } from '../../core/text.js';
import { formatValue } from '../../filter/format.js';

/** Bytes shown of a longer value. */
const SHOWN = 16;

const WIDTHS: Partial<Record<FieldType, number>> = {
  uint8: 2,
  uint16: 4,
  uint32: 8,
  uint64: 16,
  int8: 2,
  int16: 4,
  int32: 8,
  int64: 16,
};

/** The value and, behind it, what it means: `3 (GetSerializedBuffer)`. Empty for a node without either. */
export function nodeText(node: Node): string {
  return withMeaning(ownText(node), meaningText(node));
}

/** Both as one text. */
export function withMeaning(value: string, meaning: string): string {
  return meaning === '' ? value : `${value} (${meaning})`;
}

/** The value, or the text that stands for it: all of a node's text but its meaning. */
export function ownText(node: Node): string {
  const { value, display } = node;
  if (value === null) return display ?? '';
  return display !== null && display !== '' && standsFor(node) ? display : plainText(node, value);
}

/** What the value means, where that stands behind it; else empty. */
export function meaningText(node: Node): string {
  const { value, display } = node;
  return display === null || value === null || standsFor(node) ? '' : display;
}

/** Whether a node's text for people says all that its value does. */
function standsFor({ value, field }: Node): boolean {
  return value instanceof Uint8Array || typeof value === 'string' || field.type === 'time';
}

function plainText({ field, role }: Node, value: NonNullable<Scalar>): string {
  if (value instanceof Uint8Array) {
    const hex = hexText(value.subarray(0, SHOWN));
    const more = value.length > SHOWN ? '…' : '';
    const size =
      value.length > SHOWN || role !== 'data' ? `${value.length} ${value.length === 1 ? 'byte' : 'bytes'} ` : '';
    return `${size}${hex}${more}`;
  }
  if (field.type === 'time') return formatValue(field, value);
  if (typeof value === 'string') return field.type === 'string' ? JSON.stringify(value) : value;
  if (field.hex && (typeof value === 'number' || typeof value === 'bigint')) {
    const bits = WIDTHS[field.type] ?? 0;
    const unsigned = value < 0 ? BigInt.asUintN(bits * 4, BigInt(value)) : value;
    return `0x${unsigned.toString(16).padStart(bits, '0')}`;
  }
  return Object.is(value, -0) ? '-0' : String(value);
}
