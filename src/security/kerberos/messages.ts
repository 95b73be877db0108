/**
 * Kerberos messages (RFC 4120 section 5) as GSS-API carries them (RFC 4121 section 4.1): AP-REQ, AP-REP, KRB-ERROR,
 * and what their encrypted parts hold. One reader for the tree and for the keys.
 */
import type { Cursor } from '../../core/cursor.js';
import type { Field } from '../../core/node.js';
import {
  application,
  bit,
  bitString,
  characters,
  contextMember,
  DER,
  each,
  element,
  integerMember,
  OCTET_STRING,
  octets,
  oid,
  SEQUENCE,
  tagAndLength,
  time,
} from '../der.js';
import { MECHANISM_NAMES } from '../spnego/messages.js';
import { GSS, KRB } from './fields.js';

export interface EncryptedData {
  etype: number;
  kvno: number | null;
  cipher: Uint8Array;
  /** Where the cipher text lies in the source that was read. */
  cipherAt: number;
}

export interface Principal {
  realm: string;
  /** Components of the name, joined with `/`. */
  name: string;
}

export interface ApReq {
  readonly kind: 'ap-req';
  options: string[];
  server: Principal;
  ticket: EncryptedData;
  authenticator: EncryptedData;
}

export interface ApRep {
  readonly kind: 'ap-rep';
  encrypted: EncryptedData;
}

export interface KrbError {
  readonly kind: 'error';
  code: number;
}

/** What asks for a ticket-granting ticket, or brings it, before a user-to-user AP-REQ. */
export interface TgtMessage {
  readonly kind: 'tgt-request' | 'tgt-reply';
}

export type KerberosMessage = ApReq | ApRep | KrbError | TgtMessage;

/** EncryptionKey (5.2.9). */
export interface Key {
  etype: number;
  value: Uint8Array;
}

/** Shows the clear text of an encrypted part below it; given by who has the keys. */
export type Opener = (c: Cursor, part: 'ticket' | 'authenticator' | 'ap-rep', data: EncryptedData) => void;

const NO_DATA = (): EncryptedData => ({ etype: 0, kvno: null, cipher: new Uint8Array(0), cipherAt: 0 });

/** Reads a message with or without its GSS-API frame, up to the end of the region. DCE style leaves the frame out. */
export function readKerberos(c: Cursor, open?: Opener): KerberosMessage {
  return c.group(
    KRB.message,
    () => {
      if (c.peek() !== application(0)) return message(c, open);
      const found = element(c, GSS.blob, application(0), (t) => {
        oid(t, GSS.oid, MECHANISM_NAMES);
        t.littleEndian = true;
        t.u16(GSS.tokenId);
        return message(t, open);
      });
      return found ?? c.fail('a GSS-API token without a Kerberos message');
    },
    null,
    (m) => m.kind,
  );
}

function message(c: Cursor, open?: Opener): KerberosMessage {
  const tag = c.peek();
  if (tag === application(14)) return apReq(c, open);
  if (tag === application(15)) return apRep(c, open);
  if (tag === application(30)) return krbError(c);
  if (tag === SEQUENCE) return tgtMessage(c);
  return c.fail('neither AP-REQ nor AP-REP nor KRB-ERROR');
}

/** KERB-TGT-REQUEST and KERB-TGT-REPLY (draft-swift-win2k-krb-user2user). */
function tgtMessage(c: Cursor): TgtMessage {
  const type = element(c, KRB.tgtMessage, SEQUENCE, (s) => {
    integerMember(s, KRB.pvno, 0);
    const number = integerMember(s, KRB.msgType, 1);
    if (number === 16) {
      name(s, 2, KRB.sname, KRB.snameString, KRB.snameText);
      contextMember(s, null, 3, (m) => characters(m, KRB.realm));
    }
    return number;
  });
  return { kind: type === 16 ? 'tgt-request' : 'tgt-reply' };
}

const sequence = <T>(c: Cursor, f: Field, tag: number, read: (c: Cursor) => T) =>
  element(c, f, tag, (t) => element(t, null, SEQUENCE, read));

