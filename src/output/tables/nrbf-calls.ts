/** The table of remoted methods: calls of .NET that travel as messages, in IRemoteDispatch or over channels of remoting. */
import type { Call } from '../../../dissectors/call.js';
import type { FactOf, Formatted } from '../../../dissectors/dcom/facts.js';
import { nrbfMessageToJson } from '../../../dissectors/nrbf/index.js';
import { soapOf, thrownIn } from '../../../dissectors/remoting/meaning.js';
import { soapToJson } from '../../../dissectors/soap/index.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { rolesOf } from '../../core/connection.js';
import { once } from '../../core/once.js';
import { JsonBytes } from '../json-bytes.js';
import { column, type Table } from './column.js';

/** A method that a message calls, and what came back. */
export interface RemotedRow {
  readonly capture: string;
  /** The number of the call. */
  readonly number: number;
  readonly call: Call;
  readonly fact: FactOf<'remoted'>;
}

/** A message, whatever formatter wrote it. */
interface Told {
  readonly type: string;
  readonly method: string;
  /** VALUEs, or members of SOAP. */
  readonly args: unknown;
  readonly returnValue: unknown;
  readonly context: unknown;
}

const told = once((message: Formatted): Told | null => {
  const soap = soapOf(message);
  if (soap !== null) {
    const { args, returnValue = null, headers } = soapToJson(soap).soap;
    const type = soap.assembly === null ? soap.typeName : `${soap.typeName}, ${soap.assembly}`;
    return { type, method: soap.method, args, returnValue, context: headers.length === 0 ? null : headers };
  }
  const json = message.nrbf === null ? null : nrbfMessageToJson(message.nrbf);
  if (json === null) return null;
  const { type = '', method = '', args, returnValue = null, context = null } = json;
  return { type, method, args, returnValue, context };
});

const asked = ({ fact }: RemotedRow): Told | null => fact.message && told(fact.message);
const answered = ({ fact }: RemotedRow): Told | null => fact.answer && told(fact.answer);
const thrown = ({ fact }: RemotedRow) => fact.answer && thrownIn(fact.answer);

function json(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  const text = new JsonBytes(1 << 10);
  text.json(value);
  return text.take().slice();
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
    column('type', 'text', 'type that has the method, with its assembly where that is told', (r) => asked(r)?.type),
    column('method', 'text', 'name of the method', (r) => asked(r)?.method),
    column('args', 'json', 'arguments as VALUEs', (r) => json(asked(r)?.args)),
    column('return_value', 'json', 'what came back, as a VALUE', (r) => json(answered(r)?.returnValue)),
    column('out_args', 'json', 'out and ref arguments, as VALUEs', (r) => json(answered(r)?.args)),
    column('exception_type', 'text', 'what it threw', (r) => thrown(r)?.type),
    column('exception_message', 'text', 'and what that says', (r) => thrown(r)?.message),
    column('context', 'json', 'the logical call context, as a VALUE', (r) => json(asked(r)?.context)),
    column('one_way', 'flag', 'whether nobody answers it', (r) => r.call.oneWay),
  ],
};
