/**
 * Kerberos messages (RFC 4120 section 5) as GSS-API carries them (RFC 4121 section 4.1): AP-REQ, AP-REP, KRB-ERROR and
 * KRB-CRED. One reader for the tree and for the keys; parts.ts has that of what is encrypted in them.
 */
import { ipv4Text, ipv6Text } from '../../core/address.js';
import type { Cursor } from '../../core/cursor.js';
import type { Field } from '../../core/node.js';
import {
  application,
  bit,
  bitString,
  characters,
  contextMember,
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

/** Parts that are encrypted. */
type Part = 'ticket' | 'authenticator' | 'ap-rep';

/** Shows the clear text of an encrypted part below it; given by who has the keys. */
export type Opener = (c: Cursor, part: Part, data: EncryptedData) => void;

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

export const sequence = <T>(c: Cursor, f: Field, tag: number, read: (c: Cursor) => T) =>
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
    found.authenticator = encrypted(s, KRB.authenticator, 4, below(open, 'authenticator'));
  });
  return found;
}

/** Ticket (5.3), into what it says. */
function ticket(c: Cursor, f: Field, found: Pick<ApReq, 'server' | 'ticket'>, open?: Opener): void {
  sequence(c, f, application(1), (t) => {
    integerMember(t, KRB.tktVno, 0);
    found.server.realm = contextMember(t, null, 1, (r) => characters(r, KRB.realm)) ?? '';
    found.server.name = name(t, 2, KRB.sname, KRB.snameString, KRB.snameText);
    found.ticket = encrypted(t, KRB.encPart, 3, below(open, 'ticket'));
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
    found.encrypted = encrypted(s, KRB.encPart, 2, below(open, 'ap-rep'));
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

export const timeMember = (c: Cursor, f: Field, n: number) => contextMember(c, null, n, (m) => time(m, f));

/** PrincipalName (5.2.2). */
export function name(c: Cursor, n: number, f: Field, listField: Field, textField: Field): string {
  const parts: string[] = [];
  contextMember(c, f, n, (m) =>
    element(m, null, SEQUENCE, (s) => {
      integerMember(s, KRB.nameType, 0);
      listMember(s, listField, 1, (one) => {
        parts.push(characters(one, textField));
      });
      s.tell(parts.join('/'));
    }),
  );
  return parts.join('/');
}

/** A member `[n]` SEQUENCE OF: its value is how many elements it has, as in Wireshark. */
export const listMember = (c: Cursor, f: Field, n: number, read: (c: Cursor) => void) =>
  contextMember(c, f, n, (m) => {
    let count = 0;
    element(m, null, SEQUENCE, (all) =>
      each(all, (one) => {
        read(one);
        count++;
      }),
    );
    m.tell('', count);
  });

const below = (open: Opener | undefined, part: Part) =>
  open && ((c: Cursor, data: EncryptedData): void => open(c, part, data));

/**
 * EncryptedData (5.2.9).
 * @param below shows below it what was opened
 * @param clear reads what is not encrypted, where that may be
 */
function encrypted(
  c: Cursor,
  f: Field,
  n: number,
  below?: (c: Cursor, data: EncryptedData) => void,
  clear?: (c: Cursor) => void,
): EncryptedData {
  const found = NO_DATA();
  contextMember(c, f, n, (m) =>
    element(m, null, SEQUENCE, (s) => {
      const etype = integerMember(s, KRB.etype, 0);
      found.etype = etype ?? 0;
      found.kvno = integerMember(s, KRB.kvno, 1) ?? null;
      contextMember(s, null, 2, (o) => {
        const length = tagAndLength(o, OCTET_STRING);
        found.cipherAt = o.pos;
        if (etype === 0 && clear !== undefined) o.frame(KRB.cipher, length, clear);
        else found.cipher = o.raw(KRB.cipher, length);
      });
      below?.(s, found);
    }),
  );
  return found;
}

/** EncryptionKey. Its value is a secret: `KerberosContext` has blanked it where this is shown. */
export function key(c: Cursor, f: Field, n: number): Key | null {
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

/**
 * KRB-CRED (5.8.1): tickets that the client forwards, with the keys that go with them. These are mostly encrypted with
 * the session's key, and stand in the clear where what is around them is encrypted.
 * @param keys gets those in the clear
 */
export function krbCred(c: Cursor, keys: Key[]): void {
  sequence(c, KRB.cred, application(22), (s) => {
    integerMember(s, KRB.pvno, 0);
    integerMember(s, KRB.msgType, 1);
    listMember(s, KRB.tickets, 2, (one) =>
      ticket(one, KRB.forwarded, { server: { realm: '', name: '' }, ticket: NO_DATA() }),
    );
    encrypted(s, KRB.encPart, 3, undefined, (part) => credPart(part, keys));
  });
}

/** EncKrbCredPart (5.8.1). */
function credPart(c: Cursor, keys: Key[]): void {
  sequence(c, KRB.encKrbCredPart, application(29), (s) => {
    listMember(s, KRB.ticketInfo, 0, (one) => element(one, KRB.credInfo, SEQUENCE, (info) => credInfo(info, keys)));
    integerMember(s, KRB.nonce, 1);
    timeMember(s, KRB.timestamp, 2);
    integerMember(s, KRB.usec, 3);
    contextMember(s, KRB.senderAddress, 4, hostAddress);
    contextMember(s, KRB.recipientAddress, 5, hostAddress);
  });
}

/** KrbCredInfo (5.8.1): what goes with one of the tickets. */
function credInfo(c: Cursor, keys: Key[]): void {
  const found = key(c, KRB.key, 0);
  if (found !== null) keys.push(found);
  contextMember(c, null, 1, (m) => characters(m, KRB.prealm));
  name(c, 2, KRB.pname, KRB.nameString, KRB.nameText);
  contextMember(c, null, 3, (m) => bitString(m, KRB.ticketFlags));
  timeMember(c, KRB.authtime, 4);
  timeMember(c, KRB.starttime, 5);
  timeMember(c, KRB.endtime, 6);
  timeMember(c, KRB.renewTill, 7);
  contextMember(c, null, 8, (m) => characters(m, KRB.srealm));
  name(c, 9, KRB.sname, KRB.snameString, KRB.snameText);
  listMember(c, KRB.caddr, 10, (one) => one.group(KRB.hostAddress, hostAddress));
}

const IPV4 = 2;
const IPV6 = 24;

/** HostAddress (5.2.5). */
function hostAddress(c: Cursor): void {
  element(c, null, SEQUENCE, (s) => {
    const type = integerMember(s, KRB.addressType, 0);
    contextMember(s, null, 1, (m) => {
      const length = tagAndLength(m, OCTET_STRING);
      if (type === IPV4 && length === 4) m.made(KRB.ipv4, length, (b) => ipv4Text(b, 0));
      else if (type === IPV6 && length === 16) m.made(KRB.ipv6, length, (b) => ipv6Text(b, 0));
      else m.raw(KRB.address, length);
    });
  });
}