function apReq(c: Cursor, open?: Opener): ApReq {
  const found: ApReq = {
    kind: 'ap-req',
    options: [],
    server: { realm: '', name: '' },
    ticket: NO_DATA(),
    authenticator: NO_DATA(),
  };
  sequence(c, KRB.apReq, application(14), (s) => {
    integerMember(s, KRB.pvno, 0);
    integerMember(s, KRB.msgType, 1);
    contextMember(s, null, 2, (m) => {
      found.options = optionNames(bitString(m, KRB.apOptions, (b) => optionNames(b).join(', ')));
    });
    contextMember(s, null, 3, (m) => ticket(m, KRB.ticket, found, open));
    found.authenticator = encrypted(s, KRB.authenticator, 4, 'authenticator', open);
  });
  return found;
}

/** Ticket (5.3), into what it says. */
function ticket(c: Cursor, f: Field, found: Pick<ApReq, 'server' | 'ticket'>, open?: Opener): void {
  sequence(c, f, application(1), (t) => {
    integerMember(t, KRB.tktVno, 0);
    found.server.realm = contextMember(t, null, 1, (r) => characters(r, KRB.realm)) ?? '';
    found.server.name = name(t, 2, KRB.sname, KRB.snameString, KRB.snameText);
    found.ticket = encrypted(t, KRB.encPart, 3, 'ticket', open);
  });
}

const optionNames = (b: Uint8Array) => [
  ...(bit(b, 1) ? ['use-session-key'] : []),
  ...(bit(b, 2) ? ['mutual-required'] : []),
];

function apRep(c: Cursor, open?: Opener): ApRep {
  const found: ApRep = { kind: 'ap-rep', encrypted: NO_DATA() };
  sequence(c, KRB.apRep, application(15), (s) => {
    integerMember(s, KRB.pvno, 0);
    integerMember(s, KRB.msgType, 1);
    found.encrypted = encrypted(s, KRB.encPart, 2, 'ap-rep', open);
  });
  return found;
}

function krbError(c: Cursor): KrbError {
  const found: KrbError = { kind: 'error', code: 0 };
  sequence(c, KRB.error, application(30), (s) => {
    integerMember(s, KRB.pvno, 0);
    integerMember(s, KRB.msgType, 1);
    timeMember(s, KRB.ctime, 2);
    integerMember(s, KRB.cusec, 3);
    timeMember(s, KRB.stime, 4);
    integerMember(s, KRB.susec, 5);
    found.code = integerMember(s, KRB.errorCode, 6) ?? 0;
    contextMember(s, null, 7, (m) => characters(m, KRB.crealm));
    name(s, 8, KRB.cname, KRB.cnameString, KRB.cnameText);
    contextMember(s, null, 9, (m) => characters(m, KRB.realm));
    name(s, 10, KRB.sname, KRB.snameString, KRB.snameText);
    contextMember(s, null, 11, (m) => characters(m, KRB.errorText));
    contextMember(s, null, 12, (m) => octets(m, KRB.errorData));
  });
  return found;
}

const timeMember = (c: Cursor, f: Field, n: number) => contextMember(c, null, n, (m) => time(m, f));

/** PrincipalName (5.2.2). */
function name(c: Cursor, n: number, f: Field, listField: Field, textField: Field): string {
  const parts: string[] = [];
  contextMember(c, f, n, (m) =>
    element(m, null, SEQUENCE, (s) => {
      integerMember(s, KRB.nameType, 0);
      contextMember(s, listField, 1, (l) => {
        element(l, null, SEQUENCE, (all) =>
          each(all, (one) => {
            parts.push(characters(one, textField));
          }),
        );
        l.tell('', parts.length);
      });
      s.tell(parts.join('/'));
    }),
  );
  return parts.join('/');
}

