/** Structs and unions that no wire could hold: in themselves, too deep, too large, or open where more follows. */
import { dimensionsOf, isConformant, isOpenArray } from '../ndr/layout.js';
import type { Member, NdrType, StructType, UnionType } from '../ndr/types.js';
import type { RecordBody } from './syntax.js';
import { IdlError } from './tokens.js';

/** A struct or a union whose members are still to come: structs may hold pointers to themselves. */
export type OpenRecord =
  | { readonly body: RecordBody & { of: 'struct' }; readonly type: StructType; readonly members: Member[] }
  | {
      readonly body: RecordBody & { of: 'union' };
      readonly type: UnionType;
      readonly arms: Record<number, NdrType | null>;
    };

/** Members of a struct with all that its structs hold, and how deep these stand in each other. */
const MOST_MEMBERS = 1 << 16;
const DEEPEST = 64;

/**
 * Holds structs and unions against what may be.
 * @throws IdlError at the declaration of one that may not
 */
export function checkRecords(records: readonly OpenRecord[]): void {
  const bodies = new Map<NdrType, OpenRecord>(records.map((record) => [record.type, record]));
  const known = new Map<NdrType, { members: number; depth: number }>();
  const within = new Set<NdrType>();
  // without recursion: files may be hostile
  for (const { type } of records) {
    const todo = [type as NdrType];
    while (todo.length > 0) {
      const at = todo[todo.length - 1];
      if (known.has(at)) {
        todo.pop();
        continue;
      }
      const { body } = bodies.get(at) as OpenRecord;
      const held = heldBy(at).filter((inner) => bodies.has(inner));
      if (!within.has(at)) {
        within.add(at);
        const circle = held.find((inner) => within.has(inner));
        if (circle !== undefined) throw new IdlError(body, `${body.name} holds itself: a pointer was expected`);
        for (const inner of new Set(held)) if (!known.has(inner)) todo.push(inner);
        continue;
      }
      within.delete(at);
      let [members, depth] = [heldBy(at).length, 0];
      for (const inner of held) {
        const size = known.get(inner) ?? { members: 0, depth: 0 };
        members += size.members;
        depth = Math.max(depth, size.depth);
      }
      if (members > MOST_MEMBERS) throw new IdlError(body, `${body.name} has more than ${MOST_MEMBERS} members in all`);
      if (depth >= DEEPEST) throw new IdlError(body, `${body.name} holds structs more than ${DEEPEST} deep`);
      known.set(at, { members, depth: depth + 1 });
      todo.pop();
    }
  }
  for (const record of records) checkOpen(record);
}

/** Types that are held as they are, without a pointer. */
function heldBy(type: NdrType): NdrType[] {
  if (type.kind === 'struct') return type.members.map((m) => element(m.type));
  if (type.kind !== 'union') return [];
  return [...Object.values(type.arms), type.otherwise ?? null].flatMap((arm) => (arm === null ? [] : [element(arm)]));
}

function element(type: NdrType): NdrType {
  let inner = type;
  while (inner.kind === 'array') inner = inner.of;
  return inner;
}

/** An array whose count is on the wire ends a struct, and nothing else. */
function checkOpen({ body, type }: OpenRecord): void {
  const isOpen = (t: NdrType): boolean => isOpenArray(t) || (t.kind === 'struct' && isConformant(t));
  const wrong =
    type.kind === 'struct'
      ? type.members.find((m, i) => (i < type.members.length - 1 && isOpen(m.type)) || isArrayOfOpen(m.type, isOpen))
          ?.name
      : heldBy(type).some(isOpen)
        ? body.name
        : undefined;
  if (wrong !== undefined)
    throw new IdlError(body, `${body.name}: ${wrong} is an array that only the end of a struct can hold`);
}

function isArrayOfOpen(type: NdrType, isOpen: (type: NdrType) => boolean): boolean {
  return type.kind === 'array' && isOpen(dimensionsOf(type).slice(-1)[0].of);
}
