/** The annotated tree: left the meaning, right the bytes; what was learnt and not read stands in brackets. */
import { utf8Text } from '#platform';
import { utf8Bytes } from '../../core/bytes.js';
import type { Node, Note } from '../../core/node.js';
import type { DataSource } from '../../core/source.js';
import { cutTo, foldTo, lineWidth } from '../line-width.js';
import { paint, type Style, type Styles, safe, styles } from '../terminal.js';
import { digits, TextBytes } from '../text-bytes.js';
import { meaningText, ownText, withMeaning } from './node-text.js';

export interface TreeOptions {
  readonly color: boolean;
  /** Columns to fill. */
  readonly width: number;
  /** Whether no line may be wider, as in a terminal: where both have no room, a value stands there and its bytes do not. */
  readonly fits?: boolean;
}

/** Lines of a tree, each ending with a line feed. */
export function renderTree(roots: readonly Node[], options: TreeOptions): string {
  const out = new TextBytes();
  writeTree(out, roots, options);
  const text = out.take();
  return utf8Text(text, 0, text.length);
}

/** Nodes of one level of the tree, the node that they stand below, and how many of them are written. */
interface Level {
  readonly nodes: readonly Node[];
  readonly of: Node | null;
  next: number;
  readonly indent: Indent;
}

/** Adds the lines of a tree. Does not recurse: trees are as deep as their input wants. */
export function writeTree(out: TextBytes, roots: readonly Node[], options: TreeOptions): void {
  const style = styles(options.color);
  const levels: Level[] = [{ nodes: roots, of: null, next: 0, indent: outermost() }];
  while (levels.length > 0) {
    const level = levels[levels.length - 1];
    if (level.next === level.nodes.length) {
      levels.pop();
      continue;
    }
    const node = level.nodes[level.next++];
    const last = level.next === level.nodes.length;
    if (repeats(node, level.of)) continue;
    writeLine(out, node, level.indent, last, options, style);
    if (node.children.length > 0)
      levels.push({ nodes: node.children, of: node, next: 0, indent: deeper(level.indent, last) });
  }
}

/** Whether a computed node only repeats what the line above it says: it is there for filters and columns. */
function repeats(node: Node, above: Node | null): boolean {
  return node.source === null && above !== null && node.value !== null && node.value === above.display;
}

/** What stands in front of the lines of a level. */
interface Indent {
  readonly text: string;
  /** Columns that it takes, with the branch. */
  readonly columns: number;
  /** With the branch to a node, and to the last one. */
  readonly branch: Uint8Array;
  readonly lastBranch: Uint8Array;
  /** Those of the levels below nodes that have some behind them, and of those that have none; made when needed. */
  more: Indent | null;
  last: Indent | null;
}

/** Indents that are kept: trees look alike. */
const MOST_INDENTS = 4096;
let indents = 0;
let root: Indent | null = null;

function outermost(): Indent {
  if (root === null || indents > MOST_INDENTS) {
    root = indent('');
    indents = 0;
  }
  return root;
}

function indent(text: string): Indent {
  indents++;
  return {
    text,
    columns: text.length + 3,
    branch: utf8Bytes(`${text}├─ `),
    lastBranch: utf8Bytes(`${text}└─ `),
    more: null,
    last: null,
  };
}

function deeper(from: Indent, last: boolean): Indent {
  if (last) {
    from.last ??= indent(shorten(`${from.text}   `));
    return from.last;
  }
  from.more ??= indent(shorten(`${from.text}│  `));
  return from.more;
}

/** Indentation beyond 20 levels says how deep instead of going further right. */
function shorten(prefix: string): string {
  if (prefix.length <= 60) return prefix;
  const depth = /^⋮(\d+)/.exec(prefix)?.[1];
  return `⋮${depth === undefined ? 20 : Number(depth) + 1} `.padEnd(57);
}

function writeLine(
  out: TextBytes,
  node: Node,
  indent: Indent,
  last: boolean,
  options: TreeOptions,
  style: Styles,
): void {
  const { length } = out;
  const { label } = node.field;
  const value = ownText(node);
  const meaning = meaningText(node);
  // what a protocol's line tells begins with its name, as Wireshark's does
  const named = value.charCodeAt(label.length) === COMMA && value.startsWith(`${label}, `);
  const head = named ? withMeaning(value, meaning) : label;
  const told = named ? '' : value;
  const more = named ? '' : meaning;
  // nearly all lines are plain: what is not is found out by writing it
  if (tryLine(out, node, indent, last, options, style, head, told, more, false)) return;
  out.back(length);
  tryLine(out, node, indent, last, options, style, safe(head), safe(told), safe(more), true);
}

