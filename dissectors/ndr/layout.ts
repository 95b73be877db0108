/** How the types of types.ts lie on the wire: sizes and alignments in NDR (C706 14.3) and NDR64 (MS-RPCE 2.2.5.3). */
import { once } from '../../src/core/once.js';
import type { ArrayType, NdrType, NumberKind, StructType, UnionType } from './types.js';

/** Bytes that a number takes in NDR and in NDR64. */
export function numberSize(kind: NumberKind, ndr64: boolean): number {
  switch (kind) {
    case 'u8':
    case 'i8':
      return 1;
    case 'u16':
    case 'i16':
      return 2;
    case 'enum16':
      return ndr64 ? 4 : 2;
    case 'u64':
    case 'i64':
    case 'f64':
    case 'id64':
      return 8;
    case 'size':
      return ndr64 ? 8 : 4;
    default:
      return 4;
  }
}

const align32 = once((type: NdrType): number => computeAlign(type, false));
const align64 = once((type: NdrType): number => computeAlign(type, true));

/** Alignment of a type in bytes (C706 14.3.2 and following; MS-RPCE 2.2.5.3). */
export function alignOf(type: NdrType, ndr64: boolean): number {
  return ndr64 ? align64(type) : align32(type);
}

function computeAlign(type: NdrType, ndr64: boolean): number {
  switch (type.kind) {
    case 'number':
      return numberSize(type.number, ndr64);
    case 'guid':
      return 4;
    case 'pointer':
      return ndr64 ? 8 : 4;
    case 'string':
      return ndr64 ? 8 : 4;
    case 'array':
      return Math.max(alignOf(type.of, ndr64), type.varying ? (ndr64 ? 8 : 4) : 1);
    case 'struct':
      return Math.max(1, ...type.members.map((m) => alignOf(m.type, ndr64)));
    case 'union':
      return Math.max(alignOf(type.tag, ndr64), armAlign(type, ndr64));
    case 'mapped':
      return alignOf(type.wire, ndr64);
    case 'custom':
      return type.alignment(ndr64);
  }
}

/** Largest alignment among a union's arms: in NDR64 every arm begins there. */
export function armAlign(type: UnionType, ndr64: boolean): number {
  return Math.max(1, ...Object.values(type.arms).map((arm) => (arm === null ? 1 : alignOf(arm, ndr64))));
}

/** The fewest bytes that a value can take: a wire count is checked against it. At least 1. */
export function minSize(type: NdrType): number {
  switch (type.kind) {
    case 'number':
      return numberSize(type.number, false);
    case 'guid':
      return 16;
    case 'string':
      return type.length === undefined ? 12 : 8;
    case 'struct':
      return Math.max(
        1,
        type.members.reduce((sum, m) => sum + (isOpenArray(m.type) ? 0 : minSize(m.type)), 0),
      );
    case 'array':
      return Math.max(1, (type.length ?? 0) * minSize(type.of));
    case 'mapped':
      return minSize(type.wire);
    case 'custom':
      return Math.max(1, type.minSize);
    default:
      return 4;
  }
}

/** Whether the type is a conformant array, whose count a structure that ends with it carries in front. */
export function isOpenArray(type: NdrType): boolean {
  return type.kind === 'array' && type.length === undefined;
}

/** The dimensions of an array, from outside in: one of open arrays has the counts of all in front (C706 14.3.3.4). */
export function dimensionsOf(type: ArrayType): readonly ArrayType[] {
  const all = [type];
  for (let { of } = type; type.length === undefined && of.kind === 'array' && of.length === undefined; { of } = of)
    all.push(of);
  return all;
}

/** The array that ends a structure, of which `isConformant` says that there is one. */
export function lastArray(type: StructType): ArrayType {
  let last: NdrType = type;
  while (last.kind === 'struct') last = last.members[last.members.length - 1].type;
  return last as ArrayType;
}

/** Whether a structure ends with a conformant array, itself or in its last member. */
export function isConformant(type: StructType): boolean {
  const last = type.members.at(-1)?.type;
  return last !== undefined && (isOpenArray(last) || (last.kind === 'struct' && isConformant(last)));
}
