/** The table of calls: what `calls -T ndjson` says of each, in columns of the same names. */
import type { Call } from '../../../dissectors/call.js';
import { operationName } from '../../../dissectors/ndr/interface.js';
import { describeResult, outcome } from '../../../dissectors/outcome.js';
import { levelOf, levelText } from '../../analysis/levels.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { communityId, rolesOf } from '../../core/connection.js';
import { describeCallText } from '../calls/text.js';
import { faultToJson } from '../value.js';
import { column, type Table } from './column.js';

/** A call as rows are made of it. */
export interface CallRow {
  readonly capture: string;
  /** Its number in the capture, from 1 on. */
  readonly number: number;
  readonly call: Call;
  /** Its parameters as JSON; null where there are none. */
  readonly in: Uint8Array | null;
  readonly out: Uint8Array | null;
}

const client = ({ call }: CallRow) => rolesOf(call.connection)[0];
const server = ({ call }: CallRow) => rolesOf(call.connection)[1];
const hresult = ({ call }: CallRow) => (call.result === null ? null : describeResult(call.result, call));
const codes = ({ call }: CallRow) => call.warnings.map(({ code }) => code);

/** One row a call, in the order of the requests. */
export const CALL_TABLE: Table<CallRow> = {
  name: 'calls',
  about: 'a call: request, and response or fault',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('call', 'uint32', 'its number in the capture, from 1 on', (r) => r.number),
    column('time', 'time', 'when its request was captured', (r) => timeOf(r.call)),
    column('duration', 'number', 'seconds to the answer', (r) => durationOf(r.call)),
    column('client_address', 'text', 'who calls', (r) => client(r).address),
    column('client_port', 'uint16', 'its port', (r) => client(r).port),
    column('server_address', 'text', 'who is called', (r) => server(r).address),
    column('server_port', 'uint16', 'its port', (r) => server(r).port),
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
    column('outcome', 'text', 'succeeded, failed, refused, fault, sealed, answered, unanswered', (r) =>
      outcome(r.call),
    ),
    column('hresult', 'text', 'return value, 0x and eight digits', (r) => hresult(r)?.code),
    column('hresult_name', 'text', 'its name', (r) => hresult(r)?.name),
    column('exception', 'text', 'what the CLR throws for it', (r) => hresult(r)?.exception),
    column('fault', 'text', 'status of a fault', (r) => faultToJson(r.call)?.status),
    column('fault_name', 'text', 'its name', (r) => faultToJson(r.call)?.name),
    column('request_frames', 'frames', 'frames of the request', (r) => r.call.request?.frames ?? []),
    column('response_frames', 'frames', 'frames of the answer', (r) => r.call.response?.frames ?? []),
    column('in_length', 'uint32', 'bytes of the request stub', (r) => r.call.request?.stub?.length),
    column('out_length', 'uint32', 'bytes of the answer stub', (r) => r.call.response?.stub?.length),
    column('summary', 'text', 'the call in one line', (r) => describeCallText(r.call)),
    column('warnings', 'texts', 'codes of what is odd about it', codes),
    column('in_json', 'json', 'parameters of the request', (r) => r.in),
    column('out_json', 'json', 'parameters of the answer', (r) => r.out),
  ],
};
