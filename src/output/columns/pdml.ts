/**
 * `-T pdml`: a frame's trees as XML, in the shape of tshark 4.0: `proto` for protocols, `field` for all else. Fields that
 * stand beside a protocol's tree, as what a call says, are in a `proto` of their own.
 */
import type { Frame } from '../../core/frame.js';
import type { Node } from '../../core/node.js';
import { locate } from '../../core/source.js';
import { hexText } from '../../core/text.js';
import { colons, formatNode } from '../../filter/format.js';
import { nodeText } from '../tree/node-text.js';
import { escapeXml } from '../xml.js';

/** Bytes of a field that are written. */
const MOST = 1 << 16;

/** In front of all frames. */
export const PDML_HEAD = `<?xml version="1.0" encoding="utf-8"?>\n<pdml version="0" creator="clrscope">\n`;
/** Behind them. */
export const PDML_TAIL = '</pdml>\n';

type Attributes = readonly (readonly [name: string, value: string | number])[];

/** One frame, with its end of line. */
export function pdmlPacket({ number, roots }: Frame): string {
  const lines = ['<packet>'];
  const [layers] = roots;
  const offset = layers[0]?.source?.kind === 'captured' ? layers[0].source.pieces[0]?.fileOffset : undefined;
  const place = placing(number, offset ?? null);
  general(lines, layers);
  for (const tree of roots) for (const group of grouped(tree)) write(lines, group, place);
  lines.push('</packet>\n');
  return lines.join('\n');
}

/** What tshark puts in front of each frame. */
function general(lines: string[], layers: readonly Node[]): void {
  const [frame] = layers;
  if (frame?.field.name !== 'frame') return;
  const find = (name: string): Node | undefined => frame.children.find(({ field }) => field.name === name);
  const size = frame.end - frame.start;
  const item = (name: string, showname: string, from: string, value: (node: Node) => string): void => {
    const node = find(from);
    if (node === undefined) return;
    const told: Attributes = [
      ['name', name],
      ['pos', 0],
      ['show', formatNode(node)],
      ['showname', showname],
      ['value', value(node)],
      ['size', size],
    ];
    lines.push(`    <field${attributes(told)}/>`);
  };
  const hex = ({ value }: Node): string => Number(value).toString(16);
  lines.push(`  <proto name="geninfo" pos="0" showname="General information" size="${size}">`);
  item('num', 'Number', 'frame.number', hex);
  item('len', 'Frame Length', 'frame.len', hex);
  item('caplen', 'Captured Length', 'frame.cap_len', hex);
  const epoch = find('frame.time_epoch');
  item('timestamp', 'Captured Time', 'frame.time', () => (epoch === undefined ? '' : formatNode(epoch)));
  lines.push('  </proto>');
}

/** A protocol, or what stands beside protocols and has one name in front of its dots. */
interface Group {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** Null where the nodes have none above them. */
  readonly head: Node | null;
}

function grouped(tree: readonly Node[]): Group[] {
  const groups: { name: string; nodes: Node[]; head: Node | null }[] = [];
  for (const node of tree) {
    const [name] = node.field.name.split('.');
    const last = groups.at(-1);
    if (isProtocol(node)) groups.push({ name, nodes: node.children, head: node });
    else if (last?.head === null && last.name === name) last.nodes.push(node);
    else groups.push({ name, nodes: [node], head: null });
  }
  return groups;
}

function isProtocol({ field }: Node): boolean {
  return field.type === 'none' && !field.name.includes('.');
}

type Place = (node: Node) => { readonly pos: number; readonly size: number };

/** Where nodes lie: in the frame where that has their bytes, and in their own source else. */
function placing(number: number, offset: number | null): Place {
  return ({ source, start, end }) => {
    if (source === null) return { pos: 0, size: 0 };
    const size = end - start;
    if (source.kind !== 'captured' || source.pieces.length !== 1 || offset === null) return { pos: start, size };
    const [piece] = locate({ source, start, end });
    const isHere = piece?.frame === number && piece.fileOffset >= offset;
    return { pos: isHere ? piece.fileOffset - offset : start, size };
  };
}

/** A group and all below it. No recursion: trees are as deep as their input wants. */
function write(lines: string[], { name, nodes, head }: Group, place: Place): void {
  const todo: { node: Node | null; end: string; depth: number }[] = [];
  const push = (list: readonly Node[], end: string, depth: number): void => {
    todo.push({ node: null, end: `${'  '.repeat(Math.min(depth, 20))}${end}`, depth });
    for (let i = list.length - 1; i >= 0; i--) todo.push({ node: list[i], end: '', depth: depth + 1 });
  };
  const open = (node: Node, depth: number, isProto: boolean): void => {
    const tag = isProto ? 'proto' : 'field';
    const told = isProto ? protoAttributes(node, place) : fieldAttributes(node, place);
    const hasMore = node.children.length > 0;
    lines.push(`${'  '.repeat(Math.min(depth, 20))}<${tag}${attributes(told)}${hasMore || isProto ? '>' : '/>'}`);
    if (hasMore || isProto) push(node.children, `</${tag}>`, depth);
  };
  if (head !== null) open(head, 1, true);
  else {
    const [first] = nodes;
    const told: Attributes = [
      ['name', name],
      ['showname', `${first.field.label}`],
      ['size', 0],
      ['pos', place(first).pos],
    ];
    lines.push(`  <proto${attributes(told)}>`);
    push(nodes, '</proto>', 1);
  }
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    if (item.node === null) lines.push(item.end);
    else open(item.node, item.depth, isProtocol(item.node));
  }
}

function protoAttributes(node: Node, place: Place): Attributes {
  const { pos, size } = place(node);
  return [
    ['name', node.field.name],
    ['showname', node.display ?? node.field.label],
    ['size', size],
    ['pos', pos],
  ];
}

function fieldAttributes(node: Node, place: Place): Attributes {
  const { field, source, start, end, value } = node;
  const { pos, size } = place(node);
  const text = nodeText(node);
  const told: [string, string | number][] = [
    ['name', field.name],
    ['showname', text === '' ? field.label : `${field.label}: ${text}`],
    ['size', size],
    ['pos', pos],
    [
      'show',
      field.type === 'bytes' && value instanceof Uint8Array ? colons(value.subarray(0, MOST)) : formatNode(node),
    ],
  ];
  if (source !== null && node.children.length === 0 && end > start)
    told.push(['value', hexText(source.bytes.subarray(start, Math.min(end, start + MOST)))]);
  return told;
}

function attributes(told: Attributes): string {
  return told.map(([name, value]) => ` ${name}="${typeof value === 'number' ? value : escapeXml(value)}"`).join('');
}
