/** The table of PDUs: what was cut out of the streams. What was done stands with the calls. */
import { PTYPES } from '../../../dissectors/dcerpc/pdu.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import type { Endpoint } from '../../core/context.js';
import { fromTo } from '../ends.js';
import { ownLineText } from '../tree/summary.js';
import { column, type Table } from './column.js';

/** A PDU as rows are made of it. */
interface PduRow {
  readonly capture: string;
  /** Its number in the capture, from 1 on. */
  readonly number: number;
  readonly pdu: Pdu;
  /** The number of its call; null where it belongs to none. */
  readonly call: number | null;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** Makes the row of a PDU. */
export function pduRow(capture: string, number: number, pdu: Pdu, call: number | null): PduRow {
  const [from, to] = fromTo(pdu.transport);
  return { capture, number, pdu, call, from, to };
}

const NONE: readonly never[] = [];
const type = ({ pdu }: PduRow) => (pdu.header === null ? null : (PTYPES[pdu.header.type] ?? String(pdu.header.type)));

/** One row a PDU, in the order in which they were found. */
export const PDU_TABLE: Table<PduRow> = {
  name: 'pdus',
  about: 'a PDU of DCE/RPC, or a message of another protocol',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column(
      'pdu',
      'uint32',
      'its number in the capture, from 1 on, as it was found: behind others where its connection showed late what it is',
      (r) => r.number,
    ),
    column('frame', 'uint32', 'the frame that completed it', (r) => r.pdu.transport.frames.at(-1)),
    column('frames', 'frames', 'all frames that carried it', (r) => r.pdu.transport.frames),
    column('time', 'time', 'when it was complete', (r) => r.pdu.transport.time),
    column('connection', 'uint32', 'its connection in `connections`', (r) => r.pdu.transport.connection.id),
    column('src_address', 'text', 'who sent it', (r) => r.from.address),
    column('src_port', 'uint16', 'its port', (r) => r.from.port),
    column('dst_address', 'text', 'whom it was sent to', (r) => r.to.address),
    column('dst_port', 'uint16', 'its port', (r) => r.to.port),
    column('transport', 'text', 'as in `calls`; smb, nns', (r) => r.pdu.transport.connection.transport),
    column('protocol', 'text', 'DCERPC, NRTP, HTTP, SMB2, …', (r) => r.pdu.protocol),
    column('type', 'text', 'request, response, bind, …; null where it is none of DCE/RPC', type),
    column('call', 'uint32', 'its call in `calls`', (r) => r.call),
    column('call_id', 'uint32', 'as it says itself', (r) => r.pdu.header?.callId),
    column('length', 'uint32', 'its bytes, as it says itself', (r) => r.pdu.transport.length),
    column('captured', 'uint32', 'those of them that were captured', (r) => r.pdu.transport.bytes.length),
    column('summary', 'text', 'what it is, without what its call says', (r) => ownLineText(r.pdu)),
    column('warnings', 'texts', 'codes of what is odd about it', ({ pdu: { recording } }) =>
      recording.notes.length === 0 ? NONE : recording.notes.map(({ code }) => code),
    ),
  ],
};
