/** The table of remoted methods: calls of .NET that travel as messages, in IRemoteDispatch or over channels of remoting. */
import type { Call } from '../../../dissectors/call.js';
import { type Fact, type FactOf, type Formatted, factsOfKind } from '../../../dissectors/dcom/facts.js';
import { operationName } from '../../../dissectors/ndr/interface.js';
import { nrbfMessageToJson } from '../../../dissectors/nrbf/index.js';
import { contentOf } from '../../../dissectors/remoting/content.js';
import { soapOf, thrownIn } from '../../../dissectors/remoting/meaning.js';
import { soapToJson } from '../../../dissectors/soap/index.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { rolesOf } from '../../core/connection.js';
import { JsonBytes } from '../json-bytes.js';
import { column, type Table } from './column.js';

type Remoted = FactOf<'remoted'>;

/** Bytes that there is room for to begin with. */
const ROOM = 1 << 8;

/** What a message tells, whatever formatter wrote it. */
interface MethodMessage {
  readonly type: string;
  readonly method: string;
  /** VALUEs; members of SOAP. */
  readonly args: unknown;
  readonly returnValue: unknown;
  readonly context: unknown;
}

/** The same with its values as JSON, which holds until the next call. */
interface Told extends Pick<MethodMessage, 'type' | 'method'> {
  readonly args: Uint8Array | null;
  readonly returnValue: Uint8Array | null;
  readonly context: Uint8Array | null;
  /** Bytes of JSON. */
  readonly length: number;
}

/** A method that a message calls, and what came back. */
export interface RemotedRow {
  readonly capture: string;
  /** The number of the call. */
  readonly number: number;
  readonly call: Call;
  readonly asked: Told | null;
  readonly answered: Told | null;
  readonly thrown: ReturnType<typeof thrownIn>;
}

/** Says how much JSON there may be: what was made of so many bytes, or what stands for it. */
export interface JsonAllowance {
  fit<T extends { readonly length: number }>(bytes: number, make: () => T, shorter: () => T): T;
}

/** The methods that a call's messages call. Of remoting that is one, told by its frame too where the message is cut or damaged. */
export function remotedIn(call: Call, facts: readonly Fact[]): readonly Remoted[] {
  const told = [...factsOfKind(facts, 'remoted')];
  const isCut = told.length === 0 && isRemoting(call) && operationName(call) !== null;
  return isCut ? [{ kind: 'remoted', message: null, answer: contentOf(call.out) }] : told;
}

function isRemoting({ syntax }: Call): boolean {
  return syntax === 'NRBF' || syntax === 'SOAP';
}

/** What remoting calls a method without its message. */
function ofFrame<T>({ asked, call }: RemotedRow, tell: (call: Call) => T): T | undefined {
  return asked === null && isRemoting(call) ? tell(call) : undefined;
}

/**
 * What makes the rows of methods that calls' messages call.
 * @param allowance where the capture became too much JSON already, values are left out
 */
export function remotedRows(
  allowance: JsonAllowance,
): (of: Pick<RemotedRow, 'capture' | 'number' | 'call'>, fact: Remoted) => RemotedRow {
  const [asked, answered] = [tellerOf(allowance), tellerOf(allowance)];
  return ({ capture, number, call }, { message, answer }) => ({
    capture,
    number,
    call,
    asked: asked(message),
    answered: answered(answer),
    thrown: answer && thrownIn(answer),
  });
}

/** Writes values of one message after the other, each into the room of that before. */
function tellerOf(allowance: JsonAllowance): (message: Formatted | null) => Told | null {
  const rooms = [new JsonBytes(ROOM), new JsonBytes(ROOM), new JsonBytes(ROOM)] as const;
  return (one) => {
    const message = one === null ? null : messageOf(one);
    if (one === null || message === null) return null;
    const { type, method } = message;
    const write = (): Told => {
      const args = jsonIn(rooms[0], message.args);
      const returnValue = jsonIn(rooms[1], message.returnValue);
      const context = jsonIn(rooms[2], message.context);
      const length = (args?.length ?? 0) + (returnValue?.length ?? 0) + (context?.length ?? 0);
      return { type, method, args, returnValue, context, length };
    };
    return allowance.fit(one.bytes.length, write, () => ({
      ...{ type, method, args: null, returnValue: null, context: null, length: 0 },
    }));
  };
}

function messageOf(message: Formatted): MethodMessage | null {
  const soap = soapOf(message);
  if (soap !== null) {
    const { args, returnValue, headers } = soapToJson(soap).soap;
    const type = soap.assembly === null ? soap.typeName : `${soap.typeName}, ${soap.assembly}`;
    return { type, method: soap.method, args, returnValue, context: headers.length === 0 ? null : headers };
  }
  const json = message.nrbf === null ? null : nrbfMessageToJson(message.nrbf);
  if (json === null) return null;
  const { type = '', method = '', args, returnValue, context } = json;
  return { type, method, args, returnValue, context };
}

function jsonIn(text: JsonBytes, value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  text.json(value);
  return text.take();
}

/** One row a method that was called. */
export const REMOTED_TABLE: Table<RemotedRow> = {
  name: 'nrbf_calls',
  about: 'a method of .NET that was called by a message: in IRemoteDispatch, or over a channel of remoting',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('call', 'uint32', 'its call in `calls`', (r) => r.number),
    column('time', 'time', 'when it was called', (r) => timeOf(r.call)),
    column('duration', 'number', 'seconds to the answer', (r) => durationOf(r.call)),
    column('client_address', 'text', 'who calls', (r) => rolesOf(r.call.connection)[0].address),
    column('server_address', 'text', 'who is called', (r) => rolesOf(r.call.connection)[1].address),
    column('transport', 'text', 'as in `calls`', (r) => r.call.connection.transport),
    column('object', 'text', 'IPID or URI', (r) => r.call.object),
    column(
      'type',
      'text',
      'type that has the method, with its assembly where that is told',
      (r) => r.asked?.type ?? ofFrame(r, ({ iface }) => iface?.name),
    ),
    column('method', 'text', 'name of the method', (r) => r.asked?.method ?? ofFrame(r, operationName)),
    column('args', 'json', 'arguments as VALUEs', (r) => r.asked?.args),
    column('return_value', 'json', 'what came back, as a VALUE', (r) => r.answered?.returnValue),
    column('out_args', 'json', 'out and ref arguments, as VALUEs', (r) => r.answered?.args),
    column('exception_type', 'text', 'what it threw', (r) => r.thrown?.type),
    column('exception_message', 'text', 'and what that says', (r) => r.thrown?.message),
    column('context', 'json', 'the logical call context, as a VALUE', (r) => r.asked?.context),
    column('one_way', 'flag', 'whether nobody answers it', (r) => r.call.oneWay),
  ],
};
