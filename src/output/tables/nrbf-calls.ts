/** The table of remoted methods: calls of .NET that travel as messages, in IRemoteDispatch or over channels of remoting. */
import type { Call } from '../../../dissectors/call.js';
import type { FactOf, Formatted } from '../../../dissectors/dcom/facts.js';
import { nrbfMessageToJson } from '../../../dissectors/nrbf/index.js';
import { soapOf, thrownIn } from '../../../dissectors/remoting/meaning.js';
import { soapToJson } from '../../../dissectors/soap/index.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { rolesOf } from '../../core/connection.js';
import { JsonBytes } from '../json-bytes.js';
import { column, type Table } from './column.js';

/** What a message tells, whatever formatter wrote it; VALUEs (members of SOAP) as JSON. */
interface Told {
  readonly type: string;
  readonly method: string;
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

/** The row of a method that a call's message calls. Its values are left out where the capture became too much JSON already. */
export function remotedRow(
  of: Pick<RemotedRow, 'capture' | 'number' | 'call'>,
  { message, answer }: FactOf<'remoted'>,
  allowance: JsonAllowance,
): RemotedRow {
  const tell = (one: Formatted | null): Told | null => {
    const told = one === null ? null : toldBy(one);
    if (one === null || told === null) return null;
    const shorter = { ...told, args: null, returnValue: null, context: null, length: 0 };
    return allowance.fit(
      one.bytes.length,
      () => told,
      () => shorter,
    );
  };
  return { ...of, asked: tell(message), answered: tell(answer), thrown: answer && thrownIn(answer) };
}

function toldBy(message: Formatted): Told | null {
  const soap = soapOf(message);
  if (soap !== null) {
    const { args, returnValue, headers } = soapToJson(soap).soap;
    const type = soap.assembly === null ? soap.typeName : `${soap.typeName}, ${soap.assembly}`;
    return told(type, soap.method, args, returnValue, headers.length === 0 ? null : headers);
  }
  const json = message.nrbf === null ? null : nrbfMessageToJson(message.nrbf);
  return json === null ? null : told(json.type, json.method, json.args, json.returnValue, json.context);
}

function told(
  type = '',
  method = '',
  ...values: readonly [args: unknown, returnValue: unknown, context: unknown]
): Told {
  const [args, returnValue, context] = values.map(jsonBytes);
  const length = [args, returnValue, context].reduce((n, made) => n + (made?.length ?? 0), 0);
  return { type, method, args, returnValue, context, length };
}

function jsonBytes(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  const text = new JsonBytes(1 << 8);
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
    column('type', 'text', 'type that has the method, with its assembly where that is told', (r) => r.asked?.type),
    column('method', 'text', 'name of the method', (r) => r.asked?.method),
    column('args', 'json', 'arguments as VALUEs', (r) => r.asked?.args),
    column('return_value', 'json', 'what came back, as a VALUE', (r) => r.answered?.returnValue),
    column('out_args', 'json', 'out and ref arguments, as VALUEs', (r) => r.answered?.args),
    column('exception_type', 'text', 'what it threw', (r) => r.thrown?.type),
    column('exception_message', 'text', 'and what that says', (r) => r.thrown?.message),
    column('context', 'json', 'the logical call context, as a VALUE', (r) => r.asked?.context),
    column('one_way', 'flag', 'whether nobody answers it', (r) => r.call.oneWay),
  ],
};