/** Adds a line; returns false, with a part of it added, where its texts are not known to be `safe` and not plain. */
function tryLine(
  out: TextBytes,
  node: Node,
  indent: Indent,
  last: boolean,
  { width, fits = false }: TreeOptions,
  style: Styles,
  label: string,
  value: string,
  meaning: string,
  isSafe: boolean,
): boolean {
  const { source } = node;
  // what is plain takes a column a character
  const columns = fits && isSafe ? lineWidth : lengthOf;
  const told = columns(value) + (meaning === '' ? 0 : columns(meaning) + 3);
  const named = indent.columns + columns(label) + (told === 0 ? 0 : 2);
  const range = source === null ? 0 : rangeLength(source, node);
  const isRanged = source !== null && !(fits && width - named - 2 - range < Math.min(told, LEAST));
  const room = Math.max(fits ? 1 : LEAST, width - named - (isRanged || source === null ? 2 + range : 0));
  const isCut = told > room;
  const color = source === null ? style.offset : styleOf(node, style);
  const name = source === null ? style.offset : style.name;
  open(out, style.offset);
  out.copy(last ? indent.lastBranch : indent.branch);
  close(out, style.offset);
  open(out, name);
  if (source === null) out.copy(BRACKET);
  if (!say(out, label, isSafe)) return false;
  if (source !== null) close(out, name);
  if (told > 0) {
    out.copy(COLON);
    if (source !== null) open(out, color);
    if (isCut) {
      const text = withMeaning(value, meaning);
      if (fits && isSafe) out.text(cutTo(text, room));
      else {
        if (!say(out, text.slice(0, room - 1), isSafe)) return false;
        out.text('…');
      }
    } else {
      if (!say(out, value, isSafe)) return false;
      if (meaning !== '') {
        out.copy(MEANS);
        if (!say(out, meaning, isSafe)) return false;
        out.copy(MEANT);
      }
    }
    if (source !== null) close(out, color);
  }
  if (source === null) {
    out.text(']');
    close(out, style.offset);
  } else if (isRanged) {
    out.spaces(Math.max(2, width - named - (isCut ? room : told) - range));
    open(out, style.offset);
    out.printable(source.name);
    out.spaces(1);
    out.decimal(node.start);
    out.copy(TO);
    out.decimal(node.end);
    close(out, style.offset);
  }
  out.copy(LINE_FEED);
  return true;
}

/** Adds a text, if it is plain or known to be safe; says whether it is. */
function say(out: TextBytes, text: string, isSafe: boolean): boolean {
  if (out.printable(text)) return true;
  if (isSafe) out.text(text);
  return isSafe;
}

function lengthOf(text: string): number {
  return text.length;
}

/** Columns that a value has at least, in a terminal before its bytes are left out. */
const LEAST = 20;

const BRACKET = utf8Bytes('[');
const COLON = utf8Bytes(': ');
const MEANS = utf8Bytes(' (');
const MEANT = utf8Bytes(')');
const TO = utf8Bytes('..');
const LINE_FEED = utf8Bytes('\n');
const COMMA = 0x2c;

function open(out: TextBytes, style: Style): void {
  if (style.open !== '') out.text(style.open);
}

function close(out: TextBytes, style: Style): void {
  if (style.close !== '') out.text(style.close);
}

function styleOf(node: Node, style: Styles): Style {
  if (node.role !== 'data') return style.offset;
  return typeof node.value === 'string' ? style.text : style.value;
}

/** Columns of `PDU 8..10`: source, first byte, and the one behind the last. */
function rangeLength(source: DataSource, { start, end }: Node): number {
  return source.name.length + 1 + digits(start) + 2 + digits(end);
}

/** Warnings below a tree, each on lines of at most `room` columns. */
export function renderNotes(notes: readonly Note[], { color, room }: { color: boolean; room: number }): string {
  const p = paint(color);
  const lines = notes.map((n) => {
    const where = n.offset === null ? '' : p.offset(` (${n.source} byte ${n.offset})`);
    return `${p.warning(`⚠ ${n.code}`)}: ${safe(n.message)}${where}`;
  });
  return lines.flatMap((line) => foldTo(line, room).map((part) => `${part}\n`)).join('');
}
