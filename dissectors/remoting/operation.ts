/** The method that a remoting message calls, as an operation: what it is called, says and tells. */
import type { Fact } from '../dcom/facts.js';
import { VALUE_WIDTH } from '../dcom/value-text.js';
import type { RpcInterface, RpcOperation, Summarized, Summary, Told } from '../ndr/interface.js';
import { KIND } from '../ndr/kinds.js';
import {
  describeCall,
  describeReturn,
  hasThrown,
  type MessageText,
  messageParts,
  type ReturnText,
} from '../nrbf/index.js';
import { describeSoapCall, describeSoapReturn } from '../soap/index.js';
import { type Content, contentOf } from './content.js';
import { lifetimeFacts, type Target } from './meaning.js';

/** What a request calls. */
export function targetOf(content: Content): Target {
  if (content[KIND] === 'soap') return { type: content.soap.typeName, method: content.soap.method };
  const { type = '', method = '' } = messageParts(content.nrbf) ?? {};
  return { type, method };
}

/** Whether an answer says that the method threw. */
export function isThrown(content: Content): boolean {
  return content[KIND] === 'soap' ? content.soap.fault !== null : hasThrown(content.nrbf);
}

/** A call in pieces, for people; null where the content is none. */
function callTexts(content: Content): MessageText | null {
  return content[KIND] === 'soap'
    ? describeSoapCall(content.soap, VALUE_WIDTH)
    : describeCall(content.nrbf, VALUE_WIDTH);
}

/** A return in pieces, for people; null where the content is none. */
function returnTexts(content: Content): ReturnText | null {
  return content[KIND] === 'soap'
    ? describeSoapReturn(content.soap, VALUE_WIDTH)
    : describeReturn(content.nrbf, VALUE_WIDTH);
}

/** The type as an interface: it is known by its name alone. */
export function typeAsInterface(type: string): RpcInterface {
  return { name: withoutAssembly(type), uuid: '', version: '', spec: 'MS-NRTP', orpc: false, ops: {} };
}

/** `A.B[[C, D]], E` is `A.B[[C, D]]`: the first comma outside of brackets ends the name. */
function withoutAssembly(type: string): string {
  let depth = 0;
  for (let i = 0; i < type.length; i++) {
    if (type[i] === '[') depth++;
    else if (type[i] === ']') depth--;
    else if (type[i] === ',' && depth === 0) return type.slice(0, i);
  }
  return type;
}

/** The method as an operation. */
export function methodAsOperation(name: string): RpcOperation {
  return { name, request: [], response: [], returns: 'nothing', decoded: true, tells, summarize };
}

function tells(call: Told): readonly Fact[] {
  const message = contentOf(call.in);
  if (message === null) return [];
  const lifetime = lifetimeFacts(targetOf(message), message, contentOf(call.answer));
  return [{ kind: 'remoted', message, answer: contentOf(call.out) }, ...lifetime];
}

function summarize(call: Summarized): Summary {
  const message = contentOf(call.in);
  const answer = contentOf(call.out);
  const asked = message && callTexts(message);
  const back = answer && returnTexts(answer);
  const told = { arguments: asked?.args.join(', ') ?? '' };
  if (back === null) return told;
  if (back.exception !== null) return { ...told, result: '', exception: back.exception };
  const outs = back.args.filter((text) => text !== 'null').map((text) => `out ${text}`);
  return { ...told, result: [back.value, ...outs].join(', ') };
}
