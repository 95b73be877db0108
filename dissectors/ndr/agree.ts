/**
 * What a structure's members, or parameters, say of each other: how many elements an array has (`size_is`, `length_is`:
 * C706 4.2.18), and which arm a union holds (`switch_is`: 4.2.13). The wire says both once more, and what is read goes by
 * that; where the two disagree, it is said.
 */
import type { Cursor } from '../../src/core/cursor.js';
import { once } from '../../src/core/once.js';
import { pointee } from './pointee.js';
import type { ArrayType, Member, NdrType, NdrValue, UnionType } from './types.js';

/** Values of members by their names. */
type Values = Readonly<Record<string, NdrValue>>;

/** An array whose elements a member beside it counts. */
interface CountedArray {
  readonly name: string;
  readonly count: string;
}

/** A union whose tag a member beside it says too. */
interface DecidedUnion {
  readonly name: string;
  readonly decides: NonNullable<UnionType['decides']>;
}

/** The array that a member is or points to; null where that is none. */
function arrayOf(type: NdrType): ArrayType | null {
  const to = type.kind === 'pointer' ? pointee(type) : type;
  return to.kind === 'array' ? to : null;
}

/** What members say of each other. */
interface Agreements {
  readonly arrays: readonly CountedArray[];
  /** Those of the arrays that none of the members counts: what counts arrays of an answer stands in the request, too. */
  readonly elsewhere: readonly CountedArray[];
  readonly unions: readonly DecidedUnion[];
}

/** Those of the members that others count or decide. */
export const agreementsOf = once((members: readonly Member[]): Agreements => {
  const arrays = members.flatMap(({ name, type }) => {
    const count = arrayOf(type)?.count;
    return count === undefined ? [] : { name, count };
  });
  const unions = members.flatMap(({ name, type }) =>
    type.kind === 'union' && type.decides !== undefined ? { name, decides: type.decides } : [],
  );
  const elsewhere = arrays.filter(({ count }) => !members.some(({ name }) => name === count));
  return { arrays, elsewhere, unions };
});

/**
 * Says where an array has other elements than the member says that counts them; of an array that is null nothing.
 * @param beside where the members are that count them: for those of an answer in the request, too
 */
export function checkCounts(
  c: Pick<Cursor, 'note'>,
  arrays: readonly CountedArray[],
  values: Values,
  beside = values,
): void {
  for (const { name, count } of arrays) {
    const elements = values[name] as ArrayLike<NdrValue> | null | undefined;
    const told = beside[count];
    if (elements == null || told == null || Number(told) === elements.length) continue;
    const all = `${elements.length} ${elements.length === 1 ? 'element' : 'elements'}`;
    c.note('array-count', `${name} has ${all} where ${count} says ${told}`);
  }
}

/** Says where the part of an array or a string that is sent (C706 14.3.3.3) does not fit, or is not its beginning. */
export function checkPart(
  c: Pick<Cursor, 'note'>,
  of: 'elements' | 'characters',
  { room, offset, count }: { readonly room: number; readonly offset: number; readonly count: number },
): void {
  if (offset + count > room) c.note('malformed', `${count} ${of} from ${offset} on in room for ${room}`);
  if (offset > 0) c.note('array-offset', `${of} from ${offset} on: the first that is shown is that one`);
}

/** Says where a union holds another arm than the member asks for that decides it. */
export function checkTags(c: Pick<Cursor, 'note'>, unions: readonly DecidedUnion[], values: Values): void {
  for (const { name, decides } of unions) {
    const { member, tagFor } = decides;
    const { tag } = values[name] as { tag: number };
    const wanted = tagFor(Number(values[member]));
    if (tag !== wanted) c.note('union-tag', `a union's tag ${tag} where ${member} asks for ${wanted}`);
  }
}
