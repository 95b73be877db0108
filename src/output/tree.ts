/** The annotated tree: left the meaning, right the bytes; what was learnt and not read stands in brackets. */
import type { Node, Note } from '../core/node.js';
import { nodeText } from './node-text.js';
import { type Paint, paint, safe } from './terminal.js';

export interface TreeOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Lines of a tree, each ending with a line feed. Does not recurse: trees are as deep as their input wants. */
export function renderTree(roots: readonly Node[], options: TreeOptions): string {
  const p = paint(options.color);
  const lines: string[] = [];
  const todo: { node: Node; prefix: string; last: boolean }[] = [];
  const push = (level: readonly Node[], prefix: string): void => {
    for (let i = level.length - 1; i >= 0; i--) todo.push({ node: level[i], prefix, last: i === level.length - 1 });
  };
  push(roots, '');
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, prefix, last } = next;
    lines.push(line(node, `${prefix}${last ? '└─ ' : '├─ '}`, options.width, p));
    if (node.children.length > 0) push(node.children, shorten(`${prefix}${last ? '   ' : '│  '}`));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Indentation beyond 20 levels says how deep instead of going further right. */
function shorten(prefix: string): string {
  if (prefix.length <= 60) return prefix;
  const depth = /^⋮(\d+)/.exec(prefix)?.[1];
  return `⋮${depth === undefined ? 20 : Number(depth) + 1} `.padEnd(57);
}

function line(node: Node, prefix: string, width: number, p: Paint): string {
  const range = rangeText(node);
  const text = safe(nodeText(node));
  const label = safe(node.field.label);
  const room = Math.max(20, width - prefix.length - label.length - 2 - range.length - 2);
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  const plain = shown === '' ? label : `${label}: ${shown}`;
  if (node.source === null) return `${p.offset(prefix)}${p.offset(`[${plain}]`)}`;
  const gap = ' '.repeat(Math.max(2, width - prefix.length - plain.length - range.length));
  const body = shown === '' ? p.name(label) : `${p.name(label)}: ${colored(node, shown, p)}`;
  return `${p.offset(prefix)}${body}${gap}${p.offset(range)}`;
}

function colored(node: Node, text: string, p: Paint): string {
  if (node.role !== 'data') return p.offset(text);
  return typeof node.value === 'string' ? p.text(text) : p.value(text);
}

/** `PDU 8..10`: source, first byte, and the one behind the last. */
function rangeText(node: Node): string {
  return node.source === null ? '' : `${node.source.name} ${node.start}..${node.end}`;
}

/** Warnings below a tree. */
export function renderNotes(notes: readonly Note[], options: TreeOptions): string {
  const p = paint(options.color);
  return notes
    .map(
      (n) =>
        `${p.warning(`⚠ ${n.code}`)}: ${safe(n.message)}${n.offset === null ? '' : p.offset(` (${n.source} byte ${n.offset})`)}\n`,
    )
    .join('');
}
