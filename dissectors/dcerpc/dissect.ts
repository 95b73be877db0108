/** The way of one DCE/RPC PDU: header, body by type, trailer. Never throws. */
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { dissecting, type Pdu } from '../pdu.js';
import type { Session } from '../session.js';
import { ASSOCIATION } from './association.js';
import { peekTrailer, readTrailer, takeToken } from './auth.js';
import { readBind, readBindAck, readBindNak } from './bind.js';
import { readFault, readRequest, readResponse } from './call-pdus.js';
import { readDatagram } from './cl/pdu.js';
import type { Fragment } from './fragment.js';
import { callKey, clientByType, DCERPC, type Header, Pfc, PTYPES, Ptype, readHeader } from './pdu.js';
import { dropStub, keepAssociation } from './retention.js';
import { readRts } from './rts.js';

const PAD = field('dcerpc.auth3.pad', 'Pad', 'bytes');
const BODY = field('dcerpc.body', 'Body', 'bytes');
export const DISSECT_FIELDS = [PAD, BODY];

/** Dissects a PDU. */
export const dissectPdu = dissecting('DCERPC', (c, pdu, session) => {
  const { transport } = pdu;
  c.frame(null, transport.length, () => readPdu(c, pdu, session));
  const { call, header } = pdu;
  if (call !== null && header !== null && header.authLength > 0 && transport.bytes.length < transport.length)
    call.auth.isCut = true;
  if (header !== null && header.type >= Ptype.bind && header.type <= Ptype.auth3)
    keepAssociation({ session, transport, association: transport.connection.state.get(ASSOCIATION), pdu });
});

function readPdu(c: Cursor, pdu: Pdu, session: Session): void {
  const { transport } = pdu;
  if (transport.connection.transport === 'ncadg_ip_udp') {
    readDatagram(c, pdu, session);
    return;
  }
  const association = transport.connection.state.get(ASSOCIATION);
  const header = c.group(
    DCERPC,
    () => {
      pdu.head = c.here;
      return readHeader(c);
    },
    null,
    (h) => `5.${h.minor} ${PTYPES[h.type] ?? 'unknown'}, ${h.length} bytes`,
  );
  pdu.header = header;
  setRoles(pdu, header);
  if (transport.afterGap) {
    const lostBy = transport.direction === transport.connection.client ? 'client' : 'server';
    for (const s of association.security.values()) s.context.lost(lostBy);
  }
  const key = callKey(header, transport.direction);
  const fragment: Fragment = { session, transport, association, header, pdu, key };
  switch (header.type) {
    case Ptype.request:
      readRequest(c, fragment);
      break;
    case Ptype.response:
      readResponse(c, fragment);
      break;
    case Ptype.fault:
      readFault(c, fragment);
      break;
    case Ptype.bind:
    case Ptype.alterContext:
      if (header.type === Ptype.bind) association.headerSign = (header.flags & Pfc.supportHeaderSign) !== 0;
      pdu.bind = c.more(pdu.head, () => readBind(c, fragment), null);
      break;
    case Ptype.bindAck:
    case Ptype.alterContextResp:
      if (header.type === Ptype.bindAck) association.headerSign &&= (header.flags & Pfc.supportHeaderSign) !== 0;
      pdu.bind = c.more(pdu.head, () => readBindAck(c, fragment), null);
      break;
    case Ptype.bindNak:
      pdu.bind = c.more(pdu.head, () => readBindNak(c, fragment), null);
      break;
    case Ptype.auth3:
      if (c.left >= 4) c.raw(PAD, 4);
      break;
    case Ptype.cancel:
    case Ptype.orphaned:
      readCancel(fragment);
      break;
    case Ptype.rts:
      pdu.says = c.more(pdu.head, () => readRts(c), null);
      break;
    default:
      break;
  }
  readSecurity(c, fragment);
}

/** The trailer of PDUs that negotiate; requests and responses have read theirs. */
function readSecurity(c: Cursor, f: Fragment): void {
  const { header } = f;
  if (header.type < Ptype.bind || header.authLength === 0) return;
  const trailer = peekTrailer(c, f);
  if (trailer === null) return;
  const holdsToken = header.type <= Ptype.auth3 && header.type !== Ptype.bindNak;
  const security = holdsToken ? takeToken(c, f, trailer) : trailer.security;
  if (trailer.start - trailer.padding > c.pos) c.raw(BODY, trailer.start - trailer.padding - c.pos);
  readTrailer(c, trailer, security);
}

/** co_cancel and orphaned have no body of their own (C706 12.6.4.8, 12.6.4.6). */
function readCancel({ pdu, association, header, session, key }: Fragment): void {
  pdu.call = association.calls.get(key) ?? null;
  if (pdu.call === null) return;
  const [code, message] =
    header.type === Ptype.cancel
      ? ['cancelled', 'the client asked to cancel this call']
      : ['orphaned', 'the client gave this call up and does not wait for its answer'];
  pdu.call.warnings.push({ code, message, offset: null, source: null });
  if (header.type !== Ptype.orphaned) return;
  dropStub(session.capture, association.requests.get(key));
  association.requests.delete(key);
}

/**
 * Some PDU types go one way only: where the beginning of a connection was not captured, they tell who is the client. Where
 * it was, none of them does.
 */
function setRoles(pdu: Pdu, header: Header): void {
  const { connection, direction } = pdu.transport;
  const client = clientByType(header.type, direction) ?? connection.client;
  if (client === connection.client) return;
  if (connection.midstream) connection.client = client;
  else {
    const [sender, other] = direction === connection.client ? ['client', 'server'] : ['server', 'client'];
    pdu.note('wrong-way', `the ${sender} sent this, which only a ${other} sends`);
  }
}
