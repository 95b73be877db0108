/**
 * The fields that a filter or a column may name. Built from explicit lists; each dissector exports its own.
 */
import { distance, slips } from '../core/nearest.js';
import { type Field, type FieldType, PADDING, PROTOCOLS, UNDISSECTED } from '../core/node.js';

/** A name that stands for several fields, as `ip.addr` for source and destination. */
export interface FieldAlias {
  /** Its type must be that of the fields it stands for. */
  readonly field: Field;
  readonly of: readonly string[];
}

/** How values compare. Widths and signs do not matter to a comparison. */
export type Kind = 'none' | 'bool' | 'int' | 'float' | 'guid' | 'string' | 'bytes' | 'ipv4' | 'ipv6' | 'time';

/** What is known of one name. */
export interface FieldEntry {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly kind: Kind;
  /** All declarations that share the name; NDR parameters often do. */
  readonly fields: readonly Field[];
  /** The fields that carry its values: itself, or what an alias stands for. */
  readonly of: readonly string[];
  readonly places: Places;
}

/** Where fields are to be found. */
export interface Places {
  readonly inLayers: boolean;
  readonly inPdus: boolean;
}

/** The kind of a field type. */
export function fieldKind(type: FieldType): Kind {
  switch (type) {
    case 'uint8':
    case 'uint16':
    case 'uint32':
    case 'uint64':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return 'int';
    case 'float':
    case 'double':
      return 'float';
    default:
      return type;
  }
}

/** What people call the values of a kind, for messages. */
export const KIND_TEXT: Readonly<Record<Kind, string>> = {
  none: 'protocol or group',
  bool: 'boolean',
  int: 'integer',
  float: 'floating-point number',
  guid: 'GUID',
  string: 'string',
  bytes: 'byte sequence',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  time: 'time',
};

/** How many names `suggest` returns at most. */
const MAX_SUGGESTIONS = 3;

/** Looks fields up by name. */
export class FieldTable {
  private readonly entries = new Map<string, FieldEntry>();
  /** Every proper prefix that ends before a dot: `dcerpc`, `dcom.stdobjref`. */
  private readonly prefixes = new Set<string>();
  /** Alias names by the field they stand for, in the order of declaration. */
  private readonly aliasesByField = new Map<string, FieldEntry[]>();
  /** Names declared twice with types that do not compare with each other; a test holds this empty. */
  readonly conflicts: string[] = [];
  private readonly layers: ReadonlySet<Field> | undefined;

  /** @param layers those of the fields that frames' layers have, and PDUs have not; what is not known may be anywhere */
  constructor(fields: Iterable<Field>, aliases: Iterable<FieldAlias> = [], layers?: Iterable<Field>) {
    this.layers = layers && new Set(layers);
    for (const field of fields) this.add(field);
    for (const { field, of } of aliases) {
      const places = together(of.map((name) => this.entries.get(name)?.places ?? ANYWHERE));
      const entry = { ...this.plainEntry(field), of, places };
      this.entries.set(field.name, entry);
      this.addPrefixes(field.name);
      for (const name of of) {
        const known = this.aliasesByField.get(name);
        if (known === undefined) this.aliasesByField.set(name, [entry]);
        else known.push(entry);
      }
    }
  }

  /** What is known of a name. */
  get(name: string): FieldEntry | undefined {
    return this.entries.get(name);
  }

  /** Whether fields exist whose name continues this one behind a dot: then its presence can be asked for. */
  isPrefix(name: string): boolean {
    return this.prefixes.has(name);
  }

  /** Where the fields are whose names begin with this one. */
  placesBelow(prefix: string): Places {
    const below = [...this.entries.values()]
      .filter(({ name }) => name === prefix || name.startsWith(`${prefix}.`))
      // a frame is there without its PDUs, though these are among its protocols
      .filter(({ name }) => name !== PROTOCOLS.name);
    return together(below.map(({ places }) => places));
  }

  /** The aliases that stand for a field. */
  aliasesOf(name: string): readonly FieldEntry[] {
    return this.aliasesByField.get(name) ?? [];
  }

  /** Every name, sorted. */
  list(): FieldEntry[] {
    return [...this.entries.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** Known names that somebody who wrote `name` may have meant, nearest first. */
  suggest(name: string): string[] {
    const wanted = name.toLowerCase();
    const limit = slips(name);
    const last = `.${wanted.slice(wanted.lastIndexOf('.') + 1)}`;
    const found: { name: string; cost: number }[] = [];
    for (const known of new Set([...this.entries.keys(), ...this.prefixes])) {
      const lower = known.toLowerCase();
      // the right last part under the wrong protocol is as good a guess as a slip of the finger
      const cost = lower.endsWith(last)
        ? Math.min(limit, distance(wanted, lower, limit))
        : distance(wanted, lower, limit);
      if (cost <= limit) found.push({ name: known, cost });
    }
    found.sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1));
    return found.slice(0, MAX_SUGGESTIONS).map((f) => f.name);
  }

  private add(field: Field): void {
    const known = this.entries.get(field.name);
    if (known === undefined) {
      this.entries.set(field.name, this.plainEntry(field));
      this.addPrefixes(field.name);
      return;
    }
    if (known.fields.includes(field)) return;
    const places = together([known.places, this.placesOf(field)]);
    const entry = { ...known, fields: [...known.fields, field], places };
    if (known.kind !== fieldKind(field.type)) this.conflicts.push(field.name);
    this.entries.set(field.name, entry);
  }

  private addPrefixes(name: string): void {
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) this.prefixes.add(name.slice(0, dot));
  }

  private plainEntry(field: Field): FieldEntry {
    const { name, label, type } = field;
    return { name, label, type, kind: fieldKind(type), fields: [field], of: [name], places: this.placesOf(field) };
  }

  private placesOf(field: Field): Places {
    if (this.layers === undefined || EVERYWHERE.includes(field)) return ANYWHERE;
    const inLayers = this.layers.has(field);
    return { inLayers, inPdus: !inLayers };
  }
}

/** Bytes that mean nothing are in all parts of a frame; its protocols are those of all parts. */
const EVERYWHERE: readonly Field[] = [PADDING, UNDISSECTED, PROTOCOLS];
const ANYWHERE: Places = { inLayers: true, inPdus: true };

function together(places: readonly Places[]): Places {
  return { inLayers: places.some((p) => p.inLayers), inPdus: places.some((p) => p.inPdus) };
}
