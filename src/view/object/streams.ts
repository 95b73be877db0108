/** The NRBF streams of a PDU, and where their records stand in its tree and bytes. */
import { type ArrayRecord, asArray, decode, isRecord, type NrbfStream } from '../../nrbf.js';
import type { PduDetail } from '../worker/details.js';
import { Graph, type Spot } from './graph.js';
import { meaningOfGraph, type Said } from './meaning.js';
import type { Row } from './rows.js';

/** A node of the tree with its path, as the address has it. */
interface Found {
  readonly node: PduDetail['json']['tree'][number];
  readonly path: string;
}

/** Bytes of a source of the PDU, and the tree's node that says most of them. */
export interface Place {
  readonly source: number;
  readonly start: number;
  readonly end: number;
  readonly node: string;
}

/** Char, Decimal and String (MS-NRBF 2.1.1): their values are not all of one length. */
const VARYING: ReadonlySet<number> = new Set([3, 5, 18]);

/** A stream of a PDU. */
export class HeldStream {
  readonly stream: NrbfStream;
  readonly graph: Graph;
  /** What it means, for people. */
  readonly said: readonly Said[];
  private readonly records = new Map<number, Found>();

  /** @param bytes from the stream's beginning on */
  constructor(
    private readonly found: Found,
    readonly source: number,
    private readonly start: number,
    readonly bytes: Uint8Array,
  ) {
    this.stream = decode(bytes);
    this.graph = new Graph(this.stream);
    this.said = meaningOfGraph(this.graph);
    for (const below of nodesBelow([found]))
      if (below.node.name === 'nrbf.record' && below.node.source === source) {
        const at = (below.node.offset as number) - start;
        if (!this.records.has(at)) this.records.set(at, below);
      }
  }

  /** Where all of it stands. */
  get place(): Place {
    const { found, source, start, bytes } = this;
    return { source, start, end: start + bytes.length, node: found.path };
  }

  /** Where a row's value stands; what is not found exactly is found by what holds it. */
  placeOf({ spot: { label, item, primitive }, holder, at, to, stands }: Row<Spot>): Place {
    const own = isRecord(item) && item.end > item.offset ? this.placeOfRecord(item.offset, item.end) : null;
    if (own !== null && (to === null || stands)) return own;
    const outer = this.graph.recordOf(holder);
    if (outer === null) return own ?? this.place;
    const within = this.placeOfRecord(outer.offset, outer.end);
    const array = asArray(outer);
    const raw = array === null || primitive === 0 ? null : elementAt(array, this.stream, at);
    if (raw !== null) return { ...within, start: this.start + raw.start, end: this.start + raw.end };
    const member = this.records.get(outer.offset);
    return (member && this.memberOf(member, label)) ?? own ?? within;
  }

  /** The object or array whose record begins at an offset of the stream, or holds that byte. */
  private placeOfRecord(offset: number, end: number): Place {
    const { source, start } = this;
    return { source, start: start + offset, end: start + end, node: (this.records.get(offset) ?? this.found).path };
  }

  /** The node of a member or an element among those of its record. */
  private memberOf({ node, path }: Found, label: string): Place | null {
    for (const [i, { name, label: own, source, offset, length }] of node.children.entries())
      if (own === label && /^nrbf\.(record|value)/.test(name) && source !== undefined && offset !== undefined)
        return { source, start: offset, end: offset + (length ?? 0), node: `${path}.${i}` };
    return null;
  }
}

/** All streams of a PDU, in the order in which they stand in its tree. */
export function streamsOf({ json, sources }: PduDetail): HeldStream[] {
  const streams: HeldStream[] = [];
  const roots = json.tree.map((node, i) => ({ node, path: String(i) }));
  for (const found of nodesBelow(roots)) {
    const { name, source, offset, length } = found.node;
    if (name !== 'nrbf' || source === undefined || offset === undefined || length === undefined) continue;
    streams.push(new HeldStream(found, source, offset, sources[source].bytes.subarray(offset, offset + length)));
  }
  return streams;
}

/** Nodes and all that is below them, each before what it holds. */
function* nodesBelow(roots: readonly Found[]): Generator<Found> {
  const todo = [...roots].reverse();
  for (let found = todo.pop(); found !== undefined; found = todo.pop()) {
    yield found;
    const { node, path } = found;
    for (let i = node.children.length - 1; i >= 0; i--) todo.push({ node: node.children[i], path: `${path}.${i}` });
  }
}

/** Where an element of a primitive array stands in the stream; null where they are of several lengths. */
function elementAt({ data, count, element }: ArrayRecord, { source }: NrbfStream, at: number) {
  if (data === null || VARYING.has(element.primitive)) return null;
  const size = data.length / count;
  const start = data.byteOffset - source.bytes.byteOffset + at * size;
  return { start, end: start + size };
}
