/** The method that a remoting message calls, as an operation: what it is called, says and tells. */
import { VALUE_WIDTH } from '../dcom/value-text.js';
import type { RpcInterface, RpcOperation, Summarized, Summary, Told } from '../ndr/interface.js';
import { describeCall, describeReturn, messageParts } from '../nrbf/index.js';
import { type Content, contentOf } from './content.js';
import { lifetimeFacts, type Target } from './meaning.js';

/** What a request calls. */
export function targetOf(content: Content): Target {
  const { type = '', method = '' } = messageParts(content.nrbf) ?? {};
  return { type, method };
}

/** Whether an answer says that the method threw. */
export function hasThrown(content: Content): boolean {
  return messageParts(content.nrbf)?.exception?.item != null;
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

function tells(call: Told): ReturnType<NonNullable<RpcOperation['tells']>> {
  const message = contentOf(call.in?.nrbf);
  if (message === null) return [];
  const lifetime = lifetimeFacts(targetOf(message), message, contentOf(call.answer?.nrbf));
  return [{ kind: 'remoted', message, answer: contentOf(call.out?.nrbf) }, ...lifetime];
}

function summarize(call: Summarized): Summary {
  const message = contentOf(call.in?.nrbf);
  const answer = contentOf(call.out?.nrbf);
  const asked = message && describeCall(message.nrbf, VALUE_WIDTH);
  const back = answer && describeReturn(answer.nrbf, VALUE_WIDTH);
  const outs = back === null ? [] : back.args.filter((text) => text !== 'null').map((text) => `out ${text}`);
  return {
    arguments: asked?.args.join(', ') ?? '',
    ...(back === null || back.exception !== null ? {} : { result: [back.value, ...outs].join(', ') }),
  };
}
