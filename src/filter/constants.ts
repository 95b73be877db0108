/** Literals, read as the type that they are compared with. */
import { latin1Text, utf8Text } from '#platform';
import type { FieldType } from '../core/node.js';
import { KIND_TEXT } from './field-table.js';
import type { FilterError } from './filter-error.js';
import type { Comparable } from './format.js';
import {
  parseBytes,
  parseFloatText,
  parseGuid,
  parseInteger,
  parseIpv4,
  parseIpv6,
  parseSeconds,
  parseTime,
} from './literals.js';
import type { OperandCompiler, Valued } from './operand.js';
import { type Regex, RegexError, regex } from './regex.js';
import type { Literal, Operand } from './syntax.js';
import { order } from './values.js';

/** A literal with a type. `compare` tells how a value stands to it; to a network, by its prefix alone. */
export interface Constant {
  readonly value: Comparable;
  readonly compare: (v: Comparable) => number;
}

const BITS: Readonly<Partial<Record<FieldType, readonly [bits: number, signed: boolean]>>> = {
  uint8: [8, false],
  uint16: [16, false],
  uint32: [32, false],
  uint64: [64, false],
  int8: [8, true],
  int16: [16, true],
  int32: [32, true],
  int64: [64, true],
};

/** Reads a literal as what `against` holds. */
export function constantOf(compiler: OperandCompiler, literal: Literal, against: Valued): Constant {
  const plain = (value: Comparable): Constant => ({ value, compare: (v) => order(v, value) });
  const text = literal.kind === 'word' ? literal.text : null;
  switch (against.kind) {
    case 'int':
      return plain(integer(compiler, literal, against));
    case 'float': {
      const value = text === null ? null : (parseFloatText(text) ?? parseInteger(text));
      if (value === null) throw wrong(compiler, literal, against);
      // of 32 bits: 0.72 is the nearest number that the field can hold
      return plain(against.entry?.type === 'float' ? Math.fround(Number(value)) : value);
    }
    case 'bool':
      return plain(boolean(compiler, literal, against));
    case 'string':
      return plain(literalText(literal));
    case 'bytes':
    case 'none': {
      const bytes =
        literal.kind === 'text'
          ? literal.bytes
          : literal.kind === 'char'
            ? Uint8Array.of(literal.code)
            : parseBytes(literal.text);
      if (bytes === null) throw wrong(compiler, literal, against, '; bytes are written in hexadecimal, as 05:0b');
      return plain(bytes);
    }
    case 'guid': {
      const value = parseGuid(text ?? literalText(literal));
      if (value === null) throw wrong(compiler, literal, against);
      return plain(value);
    }
    case 'ipv4': {
      const address = parseIpv4(text ?? literalText(literal));
      if (address === null) throw wrong(compiler, literal, against);
      const size = 2 ** (32 - address.bits);
      const net = Math.floor(address.value / size);
      return { value: address.value, compare: (v) => (typeof v === 'number' ? order(Math.floor(v / size), net) : 1) };
    }
    case 'ipv6': {
      const address = parseIpv6(text ?? literalText(literal));
      if (address === null) throw wrong(compiler, literal, against);
      const host = BigInt(128 - address.bits);
      const net = address.value >> host;
      return { value: address.value, compare: (v) => (typeof v === 'bigint' ? order(v >> host, net) : 1) };
    }
    case 'time': {
      const written = text ?? literalText(literal);
      const value = parseTime(written) ?? parseSeconds(written);
      if (value === null)
        throw compiler.error(
          `"${written}" is not a time; write "2026-11-21 01:02:03.5" (local time), "2026-11-21 01:02:03.5Z" (UTC), or seconds as 1.5`,
          literal,
        );
      return plain(value);
    }
  }
}

/** A literal as text, whatever it looks like. */
export function literalText(literal: Literal): string {
  if (literal.kind === 'word') return literal.text;
  return literal.kind === 'char' ? String.fromCharCode(literal.code) : textOf(literal.bytes);
}

function textOf(bytes: Uint8Array): string {
  return utf8Text(bytes, 0, bytes.length);
}

/** The pattern right of `matches`; for bytes its characters are bytes. */
export function wholeRegex(compiler: OperandCompiler, operand: Operand, forText: boolean): Regex {
  if (operand.kind !== 'text') throw compiler.error('"matches" needs a quoted string on its right side', operand);
  const { bytes } = operand;
  const pattern = forText ? textOf(bytes) : latin1Text(bytes, 0, bytes.length);
  try {
    return regex(pattern);
  } catch (e) {
    if (e instanceof RegexError) throw compiler.error(`The regular expression: ${e.message}`, operand);
    throw e;
  }
}

function wrong(compiler: OperandCompiler, literal: Literal, against: Valued, hint = ''): FilterError {
  const a = /^[aeiouI]/.test(KIND_TEXT[against.kind]) ? 'an' : 'a';
  return compiler.error(`${compiler.shown(literal)} is not ${a} ${KIND_TEXT[against.kind]}${hint}`, literal);
}

function integer(compiler: OperandCompiler, literal: Literal, against: Valued): number | bigint {
  if (literal.kind === 'char') return literal.code;
  const value = literal.kind === 'word' ? parseInteger(literal.text) : null;
  if (value === null) {
    const named = byName(literalText(literal), against);
    if (named !== null) return named;
    if (against.entry?.fields.some((f) => f.names !== undefined) === true && !/^[\d-]/.test(compiler.shown(literal)))
      throw compiler.error(`${compiler.shown(literal)} is none of the values of ${against.entry.name}`, literal);
    throw wrong(compiler, literal, against);
  }
  const limits = (against.entry?.fields ?? []).map((f) => BITS[f.type]).filter((b) => b !== undefined);
  const max = limits
    .map(([bits, signed]) => 2n ** BigInt(signed ? bits - 1 : bits) - 1n)
    .sort(order)
    .pop();
  if (max !== undefined && value > max && /^0x/i.test(compiler.shown(literal))) {
    // digits in hex are the bits of a number with a sign, as columns show it
    const signed = limits.find(([bits, isSigned]) => isSigned && value < 2n ** BigInt(bits));
    if (signed !== undefined) return BigInt.asIntN(signed[0], BigInt(value));
  }
  if (max !== undefined && value > max)
    throw compiler.error(
      `${compiler.shown(literal)} is too big for ${against.entry?.name}, which ends at ${max}`,
      literal,
    );
  return value;
}

/** The number that a field's table of names has for a text; case matters only where it decides. */
function byName(text: string, against: Valued): number | null {
  let loose: number | null = null;
  for (const field of against.entry?.fields ?? []) {
    for (const [value, name] of Object.entries(field.names ?? {})) {
      if (name === text) return Number(value);
      if (name.toLowerCase() === text.toLowerCase()) loose ??= Number(value);
    }
  }
  return loose;
}

function boolean(compiler: OperandCompiler, literal: Literal, against: Valued): number {
  const text = literalText(literal);
  if (/^(?:true|set)$/i.test(text)) return 1;
  if (/^(?:false|not set)$/i.test(text)) return 0;
  const value = literal.kind === 'word' ? parseInteger(text) : null;
  if (value === null) throw wrong(compiler, literal, against);
  return value ? 1 : 0;
}
