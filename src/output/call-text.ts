/** What a call did, in one line that reads like code. */

import type { Call } from '../../dissectors/dcerpc/connection.js';
import { errorText } from '../../dissectors/dcerpc/eerr.js';
import { operationText } from '../../dissectors/dcerpc/interface.js';
import { isBstr } from '../../dissectors/dcom/bstr.js';
import { describeHresult, statusName } from '../../dissectors/dcom/hresult.js';
import { paramsText, VALUE_WIDTH, valueText } from '../../dissectors/dcom/value-text.js';
import { hex } from '../../dissectors/ndr/read.js';
import { describeCall, describeReturn } from '../../dissectors/nrbf/index.js';
import { safe } from '../core/safe-text.js';

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

/** The whole line as one text, in which nothing steers a terminal: it can be printed as it is. */
export function describeCallText(call: Call): string {
  const t = callText(call);
  const inner = t.method === null ? `${t.name}(${t.arguments})` : `${t.name} ${t.method}(${t.arguments})`;
  const result = t.result === null ? '' : ` → ${t.result}`;
  const problem = t.problem === null ? '' : ` ✗ ${t.problem}`;
  return safe(inner + result + problem + (t.warning === null ? '' : ` ⚠ ${t.warning}`));
}

/** Takes a call apart for its line. */
export function callText(call: Call): CallText {
  const name = `${call.iface?.name ?? call.iid ?? 'unknown'}.${operationText(call)}`;
  const told = call.operation?.summarize?.(call) ?? {};
  const message = remoted(call);
  const args = message?.arguments ?? unread(call) ?? told.arguments ?? paramsText(call.in);
  const plain = message === null ? (told.result ?? paramsText(call.out)) : message.result;
  const result = call.fault !== null || (failed(call) && plain === 'null') ? null : plain;
  return {
    name: call.interfaceFrom === 'guess' ? `${name}?` : name,
    method: message?.method ?? null,
    arguments: args,
    result: result === null || result === '' ? null : result,
    problem: problemOf(call, message?.exception ?? null),
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

function failed(call: Call): boolean {
  return call.result !== null && call.result >= 0x80000000;
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
  const isOrpc = call.iface?.orpc === true || call.causality !== null;
  const length = request.stub.length - (isOrpc ? Math.min(ORPCTHIS, request.stub.length) : 0);
  return length === 0 ? null : `${length} ${length === 1 ? 'byte' : 'bytes'}, not decoded`;
}

/** Bytes of an ORPCTHIS without extensions: what every ORPC call begins with. */
const ORPCTHIS = 32;

function problemOf(call: Call, exception: string | null): string | null {
  if (call.fault !== null) {
    const origin = call.extendedError?.at(-1);
    const text = `fault ${hex(call.fault, 8)} ${statusName(call.fault)}`;
    return origin === undefined ? text : `${text} (${errorText(origin)})`;
  }
  if (call.result !== null && failed(call)) {
    const { code, name, exception: thrown } = describeHresult(call.result);
    const told = call.errorInfo?.description;
    return `${code} ${name}${thrown === null ? '' : ` (${thrown})`}${told ? `: ${told}` : ''}`;
  }
  if (call.result !== null && call.result !== 0 && call.iface?.orpc === false)
    return `${hex(call.result, 8)} ${statusName(call.result)}`;
  if (exception !== null) return `threw ${exception}`;
  if (call.response === null && !call.open) return call.answering ? 'answer not seen whole' : 'no answer';
  return null;
}

/** IRemoteDispatch carries a .NET method call and its return in two BSTRs. */
function remoted(
  call: Call,
): { method: string; arguments: string; result: string | null; exception: string | null } | null {
  const request = call.in?.s;
  if (!isBstr(request) || request.nrbf === null) return null;
  const message = describeCall(request.nrbf, VALUE_WIDTH);
  if (message === null) return null;
  const answer = call.out?.pRetVal;
  const back = isBstr(answer) && answer.nrbf !== null ? describeReturn(answer.nrbf, VALUE_WIDTH) : null;
  const outs = back === null ? [] : back.args.filter((a) => a !== 'null');
  const result = back === null ? valueText(answer) : [back.value, ...outs.map((a) => `out ${a}`)].join(', ');
  return {
    method: message.target === '' ? message.method : `${message.target}.${message.method}`,
    arguments: message.args.join(', '),
    result: back?.exception == null && result !== 'null' ? result : null,
    exception: back?.exception ?? null,
  };
}
