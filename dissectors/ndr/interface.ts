/**
 * An RPC interface is a plain object. To add one, write its IDL as tables (dissectors/ndr/types.ts) and list it in
 * dissectors/index.ts; dissectors/README.md walks through it.
 */
import type { Field } from '../../src/core/node.js';
import type { Fact } from '../dcom/facts.js';
import { type Member, membersOf, type NdrType, type NdrValue } from './types.js';

/** Parameters by their IDL names. */
export type Params = Record<string, NdrValue>;

/** Which way a stub went. */
export type Side = 'request' | 'response';

/** What facts are made of. */
export interface Told {
  readonly in: Params | null;
  readonly out: Params | null;
  /** `out` where the call did not fail. */
  readonly answer: Params | null;
  /** Return value; null where it has none or was not read. */
  readonly result: number | null;
}

/** What a summary is made of. */
export interface Summarized {
  readonly in: Params | null;
  readonly out: Params | null;
  /** An interface's name, or the IID where it has none here. */
  readonly nameOf: (iid: string) => string;
}

/** What it says: arguments without parentheses, the result, and what was thrown in place of one. */
export interface Summary {
  arguments?: string;
  result?: string;
  exception?: string;
}

export interface RpcOperation {
  readonly name: string;
  /** Section of the specification. */
  readonly section?: string;
  readonly request: readonly Member[];
  readonly response: readonly Member[];
  /** What follows the parameters of a response. */
  readonly returns: 'hresult' | 'status' | 'nothing';
  /** What a call means to whoever looks at objects, in place of its parameters; told whatever came of it. */
  readonly tells?: (call: Told) => readonly Fact[];
  /** Adds to the parameters of an answer what only the request says. */
  readonly complete?: (request: Params | null, answer: Params) => void;
  /** Whether an answer says that the method threw, although its return value says that the call succeeded. */
  readonly threw?: (answer: Params) => boolean;
  /** The parameter that the IDL marks as the method's result. */
  readonly retval?: string;
  /**
   * Whether decoded parameters of one direction are so typical that the operation may be guessed from them, on
   * connections whose bind was not captured. Absent: never guessed.
   */
  readonly plausible?: (params: Params, side: Side) => boolean;
  /** One line for people, out of the decoded parameters: `(arguments)` and `→ result`. */
  readonly summarize?: (call: Summarized) => Summary;
  /** False where only the name is known. */
  readonly decoded: boolean;
  /** Field of a status that it returns, where Wireshark calls it something of its own. */
  readonly status?: Field;
}

export interface RpcInterface {
  readonly name: string;
  /** Lower case, no braces. */
  readonly uuid: string;
  /** `major.minor` of the RPC interface. */
  readonly version: string;
  /** The document that defines it. */
  readonly spec: string;
  /** Requests begin with ORPCTHIS and responses with ORPCTHAT. */
  readonly orpc: boolean;
  /** Its protocol in filters and columns: every PDU of the interface is found by this name. */
  readonly protocol?: Field;
  /** Set where Wireshark has no dissector for it: see dcom/not-in-wireshark.ts. */
  readonly notInWireshark?: true | undefined;
  readonly ops: Readonly<Record<number, RpcOperation>>;
}

/** An operation's parameters as in the IDL; `in, out` ones stand in both. */
export interface OperationSpec
  extends Pick<
    RpcOperation,
    'tells' | 'complete' | 'threw' | 'retval' | 'summarize' | 'section' | 'plausible' | 'status'
  > {
  readonly in?: Record<string, NdrType>;
  readonly out?: Record<string, NdrType>;
  readonly returns?: RpcOperation['returns'];
}

/** An operation; `prefix` begins the names of its parameters' fields where Wireshark has none. */
export function operation(prefix: string, name: string, spec: OperationSpec): RpcOperation {
  const { in: request = {}, out: response = {}, returns = 'hresult', ...more } = spec;
  return {
    name,
    request: membersOf(prefix, request),
    response: membersOf(prefix, response),
    returns,
    decoded: true,
    ...more,
  };
}

/** An operation's name, `Opnum4` where the interface is not known; null where not even the number is. */
export function operationName(call: { operation: RpcOperation | null; opnum: number | null }): string | null {
  return call.operation?.name ?? (call.opnum === null ? null : `Opnum${call.opnum}`);
}

/** The same for people. */
export function operationText(call: { operation: RpcOperation | null; opnum: number | null }): string {
  return operationName(call) ?? '(unknown operation)';
}

/** An operation of which only the name is known: its stub stays bytes. */
export function named(name: string): RpcOperation {
  return { name, request: [], response: [], returns: 'nothing', decoded: false };
}

/** A UUID with the name behind it, where there is one. */
export function uuidText(uuid: string, name: string | undefined): string {
  return name === undefined ? uuid : `${uuid} (${name})`;
}

/** What the user calls a class; null where he does not say. */
export function classNameOf(clsid: string, nameOf: Summarized['nameOf']): string | null {
  const name = nameOf(clsid);
  return name === clsid ? null : name;
}

/** A CLSID as it was sent, with the name behind it that the user gave it. */
export function classText(clsid: unknown, nameOf: Summarized['nameOf']): string {
  const uuid = String(clsid);
  return uuidText(uuid, classNameOf(uuid, nameOf) ?? undefined);
}
