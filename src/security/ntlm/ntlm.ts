/**
 * An NTLM security context (MS-NLMP 3.1, 3.2): follows the three messages, finds the account that made the response,
 * and hands the keys to a session.
 */
import { equals } from '../../core/bytes.js';
import { once } from '../../core/once.js';
import { isNote, KeyedContext, readToken } from '../mechanism.js';
import type { Account, Secrets } from '../secrets.js';
import type { Direction, SecurityInfo, SecurityNote, Wrapped } from '../types.js';
import { negotiateFlagNames } from './fields.js';
import {
  type Exchange,
  exportedSessionKey,
  keyExchangeKey,
  lmHash,
  messageMic,
  type NtlmCredential,
  ntHash,
  sealingBits,
  versionOf,
} from './keys.js';
import { type AuthenticateMessage, type ChallengeMessage, readNtlmMessage } from './messages.js';
import { NtlmSession, type SearchBudget, SIGNATURE_LENGTH, searchBudget } from './session.js';

/** The hashes of an account, made once: each context of a capture asks for the same. */
const credentialOf = once((account: Account): NtlmCredential | null => {
  const { password } = account;
  const hash = account.ntHash ?? (password === null ? null : ntHash(password));
  return hash === null ? null : { ntHash: hash, lmHash: password === null ? null : lmHash(password) };
});

/** `user@domain` and `DOMAIN\user` taken apart, lower case; a DNS domain counts by its first label. */
function nameParts(user: string, domain: string | null): { user: string; domain: string } {
  let [name, realm] = [user, domain ?? ''];
  const at = name.lastIndexOf('@');
  const slash = name.indexOf('\\');
  if (at > 0) [name, realm] = [name.slice(0, at), realm || name.slice(at + 1)];
  else if (slash >= 0) [name, realm] = [name.slice(slash + 1), realm || name.slice(0, slash)];
  return { user: name.toLowerCase(), domain: realm.toLowerCase().split('.')[0] };
}

/** 2: user and domain fit; 1: the user fits and no domain speaks against it; 0: somebody else. */
export function nameFit(account: Account, user: string, domain: string): 0 | 1 | 2 {
  const ours = nameParts(account.user, account.domain);
  const theirs = nameParts(user, domain);
  if (ours.user !== theirs.user) return 0;
  if (ours.domain === theirs.domain) return 2;
  return ours.domain === '' || theirs.domain === '' ? 1 : 0;
}

/** Searches for lost streams are bounded for all contexts that share a secrets file, that is, for a capture. */
const budgetOf = once((_: Secrets): SearchBudget => searchBudget());

const who = (user: string, domain: string) => (domain === '' ? user : `${domain}\\${user}`);

export class NtlmContext extends KeyedContext<NtlmSession> {
  private negotiate: Uint8Array | null = null;
  private challenge: { message: ChallengeMessage; bytes: Uint8Array } | null = null;

  constructor(secrets: Secrets | null, mechanism: SecurityInfo['mechanism'] = 'NTLM') {
    super('NTLM', mechanism, secrets);
  }

  token(_direction: Direction, bytes: Uint8Array): readonly SecurityNote[] {
    const message = readToken(bytes, readNtlmMessage);
    if (isNote(message)) return [message];
    if (message.kind === 'negotiate') {
      // A second one begins again: re-authentication in the same context.
      this.negotiate = Uint8Array.from(bytes);
      this.challenge = null;
      this.session = null;
      this.info.keyed = false;
      this.info.noKey = this.secrets === null ? 'no secrets were given' : 'the authentication was not seen';
      return [];
    }
    if (message.kind === 'challenge') {
      const { targetInfo } = message;
      this.challenge = { message, bytes: Uint8Array.from(bytes) };
      this.info.target = message.targetName || targetInfo?.nbDomain || targetInfo?.nbComputer || null;
      return [];
    }
    return this.authenticate(message, bytes);
  }

