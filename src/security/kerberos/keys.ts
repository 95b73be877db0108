/** Finds the key that opens a ticket: keytab entries and single keys first, then what accounts' passwords make. */

import { once } from '../../core/once.js';
import type { Account, Secrets } from '../secrets.js';
import { decryptMessage, RC4_HMAC, RC4_HMAC_EXP, stringToKey } from './crypto.js';
import type { EncryptedData, Principal } from './messages.js';

/** Key usage numbers (RFC 4120 section 7.5.1). */
export const USAGE_TICKET = 2;
export const USAGE_AUTHENTICATOR = 11;
export const USAGE_AP_REP = 12;

/** Accounts whose passwords are stretched for one ticket: each costs milliseconds. */
const MAX_ACCOUNTS = 16;

/** Keys made from passwords, by encryption type and salt: each ticket of a capture asks for the same. */
const stretched = once((_: Account) => new Map<string, Uint8Array | null>());

function passwordKey(account: Account, etype: number, salt: string): Uint8Array | null {
  if (account.password === null) return null;
  const known = stretched(account);
  const name = `${etype} ${salt}`;
  let key = known.get(name);
  if (key === undefined) {
    key = stringToKey(etype, account.password, salt);
    known.set(name, key);
  }
  return key;
}

/**
 * Salts that the key of a service may have: of the principal itself (RFC 4120 section 4), of the account that runs
 * it, and of a computer account (MS-KILE 3.1.1.2), which is named `host` and its DNS name.
 */
function salts(account: Account, server: Principal): Set<string> {
  const { realm } = server;
  const user = account.user.replace(/@.*$/, '');
  const host = user.replace(/\$$/, '').toLowerCase();
  return new Set([
    realm + server.name.replaceAll('/', ''),
    realm + user.replaceAll('/', ''),
    `${realm}host${host}.${realm.toLowerCase()}`,
  ]);
}

/** Every key that may open data of this type for this principal, the likeliest first. */
function* candidates(secrets: Secrets, data: EncryptedData, server: Principal): Generator<Uint8Array> {
  const { etype } = data;
  const wanted = `${server.name}@${server.realm}`.toLowerCase();
  const keys = secrets.keys.filter((k) => k.etype === etype);
  const likeness = (k: (typeof keys)[number]) =>
    (k.principal.toLowerCase() === wanted ? 2 : 0) + (k.kvno === data.kvno ? 1 : 0);
  for (const { key } of keys.toSorted((a, b) => likeness(b) - likeness(a))) yield key;
  const rc4 = etype === RC4_HMAC || etype === RC4_HMAC_EXP;
  for (const account of secrets.accounts.slice(0, MAX_ACCOUNTS)) {
    if (rc4 && account.ntHash !== null) yield account.ntHash;
    else if (account.password !== null)
      for (const salt of salts(account, server)) {
        const key = passwordKey(account, etype, rc4 ? '' : salt);
        if (key !== null) yield key;
      }
  }
}

/** The clear text of `data`, which only the right key gives. */
export function openWithSecrets(
  secrets: Secrets,
  data: EncryptedData,
  server: Principal,
  usage: number,
): Uint8Array | null {
  for (const key of candidates(secrets, data, server)) {
    const plain = decryptMessage(data.etype, key, usage, data.cipher);
    if (plain !== null) return plain;
  }
  return null;
}

/** The clear text of `data` and the key, where one of the single keys is the session's own. */
export function openWithSessionKey(secrets: Secrets, data: EncryptedData, usage: number) {
  for (const { etype, key } of secrets.keys) {
    if (etype !== data.etype) continue;
    const plain = decryptMessage(etype, key, usage, data.cipher);
    if (plain !== null) return { plain, key: { etype, value: key } };
  }
  return null;
}
