/**
 * A Kerberos security context (RFC 4120 section 3.2, RFC 4121, MS-KILE): AP-REQ, AP-REP, and in DCE style a third leg,
 * an AP-REP of the client. With the service's key the ticket gives the session's.
 */

import { isNote, KeyedContext, openedPart, readToken } from '../mechanism.js';
import type { Secrets } from '../secrets.js';
import type { Direction, OpenedPart, SecurityInfo, SecurityNote, Unprotected, Wrapped } from '../types.js';
import { decryptMessage, keyBits } from './crypto.js';
import { ETYPES } from './fields.js';
import { openWithSecrets, openWithSessionKey, USAGE_AP_REP, USAGE_AUTHENTICATOR, USAGE_TICKET } from './keys.js';
import { type ApRep, type ApReq, type Key, readKerberos } from './messages.js';
import { gssFlagNames, readApRepPart, readAuthenticator, readTicketPart } from './parts.js';
import { KerberosSession, type SessionKeys } from './session.js';
import { splitWrap } from './wrap.js';

/** Opened parts of tokens that are kept for display: a ticket's, an authenticator's, a reply's, and some to spare. */
const MOST_PARTS = 16;

const NO_KEYS: SessionKeys = { session: null, initiator: null, acceptor: null };

const etypeName = (etype: number) => ETYPES[etype] ?? `etype ${etype}`;

export class KerberosContext extends KeyedContext<KerberosSession> {
  private keys: SessionKeys = NO_KEYS;
  /** For the tree. */
  readonly opened: OpenedPart[] = [];

  constructor(secrets: Secrets | null, mechanism: SecurityInfo['mechanism'] = 'Kerberos') {
    super('Kerberos', mechanism, secrets);
  }

  token(_direction: Direction, bytes: Uint8Array): readonly SecurityNote[] {
    const message = readToken(bytes, (c) => readKerberos(c));
    if (isNote(message)) return [message];
    if (message.kind === 'ap-req') return this.request(message);
    if (message.kind === 'ap-rep') return this.reply(message);
    if (message.kind !== 'error') return [];
    this.info.noKey ??= `the server refused with Kerberos error ${message.code}`;
    return [];
  }

  protected split(message: Uint8Array): Wrapped | null {
    const { acceptor, initiator, session } = this.keys;
    return splitWrap(message, (acceptor ?? initiator ?? session)?.etype ?? null);
  }

  /** RC4's wrapped data is filled up by a byte, as if to a block. */
  override unwrap(direction: Direction, message: Uint8Array): Unprotected {
    const done = super.unwrap(direction, message);
    if (message[0] !== 0x60 || done.stub === null) return done;
    return { ...done, stub: done.stub.subarray(0, -1) };
  }

  private request(m: ApReq): readonly SecurityNote[] {
    const { info: learning, secrets } = this;
    const { server, ticket, authenticator } = m;
    this.keys = NO_KEYS;
    this.session = null;
    this.opened.length = 0;
    learning.target = `${server.name}@${server.realm}`;
    learning.flags = m.options;
    learning.version = etypeName(authenticator.etype);
    learning.keyBits = keyBits(authenticator.etype) || null;
    learning.keyed = false;
    if (secrets === null) {
      learning.noKey = 'no secrets were given';
      return [];
    }
    const found = this.openRequest(secrets, m);
    if (found === null) {
      const what = `the ticket for ${learning.target} (${etypeName(ticket.etype)}${ticket.kvno === null ? '' : `, kvno ${ticket.kvno}`})`;
      learning.noKey = `no key of the secrets file opens ${what}`;
      const message = `nothing of this security context can be decrypted: ${learning.noKey}`;
      return [{ code: 'secrets-do-not-fit', message }];
    }
    const read = readToken(found.authenticator, readAuthenticator);
    if (isNote(read)) return [read];
    this.remember(authenticator.cipher, found.authenticator, read.subkey, ...read.forwarded);
    learning.user = `${read.client.realm}\\${read.client.name}`;
    learning.flags = [...m.options, ...gssFlagNames(read.gssFlags)];
    this.learn({ session: found.key, initiator: read.subkey, acceptor: null });
    return [];
  }

  /** The session's key and the authenticator that it opens. */
  private openRequest(secrets: Secrets, m: ApReq): { key: Key; authenticator: Uint8Array } | null {
    const plain = openWithSecrets(secrets, m.ticket, m.server, USAGE_TICKET);
    const part = plain === null ? null : readToken(plain, readTicketPart);
    if (plain !== null && part !== null && !isNote(part) && part.key !== null) {
      const { etype, value } = part.key;
      this.remember(m.ticket.cipher, plain, part.key);
      const authenticator = decryptMessage(etype, value, USAGE_AUTHENTICATOR, m.authenticator.cipher);
      if (authenticator !== null) return { key: { etype, value }, authenticator };
    }
    const direct = openWithSessionKey(secrets, m.authenticator, USAGE_AUTHENTICATOR);
    return direct === null ? null : { key: direct.key, authenticator: direct.plain };
  }

  /** The server's reply names its subkey; the client's, the third leg, names none that is used. */
  private reply(m: ApRep): readonly SecurityNote[] {
    const { session } = this.keys;
    if (session === null) return [];
    const plain = decryptMessage(session.etype, session.value, USAGE_AP_REP, m.encrypted.cipher);
    if (plain === null) {
      const message = 'the encrypted part of an AP-REP does not open with the key of the ticket';
      return [{ code: 'security-malformed', message }];
    }
    const subkey = readToken(plain, (c) => ({ key: readApRepPart(c) }));
    if (isNote(subkey)) return [subkey];
    this.remember(m.encrypted.cipher, plain, subkey.key);
    if (subkey.key !== null && this.keys.acceptor === null) this.learn({ ...this.keys, acceptor: subkey.key });
    return [];
  }

  /** Keeps an opened part for display. `keys` are views on `plain`: their bytes become zeros. */
  private remember(cipher: Uint8Array, plain: Uint8Array, ...keys: readonly (Key | null)[]): void {
    const shown = Uint8Array.from(plain);
    for (const key of keys) {
      if (key === null) continue;
      const at = key.value.byteOffset - plain.byteOffset;
      shown.fill(0, at, at + key.value.length);
    }
    // tokens are sent again with each alter_context, and whoever holds the key can make any number of them
    if (openedPart(this.opened, cipher) !== undefined) return;
    if (this.opened.length === MOST_PARTS) this.opened.shift();
    this.opened.push({ cipher: Uint8Array.from(cipher), plain: shown });
  }

  private learn(keys: SessionKeys): void {
    this.keys = keys;
    this.session = new KerberosSession(keys);
    const used = keys.acceptor ?? keys.initiator ?? keys.session;
    this.info.keyed = true;
    this.info.noKey = null;
    if (used === null) return;
    this.info.version = etypeName(used.etype);
    this.info.keyBits = keyBits(used.etype) || null;
  }
}
