/** What the dissection of one PDU of DCE/RPC works with. */
import type { TransportPdu } from '../../src/core/context.js';
import type { Pdu } from '../pdu.js';
import type { Session } from '../session.js';
import type { Association } from './association.js';
import type { Header } from './pdu.js';

/** What a fragment's dissection works with. */
export interface Fragment {
  readonly session: Session;
  readonly transport: TransportPdu;
  readonly association: Association;
  readonly header: Header;
  readonly pdu: Pdu;
  /** Under which its call, and what waits with it, is kept: `callKey`, in an activity the sequence number. */
  readonly key: number;
}
