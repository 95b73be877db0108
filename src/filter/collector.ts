/** The fields of a frame that a filter or a column asks for. */
import type { Asked, Frame } from '../core/frame.js';
import { type Field, type Node, PROTOCOLS } from '../core/node.js';
import type { FieldEntry, FieldTable, Kind, Places } from './field-table.js';
import { type Comparable, comparable } from './format.js';

/** The sights of one name in the frame at hand. */
export class Slot {
  nodes: Node[] = [];
  private made: Comparable[] | null = null;

  /** Whether all of its sights are there. */
  isKnown = true;

  /** @param kind how the values compare */
  constructor(
    readonly kind: Kind,
    readonly places: Places,
  ) {}

  /** The values, made at first need. */
  get values(): readonly Comparable[] {
    if (this.made === null) {
      this.made = [];
      for (const node of this.nodes) {
        const value = comparable(node, this.kind);
        if (value !== null) this.made.push(value);
      }
    }
    return this.made;
  }

  clear(): void {
    if (this.nodes.length > 0) this.nodes = [];
    this.made = null;
  }
}

/** Collects the sights of the wanted names, and of no others, in one walk through a frame's trees. */
export class Collector implements Asked {
  private readonly exact = new Map<string, Slot[]>();
  private readonly prefixes: { readonly prefix: string; readonly slot: Slot }[] = [];
  private readonly slots: Slot[] = [];
  /** Whether all of the frame is known. */
  isWhole = true;
  private readonly todo: Node[] = [];
  private readonly byName = new Map<string, Slot>();
  /** Where a name belongs. By name and not by field: some fields are made for one value, and names are few. */
  private readonly known = new Map<string, readonly Slot[]>();
  private readonly anyOf = new Map<readonly Field[], boolean>();
  /** Names whose nodes are wanted; of a protocol, its own name. */
  readonly names = new Set<string>();

  /** The slot of a field or an alias. */
  field(entry: FieldEntry): Slot {
    const made = this.byName.get(entry.name);
    if (made !== undefined) return made;
    const slot = this.slot(entry.name, entry.kind, entry.places);
    for (const name of entry.of) {
      const sharing = this.exact.get(name);
      if (sharing === undefined) this.exact.set(name, [slot]);
      else sharing.push(slot);
      this.names.add(name);
    }
    return slot;
  }

  /** A slot for everything below a prefix and itself: what makes a protocol present. */
  below(prefix: string, places: Places): Slot {
    const key = `${prefix}.*`;
    const made = this.byName.get(key);
    if (made !== undefined) return made;
    const slot = this.slot(key, 'none', places);
    this.prefixes.push({ prefix, slot });
    this.names.add(prefix);
    return slot;
  }

  get ofLayers(): boolean {
    return this.slots.some(({ places }) => places.inLayers);
  }

  get ofPdus(): boolean {
    return this.slots.some(({ places }) => places.inPdus);
  }

  wants({ name, type, ofProtocols }: Field): boolean {
    if ((this.known.get(name) ?? this.learn(name)).length > 0) return true;
    // a frame's protocols are told by their groups, and by what these say of what follows
    return (type === 'none' || ofProtocols === true) && this.exact.has(PROTOCOLS.name);
  }

  wantsAny(fields: readonly Field[]): boolean {
    let any = this.anyOf.get(fields);
    if (any === undefined) {
      any = fields.some((field) => this.wants(field));
      this.anyOf.set(fields, any);
    }
    return any;
  }

  /** Fills the slots from a frame, of which only its layers or its PDUs may be known. */
  collect(frame: Frame, known: 'all' | 'layers' | 'pdus' = 'all'): void {
    this.isWhole = known === 'all';
    for (const slot of this.slots) {
      slot.clear();
      slot.isKnown = known === 'all' || (known === 'layers' ? !slot.places.inPdus : !slot.places.inLayers);
    }
    const { todo } = this;
    for (const roots of frame.sifted?.(this) ?? frame.roots) {
      for (let i = roots.length - 1; i >= 0; i--) todo.push(roots[i]);
      for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
        for (const slot of this.known.get(node.field.name) ?? this.learn(node.field.name)) slot.nodes.push(node);
        for (let i = node.children.length - 1; i >= 0; i--) todo.push(node.children[i]);
      }
    }
  }

  private slot(key: string, kind: Kind, places: Places): Slot {
    const slot = new Slot(kind, places);
    this.slots.push(slot);
    this.byName.set(key, slot);
    return slot;
  }

  private learn(name: string): readonly Slot[] {
    const found = [...(this.exact.get(name) ?? [])];
    for (const { prefix, slot } of this.prefixes)
      if (name === prefix || name.startsWith(`${prefix}.`)) found.push(slot);
    this.known.set(name, found);
    return found;
  }
}

/** Whether a name is a field, or a protocol or group of which fields exist. */
export function isKnown(name: string, known: FieldTable): boolean {
  return known.get(name) !== undefined || known.isPrefix(name);
}