  /** The signature, then the data (MS-NLMP 3.4.6, 3.4.7). */
  protected split(message: Uint8Array): Wrapped | null {
    if (message.length < SIGNATURE_LENGTH) return null;
    const { flags } = this.info;
    return {
      token: message.subarray(0, SIGNATURE_LENGTH),
      data: message.subarray(SIGNATURE_LENGTH),
      sealed: flags.length === 0 || flags.includes('NTLMSSP_NEGOTIATE_SEAL'),
    };
  }

  private authenticate(auth: AuthenticateMessage, bytes: Uint8Array): readonly SecurityNote[] {
    const flags = auth.flags || this.challenge?.message.flags || 0;
    const { info: learning } = this;
    learning.anonymous = auth.user === '' && auth.ntResponse.length === 0;
    learning.user = learning.anonymous ? null : who(auth.user, auth.domain);
    learning.workstation = auth.workstation || null;
    learning.flags = negotiateFlagNames(flags);
    learning.version = versionOf({ auth, flags });
    learning.keyBits = sealingBits(flags);
    learning.keyed = false;
    // shorter than NTLMv2's there is no room for one
    learning.mic = auth.ntResponse.length > 24 ? (auth.av?.hasMic ?? null) : false;
    learning.micVerified = null;
    if (learning.anonymous) return this.keyed({ auth, flags }, new Uint8Array(16), bytes);
    if (this.secrets === null) return this.unkeyed('no secrets were given');
    if (this.challenge === null) return this.unkeyed("the server's challenge was not captured");
    if (learning.version === null) return this.unkeyed('the message holds no NTLM response');
    return this.findAccount({ auth, flags, serverChallenge: this.challenge.message.serverChallenge }, bytes);
  }

  private unkeyed(why: string): readonly SecurityNote[] {
    this.info.noKey = why;
    return [];
  }

  /** Tries the accounts, those first whose name fits. The response proves which it was. */
  private findAccount(x: Exchange, bytes: Uint8Array): readonly SecurityNote[] {
    const { user, domain } = x.auth;
    const accounts = (this.secrets?.accounts ?? []).map((account) => ({
      account,
      fit: nameFit(account, user, domain),
    }));
    accounts.sort((a, b) => b.fit - a.fit);
    for (const { account, fit } of accounts) {
      const credential = credentialOf(account);
      const key = credential === null ? null : keyExchangeKey(x, credential);
      if (key === null) continue;
      const notes = this.keyed(x, key, bytes);
      if (fit > 0) return notes;
      const message = `${who(user, domain)} used the password of another account in the secrets file, ${who(account.user, account.domain ?? '')}`;
      return [{ code: 'secrets-name-mismatch', message }, ...notes];
    }
    const named = accounts.some((a) => a.fit > 0);
    const why = named
      ? `the secrets file has ${who(user, domain)}, but with another password than the one used here`
      : `no account of the secrets file fits ${who(user, domain)}`;
    this.info.noKey = why;
    return [{ code: 'secrets-do-not-fit', message: `nothing of this security context can be decrypted: ${why}` }];
  }

  /** The keys are known: starts the session, and checks the MIC over the three messages where there is one. */
  private keyed(x: Pick<Exchange, 'auth' | 'flags'>, key: Uint8Array, bytes: Uint8Array): readonly SecurityNote[] {
    const exported = exportedSessionKey(x, key);
    this.session = new NtlmSession(x.flags, exported, this.secrets === null ? searchBudget() : budgetOf(this.secrets));
    const { info: learning } = this;
    learning.keyed = true;
    learning.noKey = null;
    const { micAt } = x.auth;
    if (micAt === null || this.negotiate === null || this.challenge === null) return [];
    const unsigned = Uint8Array.from(bytes);
    unsigned.fill(0, micAt, micAt + 16);
    learning.micVerified = equals(messageMic(exported, this.negotiate, this.challenge.bytes, unsigned), bytes, micAt);
    if (learning.micVerified) return [];
    const message = 'the MIC of the NTLM AUTHENTICATE message does not check: one of the three messages was changed';
    return [{ code: 'bad-mic', message }];
  }
}
