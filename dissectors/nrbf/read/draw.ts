/**
 * Titles and labels of nodes.
 */
import { type Field, field } from '../../../src/core/node.js';
import { F, valueField } from '../format/fields.js';
import type { ClassInfo, ObjectRecord, ValueRecord } from '../format/model.js';
import { arrayTypeName, RECORD_NAMES } from '../format/types.js';
import type { Reader } from './reader.js';

/** Characters of a name in a title or label. */
const LONGEST_NAME = 2000;

/** One line for a record's node. */
export function title(item: ValueRecord | null, id: number): string {
  if (item === null) return `#${id}`;
  switch (item.type) {
    case 6:
      return `#${id} ${shownText(item.text)}`;
    case 7:
    case 15:
    case 16:
    case 17:
      return `#${id} ${RECORD_NAMES[item.type]} ${short(arrayTypeName(item.element, item.lengths.length))} of ${item.lengths.join(' × ')}`;
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return `#${id} ${RECORD_NAMES[item.type]} ${short(item.cls.name)}`;
    default:
      return `#${id} ${RECORD_NAMES[item.type]}`;
  }
}

/** A name that the wire says once and the tree at each sight. */
function short(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}… (${name.length})` : name;
}

export function shownText(text: string): string {
  return text.length > 200 ? `${JSON.stringify(text.slice(0, 200))}… (${text.length})` : JSON.stringify(text);
}

/** The field of the record that comes next: labelled by the member or the element that it is. */
export function placeField(r: Reader): Field {
  const open = r.open;
  if (open === null) return F.record;
  if (open.type <= 5) return memberField((open as ObjectRecord).cls, r.next, 0);
  return field(F.record.name, `[${r.next}]`);
}

/** Made once for each member of a class. */
export function memberField(cls: ClassInfo, i: number, kind: number): Field {
  cls.fields ??= [];
  const made = cls.fields[i];
  if (made !== undefined) return made;
  const label = short(cls.members[i]);
  const f = kind === 0 ? field(F.record.name, label) : valueField(kind, label);
  cls.fields[i] = f;
  return f;
}
