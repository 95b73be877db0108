/** The table of calls: what `calls -T ndjson` says of each, in columns of the same names. */
import type { Call } from '../../../dissectors/call.js';
import type { Fact } from '../../../dissectors/dcom/facts.js';
import type { Hresult } from '../../../dissectors/names/hresult.js';
import { operationName } from '../../../dissectors/ndr/interface.js';
import { describeResult, factsOf, outcome, readingOf } from '../../../dissectors/outcome.js';
import { levelOf, levelText } from '../../analysis/levels.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { communityId, rolesOf } from '../../core/connection.js';
import type { Endpoint } from '../../core/context.js';
import { describeCallText } from '../calls/text.js';
import type { CallJson } from '../schemas/call.js';
import { faultToJson } from '../value.js';
import { column, type Table } from './column.js';

/** A call with its parameters as JSON; null where there are none. */
export interface CallParameters {
  readonly call: Call;
  readonly in: Uint8Array | null;
  readonly out: Uint8Array | null;
}

/** A call as rows are made of it: what several columns ask is looked up once. */
interface CallRow extends CallParameters {
  readonly capture: string;
  /** Its number in the capture, from 1 on. */
  readonly number: number;
  readonly facts: readonly Fact[];
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly hresult: Hresult | null;
  readonly fault: CallJson['fault'];
}

/** A call's row; `facts` are what it tells. */
export function callRow(
  capture: string,
  number: number,
  { call, in: request, out }: CallParameters,
  facts = factsOf(call),
): CallRow {
  const [client, server] = rolesOf(call.connection);
  const hresult = call.result === null ? null : describeResult(call.result, call);
  return { capture, number, call, in: request, out, facts, client, server, hresult, fault: faultToJson(call) };
}

const NONE: readonly never[] = [];

const codes = ({ call: { warnings } }: CallRow) => (warnings.length === 0 ? NONE : warnings.map(({ code }) => code));

/** One row a call, in the order of the requests. */
export const CALL_TABLE: Table<CallRow> = {
  name: 'calls',
  about: 'a call: request, and response or fault',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('call', 'uint32', 'its number in the capture, from 1 on', (r) => r.number),
    column('time', 'time', 'when its request was captured', (r) => timeOf(r.call)),
    column('duration', 'number', 'seconds to the answer', (r) => durationOf(r.call)),
    column('client_address', 'text', 'who calls', (r) => r.client.address),
    column('client_port', 'uint16', 'its port', (r) => r.client.port),
    column('server_address', 'text', 'who is called', (r) => r.server.address),
    column('server_port', 'uint16', 'its port', (r) => r.server.port),
    column(
      'transport',
      'text',
      'ncacn_ip_tcp, ncadg_ip_udp, ncacn_np, ncacn_http, nrtp_tcp, nrtp_http',
      (r) => r.call.connection.transport,
    ),
    column('auth_type', 'text', 'NTLM, Kerberos, …; null for nobody', (r) => r.call.auth.type),
    column('auth_level', 'text', 'NONE, CONNECT, …, PKT_PRIVACY; unknown', (r) => levelText(levelOf(r.call.auth))),
    column('auth_user', 'text', 'the account, where the capture names it', (r) => r.call.auth.user),
    column(
      'decrypted',
      'flag',
      'whether what was sealed was opened; null where nothing was',
      (r) => r.call.auth.decrypted,
    ),
    column('verified', 'flag', 'whether all signatures are right; null without a key', (r) => r.call.auth.verified),
    column('syntax', 'text', 'NDR, NDR64, NRBF, SOAP', (r) => r.call.syntax),
    column('community_id', 'text', 'flow hash of the connection, as Zeek and Suricata make it', (r) =>
      communityId(r.call.connection),
    ),
    column('call_id', 'uint32', 'as the PDUs number it', (r) => r.call.callId),
    column('context_id', 'uint16', 'presentation context', (r) => r.call.contextId),
    column('opnum', 'uint16', 'number of the operation', (r) => r.call.opnum),
    column('iid', 'text', 'UUID of the interface', (r) => r.call.iid),
    column(
      'interface',
      'text',
      'its name, else the UUID; for remoting the type',
      (r) => r.call.iface?.name ?? r.call.iid,
    ),
    column('interface_from', 'text', 'bind, ipid, user, guess, message, unknown', (r) => r.call.interfaceFrom),
    column('operation', 'text', 'name of the operation or method', (r) => operationName(r.call)),
    column('object', 'text', 'IPID or object UUID; for remoting the URI', (r) => r.call.object),
    column('causality', 'text', 'calls that one cause led to have the same', (r) => r.call.causality),
    column(
      'outcome',
      'text',
      'succeeded, failed (by its return value, or an exception in a message), refused or fault (by a fault; `failed` elsewhere counts these too), sealed, answered, one-way, unanswered',
      (r) => outcome(r.call),
    ),
    column('one_way', 'flag', 'whether nobody is asked for an answer', (r) => r.call.oneWay),
    column('hresult', 'text', 'return value, 0x and eight digits', (r) => r.hresult?.code),
    column('hresult_name', 'text', 'its name', (r) => r.hresult?.name),
    column('exception', 'text', 'what the CLR throws for it', (r) => r.hresult?.exception),
    column('fault', 'text', 'status of a fault', (r) => r.fault?.status),
    column('fault_name', 'text', 'its name', (r) => r.fault?.name),
    column('request_frames', 'frames', 'frames of the request', (r) => r.call.request?.frames ?? NONE),
    column('response_frames', 'frames', 'frames of the answer', (r) => r.call.response?.frames ?? NONE),
    column('in_length', 'uint32', 'bytes of the request stub', (r) => r.call.request?.stub?.length),
    column('out_length', 'uint32', 'bytes of the answer stub', (r) => r.call.response?.stub?.length),
    column(
      'decoded',
      'text',
      'how far its stubs were read: whole, partly, or no, where nobody knows the operation; null where none is in the clear',
      (r) => readingOf(r.call),
    ),
    column('summary', 'text', 'the call in one line', (r) => describeCallText(r.call, 'response', r.facts)),
    column('warnings', 'texts', 'codes of what is odd about it', codes),
    column('in_json', 'json', 'parameters of the request', (r) => r.in),
    column('out_json', 'json', 'parameters of the answer', (r) => r.out),
  ],
};