/** EncryptedData (5.2.9). */
function encrypted(
  c: Cursor,
  f: Field,
  n: number,
  part?: 'ticket' | 'authenticator' | 'ap-rep',
  open?: Opener,
): EncryptedData {
  const found = NO_DATA();
  contextMember(c, f, n, (m) =>
    element(m, null, SEQUENCE, (s) => {
      found.etype = integerMember(s, KRB.etype, 0) ?? 0;
      found.kvno = integerMember(s, KRB.kvno, 1) ?? null;
      contextMember(s, null, 2, (o) => {
        const length = tagAndLength(o, OCTET_STRING);
        found.cipherAt = o.pos;
        found.cipher = o.raw(KRB.cipher, length);
      });
      if (part !== undefined) open?.(s, part, found);
    }),
  );
  return found;
}

/** What an authenticator (5.5.1) says. */
export interface Authenticator {
  client: Principal;
  /** Flags of the GSS-API checksum 0x8003 (RFC 4121 section 4.1.1), 0 without one. */
  gssFlags: number;
  subkey: Key | null;
}

export function readAuthenticator(c: Cursor): Authenticator {
  const found: Authenticator = { client: { realm: '', name: '' }, gssFlags: 0, subkey: null };
  sequence(c, KRB.authenticator, application(2), (s) => {
    integerMember(s, KRB.authenticatorVno, 0);
    found.client.realm = contextMember(s, null, 1, (m) => characters(m, KRB.crealm)) ?? '';
    found.client.name = name(s, 2, KRB.cname, KRB.cnameString, KRB.cnameText);
    contextMember(s, KRB.cksum, 3, (m) =>
      element(m, null, SEQUENCE, (k) => {
        const type = integerMember(k, KRB.cksumType, 0);
        contextMember(k, null, 1, (v) => {
          const length = tagAndLength(v, OCTET_STRING);
          if (type === 0x8003 && length >= 24) found.gssFlags = gssChecksum(v);
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
function gssChecksum(c: Cursor): number {
  c.littleEndian = true;
  c.raw(KRB.binding, c.u32(KRB.bindingLength));
  const flags = c.u32(KRB.gssFlags, (value) => gssFlagNames(value).join(', '));
  if (flags & DELEGATION && c.left >= 4) {
    c.u16(KRB.delegationOption);
    c.frame(null, c.u16(KRB.delegationLength), krbCred);
  }
  return flags;
}

/** KRB-CRED (5.8.1): tickets that the client forwards, with keys that only the session's opens. */
function krbCred(c: Cursor): void {
  sequence(c, KRB.cred, application(22), (s) => {
    integerMember(s, KRB.pvno, 0);
    integerMember(s, KRB.msgType, 1);
    contextMember(s, KRB.tickets, 2, (m) => {
      let count = 0;
      element(m, null, SEQUENCE, (all) =>
        each(all, (one) => {
          ticket(one, KRB.forwarded, { server: { realm: '', name: '' }, ticket: NO_DATA() });
          count++;
        }),
      );
      m.tell('', count);
    });
    encrypted(s, KRB.encPart, 3);
  });
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

/** EncryptionKey. Its value is a secret: `hideKeys` has blanked it where this is shown. */
function key(c: Cursor, f: Field, n: number): Key | null {
  const found = contextMember(c, f, n, (m) =>
    element(m, null, SEQUENCE, (s) => {
      const etype = integerMember(s, KRB.keyType, 0) ?? 0;
      const value = contextMember(s, null, 1, (v) => {
        const length = tagAndLength(v, OCTET_STRING);
        return v.raw(KRB.keyValue, length, 'not shown');
      });
      return { etype, value: value ?? new Uint8Array(0) };
    }),
  );
  return found ?? null;
}

/** AuthorizationData (5.2.6): its value is how many elements it has, as in Wireshark; nobody asks what is in them. */
const authorizationData = (c: Cursor) =>
  contextMember(c, KRB.authorizationData, 8, (m) => {
    let count = 0;
    element(m, null, SEQUENCE, (all) =>
      each(all, (one) => {
        element(one, null, SEQUENCE, (e) => void e.raw(DER.content, e.left));
        count++;
      }),
    );
    m.tell('', count);
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
