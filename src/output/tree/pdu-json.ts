/** A PDU with its tree as one JSON object (contract: `read -T json`). */
import type { Pdu } from '../../../dissectors/pdu.js';
import type { Hosts } from '../../core/hosts.js';
import type { Node, Scalar } from '../../core/node.js';
import type { DataSource } from '../../core/source.js';
import { hexText } from '../../core/text.js';
import { isoTime } from '../../core/time.js';
import { endsToJson } from '../ends.js';
import type { NodeJson, PduJson } from '../schemas/pdu.js';
import { nodeText } from './node-text.js';
import { pduSummary } from './summary.js';

/** Bytes of a value shown without `full`. */
const SHORT = 64;

/** Levels of children inside each other; what lies deeper stands flat on the last one. */
const DEPTH = 400;

/**
 * The PDU as plain JSON; needs a recorded tree.
 * @param hosts what its ends are called
 */
export function pduToJson(pdu: Pdu, full: boolean, hosts?: Hosts): PduJson {
  const { transport, recording } = pdu;
  return {
    frame: transport.frames[transport.frames.length - 1],
    frames: [...transport.frames],
    time: isoTime(transport.time),
    ...endsToJson(transport, hosts),
    protocol: pdu.protocol,
    summary: pduSummary(pdu),
    sources: recording.sources.map((s) => ({ name: s.name, length: s.bytes.length })),
    tree: treeToJson(recording.roots, recording.sources, full),
    warnings: recording.notes.map(({ code, message, offset }) => ({ code, message, offset })),
  };
}

/** Nodes as plain JSON. Offsets count in the node's source, an index into `sources`. */
function treeToJson(roots: readonly Node[], sources: readonly DataSource[], full: boolean): NodeJson[] {
  const index = new Map(sources.map((s, i) => [s, i]));
  const top: NodeJson[] = [];
  const todo: { node: Node; into: NodeJson[]; depth: number }[] = [];
  for (let i = roots.length - 1; i >= 0; i--) todo.push({ node: roots[i], into: top, depth: 0 });
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, into, depth } = next;
    const json: NodeJson = {
      name: node.field.name,
      label: node.field.label,
      value: scalar(node.value, full),
      display: nodeText(node),
      children: [],
    };
    if (node.source !== null) {
      const source = index.get(node.source);
      if (source !== undefined) json.source = source;
      json.offset = node.start;
      json.length = node.end - node.start;
    }
    if (node.role !== 'data') json.role = node.role;
    into.push(json);
    // a node whose children stand beside it is no leaf all the same: its bytes are theirs
    if (node.children.length > 0 && depth >= DEPTH) into.pop();
    const below = depth < DEPTH ? json.children : into;
    for (let i = node.children.length - 1; i >= 0; i--)
      todo.push({ node: node.children[i], into: below, depth: Math.min(depth + 1, DEPTH) });
  }
  return top;
}

function scalar(value: Scalar, full: boolean): NodeJson['value'] {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return hexText(full ? value : value.subarray(0, SHORT));
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
