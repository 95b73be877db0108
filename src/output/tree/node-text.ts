/** A node's value as people read it. */

import type { FieldType, Node } from '../../core/node.js';
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
  const { value, display } = node;
  const plain = plainText(node);
  if (plain === null) return display ?? '';
  if (display === null || display === '') return plain;
  return value instanceof Uint8Array || typeof value === 'string' || node.field.type === 'time'
    ? display
    : `${plain} (${display})`;
}

function plainText({ field, value, role }: Node): string | null {
  if (value === null) return null;
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
  return String(value);
}
