/**
 * The fields of NRBF nodes: names for filters and columns, labels as MS-NRBF spells them.
 */
import { type Field, type FieldType, field } from '../../../src/core/node.js';
import { ARRAY_TYPE_NAMES, BINARY_TYPE_NAMES, PRIMITIVE_NAMES, RECORD_NAMES } from './types.js';

const names = (list: readonly string[]): Record<number, string> =>
  Object.fromEntries(list.map((name, i) => [i, name] as const).filter(([, name]) => name !== ''));

export const F = {
  stream: field('nrbf', 'NRBF'),
  record: field('nrbf.record', 'Record'),
  recordType: field('nrbf.record_type', 'Record type', 'uint8', { names: names(RECORD_NAMES) }),
  more: field('nrbf.more', 'Further records', 'bytes'),
  rootId: field('nrbf.root_id', 'Root id', 'int32'),
  headerId: field('nrbf.header_id', 'Header id', 'int32'),
  majorVersion: field('nrbf.major_version', 'Major version', 'int32'),
  minorVersion: field('nrbf.minor_version', 'Minor version', 'int32'),
  objectId: field('nrbf.object_id', 'Object id', 'int32'),
  metadataId: field('nrbf.metadata_id', 'Metadata id', 'int32'),
  idRef: field('nrbf.id_ref', 'Refers to', 'int32'),
  type: field('nrbf.type', 'Type', 'string'),
  memberCount: field('nrbf.member_count', 'Member count', 'int32'),
  members: field('nrbf.members', 'Members'),
  member: field('nrbf.member', 'Member', 'string'),
  memberTypes: field('nrbf.member_types', 'Member types'),
  binaryType: field('nrbf.binary_type', 'Binary type', 'uint8', { names: names(BINARY_TYPE_NAMES) }),
  primitiveType: field('nrbf.primitive_type', 'Primitive type', 'uint8', { names: names(PRIMITIVE_NAMES) }),
  typeName: field('nrbf.member_type', 'Type name', 'string'),
  libraryId: field('nrbf.library_id', 'Library id', 'int32'),
  library: field('nrbf.library', 'Library', 'string'),
  arrayType: field('nrbf.array_type', 'Binary array type', 'uint8', { names: names(ARRAY_TYPE_NAMES) }),
  rank: field('nrbf.rank', 'Rank', 'int32'),
  arrayLength: field('nrbf.array_length', 'Length', 'int32'),
  lowerBound: field('nrbf.lower_bound', 'Lower bound', 'int32'),
  elements: field('nrbf.elements', 'Elements', 'bytes'),
  nullCount: field('nrbf.null_count', 'Null count', 'int32'),
  stringLength: field('nrbf.string_length', 'String length', 'uint32'),
  text: field('nrbf.value', 'Value', 'string'),
  flags: field('nrbf.message_flags', 'Message flags', 'uint32', { hex: true }),
  method: field('nrbf.method', 'Method', 'string'),
  methodType: field('nrbf.method_type', 'Type', 'string'),
  callContext: field('nrbf.call_context', 'Call context', 'string'),
  args: field('nrbf.args', 'Arguments'),
  argCount: field('nrbf.arg_count', 'Argument count', 'int32'),
  mapIndex: field('nrbf.cross_domain_index', 'Index in the process', 'int32'),
} as const satisfies Record<string, Field>;

const VALUE_TYPES: readonly FieldType[] = [
  'none',
  'bool',
  'uint8',
  'string',
  'none',
  'string',
  'double',
  'int16',
  'int32',
  'int64',
  'int8',
  'float',
  'int64',
  'uint64',
  'uint16',
  'uint32',
  'uint64',
  'none',
  'string',
];

/** `nrbf.value.int32` and so on by PrimitiveTypeEnumeration; a string is `nrbf.value`. */
export const VALUE_FIELDS: readonly Field[] = VALUE_TYPES.map((type, code) => valueField(code, 'Value', type));

/** The field of a raw value that is shown under a name of its own. */
export function valueField(code: number, label: string, type: FieldType = VALUE_TYPES[code]): Field {
  return field(code === 18 ? 'nrbf.value' : `nrbf.value.${PRIMITIVE_NAMES[code].toLowerCase()}`, label, type);
}

/** Every field that a node of an NRBF stream can have. */
export const NRBF_FIELDS: Field[] = [
  ...Object.values(F),
  ...VALUE_FIELDS.filter((f) => f.type !== 'none' && f.name !== 'nrbf.value'),
];
