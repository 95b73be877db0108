/**
 * Members' types for streams that carry none (MS-NRBF 2.3.2.2 and 2.3.2.4: ClassWithMembers and
 * SystemClassWithMembers, which .NET writes under TypesWhenNeeded). From a schema that the user gives, from the
 * same class elsewhere in the stream, or from what .NET's own classes are known to have.
 */

import type { ClassInfo } from '../format/model.js';
import { lookUpSystemType } from '../format/system-types.js';
import { BinaryType, type MemberType, PLAIN_TYPES, PRIMITIVE_BY_TYPE, PRIMITIVE_MEMBERS } from '../format/types.js';

/** `{"Type.Name": {"member": "System.Int32"}}` */
export type Schema = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a member of a type of that name looks like on the wire: raw where it is a primitive, a record elsewhere. */
function memberTypeOf(name: string): MemberType {
  const primitive = PRIMITIVE_BY_TYPE.get(name);
  if (primitive !== undefined) return PRIMITIVE_MEMBERS[primitive];
  if (name === 'System.String') return PLAIN_TYPES[BinaryType.String];
  if (name === 'System.Object') return PLAIN_TYPES[BinaryType.Object];
  return { binary: BinaryType.SystemClass, primitive: 0, className: name, libraryId: 0 };
}

/**
 * The types of a class's members; null where one of them is not known. A private field of a base class is called
 * `Base+field` in the stream: its own name is tried too.
 */
export function findTypes(
  cls: ClassInfo,
  seen: ClassInfo | undefined,
  schema: Schema | undefined,
): MemberType[] | null {
  const given = schema !== undefined && Object.hasOwn(schema, cls.name) ? schema[cls.name] : undefined;
  if (given === undefined && seen !== undefined && sameMembers(cls, seen)) return seen.types;
  const table = given ?? lookUpSystemType(cls.name);
  if (table === undefined) return null;
  const types: MemberType[] = [];
  for (const member of cls.members) {
    const type = own(table, member) ?? own(table, member.slice(member.lastIndexOf('+') + 1));
    if (type === undefined) return null;
    types.push(memberTypeOf(type));
  }
  return types;
}

function own(table: Readonly<Record<string, string>>, member: string): string | undefined {
  return Object.hasOwn(table, member) ? table[member] : undefined;
}

function sameMembers(a: ClassInfo, b: ClassInfo): boolean {
  return (
    b.types.length === b.members.length &&
    a.members.length === b.members.length &&
    a.members.every((m, i) => m === b.members[i])
  );
}
