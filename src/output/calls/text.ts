/** What a call did, in one line that reads like code. */

import type { Call } from '../../../dissectors/call.js';
import { errorText } from '../../../dissectors/dcerpc/eerr.js';
import { type Fact, factsOfKind } from '../../../dissectors/dcom/facts.js';
import { paramsText, VALUE_WIDTH, valueText } from '../../../dissectors/dcom/value-text.js';
import { statusName } from '../../../dissectors/names/hresult.js';
import { operationText, type Side } from '../../../dissectors/ndr/interface.js';
import { hex } from '../../../dissectors/ndr/read.js';
import { describeCall, describeReturn } from '../../../dissectors/nrbf/index.js';
import { describeResult, factsOf, hasFailed, isOrpc, outcome, summaryOf } from '../../../dissectors/outcome.js';
import { safe } from '../../core/safe-text.js';

/** The parts of a call's line: colours and columns are the caller's affair. */
export interface CallText {
  /** `IManagedObject.GetObjectIdentity`. */
  readonly name: string;
  /** A remoted method inside it, `Svc.SendAddress`. */
  readonly method: string | null;
  /** Arguments without their parentheses. */
  readonly arguments: string;
  /** Result, `null` where there is none to tell. */
  readonly result: string | null;
  /** What went wrong, null where nothing did. */
  readonly problem: string | null;
  /** What the dissection warns of: why not all of the above is to be trusted. Null where it does not. */
  readonly warning: string | null;
}

/**
 * The whole line as one text, in which nothing steers a terminal: it can be printed as it is.
 * @param upTo what of the call is told: its request alone, or what came of it too
 * @param facts what it tells
 */
export function describeCallText(call: Call, upTo: Side = 'response', facts = factsOf(call)): string {
  return lineOf(callText(call, upTo, facts));
}

/** The same of a call that was taken apart. */
export function lineOf(told: CallText): string {
  let text = '';
  sayCall(told, (parts, ...values) => {
    text += parts[0];
    for (let i = 0; i < values.length; i++) text += values[i] + parts[i + 1];
  });
  return safe(text);
}

/** Says the whole line, piece by piece. */
export function sayCall(t: CallText, say: (parts: TemplateStringsArray, ...values: string[]) => void): void {
  if (t.method === null) say`${t.name}(${t.arguments})`;
  else say`${t.name} ${t.method}(${t.arguments})`;
  if (t.result !== null) say` → ${t.result}`;
  if (t.problem !== null) say` ✗ ${t.problem}`;
  if (t.warning !== null) say` ⚠ ${t.warning}`;
}

/** Takes a call apart for its line; `facts` are what it tells. */
export function callText(call: Call, upTo: Side = 'response', facts = factsOf(call)): CallText {
  const name = `${call.iface?.name ?? call.iid ?? 'unknown'}.${operationText(call)}`;
  const out = upTo === 'request' ? null : call.out;
  const told = summaryOf(call, out);
  const message = remoted(facts);
  const plain = message === null ? (told.result ?? paramsText(out)) : message.result;
  const isEmpty = plain === '' || (plain === 'null' && hasFailed(call));
  return {
    name: call.interfaceFrom === 'guess' ? `${name}?` : name,
    // a message of remoting names what the call is named after already
    method: call.interfaceFrom === 'message' ? null : (message?.method ?? null),
    arguments: message?.arguments ?? unread(call) ?? told.arguments ?? paramsText(call.in),
    result: upTo === 'request' || call.fault !== null || isEmpty ? null : plain,
    problem: upTo === 'request' ? null : problemOf(call, message?.exception ?? told.exception ?? null),
    warning: warningOf(call),
  };
}

/** Codes of the warnings, the first by name: JSON has their words. A signature that fails comes before all others. */
function warningOf({ auth, warnings }: Call): string | null {
  if (warnings.length === 0 && auth.verified !== false) return null;
  const codes = new Set(auth.verified === false ? ['bad-signature'] : []);
  for (const { code } of warnings) codes.add(code);
  const [first] = codes;
  return codes.size === 1 ? first : `${first} +${codes.size - 1}`;
}

/** What stands for parameters that were not decoded, so that the call does not look as if it had none; else null. */
function unread(call: Call): string | null {
  const { request } = call;
  if (call.in === null) {
    if (call.auth.decrypted === false) return 'sealed';
    if (request === null) return 'not seen';
    if (request.stub === null) return 'not seen whole';
  } else if (call.operation?.decoded === true) return null;
  if (request?.stub == null) return 'not decoded';
  const length = request.stub.length - (isOrpc(call) ? Math.min(ORPCTHIS, request.stub.length) : 0);
  return length === 0 ? null : `${length} ${length === 1 ? 'byte' : 'bytes'}, not decoded`;
}

/** Bytes of an ORPCTHIS without extensions: what every ORPC call begins with. */
const ORPCTHIS = 32;

function problemOf(call: Call, exception: string | null): string | null {
  if (call.fault !== null) {
    const origin = call.extendedError?.at(-1);
    if (call.faultText !== null) return `fault ${hex(call.fault, 4)} ${call.faultText}`;
    const text = `fault ${hex(call.fault, 8)} ${statusName(call.fault)}`;
    return origin === undefined ? text : `${text} (${errorText(origin)})`;
  }
  const came = outcome(call);
  if (call.result !== null && call.result !== 0 && came === 'failed') {
    const { code, name, exception: thrown } = describeResult(call.result, call);
    const told = call.errorInfo?.description;
    return `${code} ${name}${thrown === null ? '' : ` (${thrown})`}${told ? `: ${told}` : ''}`;
  }
  if (exception !== null) return `threw ${exception}`;
  if (came === 'unanswered' && !call.open) return call.answering ? 'answer not seen whole' : 'no answer';
  return null;
}

/** A .NET method call and its return, as messages; of a request that is none, what came back. */
function remoted(facts: readonly Fact[]): {
  method: string | null;
  arguments: string | null;
  result: string | null;
  exception: string | null;
} | null {
  const [fact] = factsOfKind(facts, 'remoted');
  const message = fact?.message?.nrbf ? describeCall(fact.message.nrbf, VALUE_WIDTH) : null;
  const back = fact?.answer?.nrbf ? describeReturn(fact.answer.nrbf, VALUE_WIDTH) : null;
  if (message === null && back === null) return null;
  const outs = back === null ? [] : back.args.filter((a) => a !== 'null');
  const result = back === null ? valueText(fact.answer) : [back.value, ...outs.map((a) => `out ${a}`)].join(', ');
  const target = message === null || message.target === '' ? '' : `${message.target}.`;
  return {
    method: message === null ? null : target + message.method,
    arguments: message?.args.join(', ') ?? null,
    result: back?.exception == null && result !== 'null' ? result : null,
    exception: back?.exception ?? null,
  };
}
