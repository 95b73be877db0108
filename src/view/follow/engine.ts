/** What Follow asks of the engine: filters that leave what belongs together with a PDU. */
import { filter as compile, type Node, type PduJson } from '../../index.js';
import { filterFor } from '../filter/engine.js';
import type { Capture } from '../worker/capture.js';
import type { Details } from '../worker/details.js';

/** Something that can be followed. */
export interface Followed {
  readonly what: 'connection' | 'object' | 'causality id';
  readonly filter: string;
}

/** Fields by which things are followed; that of the object is of COM or of remoting. */
const STREAM = /^(tcp|udp)\.stream$/;
const OBJECT = /^(dcerpc\.obj_id|nrtp\.request_uri|http\.request\.full_uri)$/;
const CAUSALITY = /^dcom\.this\.uuid$/;

/** The connection of a PDU, and the object and causality id that it names, or the request of its call does. */
export async function followed(capture: Capture, details: Details, pdu: number): Promise<Followed[]> {
  const { pduRows } = capture;
  if (pdu < 1 || pdu > pduRows.length) return [];
  const { call, frame } = pduRows.row(pdu - 1);
  const request = call === null ? pdu : (pduRows.ofCall(call, 1)[0]?.pdu ?? pdu);
  const found: Followed[] = [];
  const add = (what: Followed['what'], filter: string | null): void => {
    if (filter !== null && !found.some((other) => other.what === what)) found.push({ what, filter });
  };
  add('connection', await streamOf(capture, frame));
  for (const number of new Set([pdu, request])) {
    const tree = (await details.pdu(number))?.json.tree ?? [];
    add('object', filterIn(tree, OBJECT));
    add('causality id', filterIn(tree, CAUSALITY));
  }
  return found;
}

/** Frames that a filter names. */
const MOST_FRAMES = 500;

/**
 * A filter that leaves what another one does, and all else of the calls that it leaves something of: an answer does not
 * repeat what the request named. Where that is very much, the other one as it is.
 */
export async function wholeCalls(capture: Capture, text: string): Promise<string> {
  const { pduRows } = capture;
  const left = await capture.matches(compile(text));
  const isLeft = new Set(left);
  const others = pduRows.ofCalls(pduRows.callsOf(left)).filter((at) => !isLeft.has(at));
  const frames = new Set(others.slice(0, MOST_FRAMES + 1).map((at) => pduRows.frameOf(at)));
  if (frames.size === 0 || frames.size > MOST_FRAMES) return text;
  return `${text} || frame.number in {${[...frames].join(', ')}}`;
}

/** A filter for the first field of a tree that has one of the names. */
function filterIn(tree: PduJson['tree'], names: RegExp): string | null {
  const todo = [...tree].reverse();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (names.test(node.name)) return filterFor(node.name, node.value);
    for (let i = node.children.length - 1; i >= 0; i--) todo.push(node.children[i]);
  }
  return null;
}

/** A filter for the stream of a frame: its number is known to a pass that looks at layers. */
async function streamOf(capture: Capture, frame: number): Promise<string | null> {
  let filter: string | null = null;
  await capture.again(
    {
      frame: ({ roots }) => {
        const nodes: Node[] = roots.flat();
        for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
          const { name } = node.field;
          if (STREAM.test(name) && typeof node.value === 'number') filter = filterFor(name, node.value);
          nodes.push(...node.children);
        }
        return false;
      },
    },
    { filter: compile(`frame.number == ${frame}`) },
  );
  return filter;
}
