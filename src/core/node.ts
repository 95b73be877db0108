/**
 * The annotated tree: fields (what a value is) and nodes (one sight of a field, with its bytes).
 */
import type { DataSource } from './source.js';

/** How a field's values print and compare; the names are Wireshark's (`tshark -G fields`). */
export type FieldType =
  | 'none'
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float'
  | 'double'
  | 'guid'
  | 'string'
  | 'bytes'
  | 'ipv4'
  | 'ipv6'
  | 'time';

/** A field is declared once, where it is dissected; tree, filter, columns and `clrscope fields` all use it. */
export interface Field {
  /** Wireshark's name where it has one, as in `dcerpc.opnum`. */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  readonly type: FieldType;
  /** Numbers print in hex, as wide as the type. */
  readonly hex?: boolean | undefined;
  /** Text of a value, shown behind it: `3 (GetSerializedBuffer)`. */
  readonly names?: Readonly<Record<number, string>> | undefined;
  /** Set where `frame.protocols` goes by the value: what says which layer follows. */
  readonly ofProtocols?: true | undefined;
}

/** A value as the tree holds it. 64-bit integers are bigint, GUIDs lower-case text without braces. */
export type Scalar = number | bigint | string | boolean | Uint8Array | null;

/** Something odd that was seen, for the `warnings` of a PDU or a call. */
export interface Note {
  /** Stable and machine readable, as `truncated` or `stub-trailing-bytes`. */
  readonly code: string;
  /** What, where, and what it means, for people. */
  readonly message: string;
  /** Offset in the source, or null where the note is about no byte in particular. */
  readonly offset: number | null;
  /** The source's name, null with `offset` null. */
  readonly source: string | null;
}

/** One node: a field, where its bytes lie, and what is inside. */
export interface Node {
  readonly field: Field;
  /** Null for a computed node: it was learnt, not read. */
  readonly source: DataSource | null;
  start: number;
  end: number;
  value: Scalar;
  /** Text for people when it says more than the value. */
  display: string | null;
  /** `padding` and `undissected` leaves are greyed; `carried` bytes go on in another source. */
  role: 'data' | 'padding' | 'undissected' | 'carried';
  readonly children: Node[];
}

/** Declares a field. All are of one shape, so that whoever reads those of a million nodes meets no other. */
export function field(
  name: string,
  label: string,
  type: FieldType = 'none',
  { hex, names, ofProtocols }: Omit<Partial<Field>, 'name' | 'label' | 'type'> = {},
): Field {
  return { name, label, type, hex, names, ofProtocols };
}

/** Declares fields of a file, and lists them all. */
export function fieldsInto(list: Field[]): typeof field {
  return (...told) => {
    const made = field(...told);
    list.push(made);
    return made;
  };
}

/** The two fields that any gap is filled with. */
export const UNDISSECTED = field('undissected', 'Undissected', 'bytes');
export const PADDING = field('padding', 'Padding', 'bytes');
/** What a frame is made of, its layers and what they carry: `eth:ethertype:ip:tcp:dcerpc`. */
export const PROTOCOLS = field('frame.protocols', 'Protocols in frame', 'string');

/**
 * Makes the leaves of every source partition it: bytes in no leaf become `undissected` leaves inside the
 * innermost node that spans them. `home` gives the level of the tree on which a source's nodes stand.
 */
export function fillGaps(
  roots: readonly Node[],
  sources: readonly DataSource[],
  home: (source: DataSource) => Node[],
): void {
  const leaves = leavesOf(roots, sources);
  for (const [source, nodes] of leaves) {
    const gaps: [number, number][] = [];
    let at = 0;
    for (const leaf of nodes) {
      if (leaf.start > at) gaps.push([at, leaf.start]);
      at = Math.max(at, leaf.end);
    }
    if (at < source.bytes.length) gaps.push([at, source.bytes.length]);
    for (const [start, end] of gaps) insertGap(home(source), source, start, end);
  }
}

/** The nodes without children that have bytes, by source and in the order of these. */
function leavesOf(roots: readonly Node[], sources: readonly DataSource[]): Map<DataSource, Node[]> {
  const leaves = new Map<DataSource, Node[]>(sources.map((source) => [source, []]));
  const todo = roots.slice().reverse();
  let source: DataSource | null = null;
  let list: Node[] | undefined;
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const { children } = node;
    if (children.length > 0) for (let i = children.length - 1; i >= 0; i--) todo.push(children[i]);
    else if (node.source !== null && node.end > node.start) {
      if (node.source !== source) list = leaves.get(node.source);
      source = node.source;
      list?.push(node);
    }
  }
  for (const nodes of leaves.values())
    if (nodes.some((leaf, i) => i > 0 && leaf.start < nodes[i - 1].start)) nodes.sort((a, b) => a.start - b.start);
  return leaves;
}

/** Bytes `start` to `end` of `source` were read by nobody: a leaf in each of the innermost nodes that share in them. */
function insertGap(roots: Node[], source: DataSource, start: number, end: number): void {
  const todo = [{ level: roots, start, end }];
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    const { level, start, end } = part;
    const inner = level.find((n) => n.children.length > 0 && n.source === source && n.start < end && n.end > start);
    if (inner === undefined) {
      insertLeaf(level, source, start, end);
      continue;
    }
    if (end > inner.end) todo.push({ level, start: inner.end, end });
    todo.push({ level: inner.children, start: Math.max(start, inner.start), end: Math.min(end, inner.end) });
    if (start < inner.start) todo.push({ level, start, end: inner.start });
  }
}

function insertLeaf(level: Node[], source: DataSource, start: number, end: number): void {
  const leaf: Node = {
    field: UNDISSECTED,
    source,
    start,
    end,
    value: source.bytes.subarray(start, end),
    display: null,
    role: 'undissected',
    children: [],
  };
  const behind = level.findIndex((n) => n.source === source && n.start >= end);
  if (behind < 0) level.push(leaf);
  else level.splice(behind, 0, leaf);
}
