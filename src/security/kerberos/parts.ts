/** What the encrypted parts of Kerberos messages hold (RFC 4120 section 5). One reader for the tree and for the keys. */
import type { Cursor } from '../../core/cursor.js';
import {
  application,
  bitString,
  characters,
  contextMember,
  DER,
  element,
  integerMember,
  OCTET_STRING,
  SEQUENCE,
  tagAndLength,
} from '../der.js';
import { KRB } from './fields.js';
import { type Key, key, krbCred, listMember, name, type Principal, sequence, timeMember } from './messages.js';

/** What an authenticator (5.5.1) says. */
export interface Authenticator {
  client: Principal;
  /** Flags of the GSS-API checksum 0x8003 (RFC 4121 section 4.1.1), 0 without one. */
  gssFlags: number;
  subkey: Key | null;
  /** Keys of tickets that the client forwards, where they stand in the clear. */
  readonly forwarded: Key[];
}

export function readAuthenticator(c: Cursor): Authenticator {
  const found: Authenticator = { client: { realm: '', name: '' }, gssFlags: 0, subkey: null, forwarded: [] };
  sequence(c, KRB.authenticator, application(2), (s) => {
    integerMember(s, KRB.authenticatorVno, 0);
    found.client.realm = contextMember(s, null, 1, (m) => characters(m, KRB.crealm)) ?? '';
    found.client.name = name(s, 2, KRB.cname, KRB.cnameString, KRB.cnameText);
    contextMember(s, KRB.cksum, 3, (m) =>
      element(m, null, SEQUENCE, (k) => {
        const type = integerMember(k, KRB.cksumType, 0);
        contextMember(k, null, 1, (v) => {
          const length = tagAndLength(v, OCTET_STRING);
          if (type === 0x8003 && length >= 24) v.frame(KRB.checksum, length, gssChecksum, found);
          else v.raw(KRB.checksum, length);
        });
      }),
    );
    integerMember(s, KRB.cusec, 4);
    timeMember(s, KRB.ctime, 5);
    found.subkey = key(s, KRB.subkey, 6);
    integerMember(s, KRB.seqNumber, 7);
    authorizationData(s);
  });
  return found;
}

const DELEGATION = 1;

/** RFC 4121 section 4.1.1: what the client binds, its flags, and the tickets that it forwards. */
function gssChecksum(c: Cursor, found: Authenticator): void {
  c.littleEndian = true;
  c.raw(KRB.binding, c.u32(KRB.bindingLength));
  found.gssFlags = c.u32(KRB.gssFlags, (value) => gssFlagNames(value).join(', '));
  if (found.gssFlags & DELEGATION && c.left >= 4) {
    c.u16(KRB.delegationOption);
    c.frame(null, c.u16(KRB.delegationLength), krbCred, found.forwarded);
  }
}

const GSS_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [DELEGATION, 'GSS_C_DELEG_FLAG'],
  [2, 'GSS_C_MUTUAL_FLAG'],
  [4, 'GSS_C_REPLAY_FLAG'],
  [8, 'GSS_C_SEQUENCE_FLAG'],
  [0x10, 'GSS_C_CONF_FLAG'],
  [0x20, 'GSS_C_INTEG_FLAG'],
  [0x1000, 'GSS_C_DCE_STYLE'],
  [0x2000, 'GSS_C_IDENTIFY_FLAG'],
  [0x4000, 'GSS_C_EXTENDED_ERROR_FLAG'],
];

export const gssFlagNames = (flags: number) => GSS_FLAGS.flatMap(([mask, label]) => (flags & mask ? [label] : []));

/** AuthorizationData (5.2.6): nobody asks what is in its elements. */
const authorizationData = (c: Cursor) =>
  listMember(c, KRB.authorizationData, 8, (one) => {
    element(one, null, SEQUENCE, (e) => void e.raw(DER.content, e.left));
  });

/** EncAPRepPart (5.5.2): the server's subkey. */
export function readApRepPart(c: Cursor): Key | null {
  let subkey: Key | null = null;
  sequence(c, KRB.encApRepPart, application(27), (s) => {
    timeMember(s, KRB.ctime, 0);
    integerMember(s, KRB.cusec, 1);
    subkey = key(s, KRB.subkey, 2);
    integerMember(s, KRB.seqNumber, 3);
  });
  return subkey;
}

/** What the server learns from a ticket (EncTicketPart, 5.3). */
export interface TicketPart {
  key: Key | null;
  client: Principal;
}

export function readTicketPart(c: Cursor): TicketPart {
  const found: TicketPart = { key: null, client: { realm: '', name: '' } };
  sequence(c, KRB.encTicketPart, application(3), (s) => {
    contextMember(s, null, 0, (m) => bitString(m, KRB.ticketFlags));
    found.key = key(s, KRB.key, 1);
    found.client.realm = contextMember(s, null, 2, (m) => characters(m, KRB.crealm)) ?? '';
    found.client.name = name(s, 3, KRB.cname, KRB.cnameString, KRB.cnameText);
  });
  return found;
}
