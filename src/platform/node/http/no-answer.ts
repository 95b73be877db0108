/** Why bytes do not come over HTTP, in words: nothing of an address that may be secret is in them. */

/** Whether it is worth another attempt: at once; only where bytes came before, as a network comes back; or never. */
type Passing = 'soon' | 'perhaps' | 'never';

/** Bytes that did not come. The message says what was expected, and what to do. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    readonly passing: Passing,
  ) {
    super(message);
  }
}

const UNTRUSTED = new NoAnswer(
  'who signed its certificate is not trusted here; NODE_EXTRA_CA_CERTS=FILE names a certificate that is',
  'never',
);
const NO_HTTP = new NoAnswer('what answers there does not speak HTTP as it should', 'never');
// what answers is no TLS, or none that both sides know
const NO_TLS = new NoAnswer('it does not speak TLS with us; is it http:// instead of https://?', 'perhaps');
const UNREACHABLE = new NoAnswer('the host cannot be reached; is the address right, and the network there?', 'perhaps');
const BROKEN = new NoAnswer('the connection broke', 'soon');

/** By the code of an error of Node. */
const CAUSES: Readonly<Record<string, NoAnswer>> = {
  ENOTFOUND: new NoAnswer('there is no host of that name', 'perhaps'),
  EAI_AGAIN: new NoAnswer('nobody answers what host that is; is the network there?', 'perhaps'),
  ECONNREFUSED: new NoAnswer('nobody listens there: the connection is refused', 'perhaps'),
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  ERR_STREAM_PREMATURE_CLOSE: BROKEN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_HAS_EXPIRED: new NoAnswer('its certificate has expired', 'never'),
  CERT_NOT_YET_VALID: new NoAnswer('its certificate is not valid yet; is the clock right?', 'never'),
  ERR_TLS_CERT_ALTNAME_INVALID: new NoAnswer('its certificate is that of another host', 'never'),
  EPROTO: NO_TLS,
  ABORT_ERR: new NoAnswer('interrupted', 'never'),
};

/** What an error of Node's HTTP says. */
export function noAnswer(e: unknown): NoAnswer {
  if (e instanceof NoAnswer) return e;
  const { code } = e as { code?: unknown };
  const text = typeof code === 'string' ? code : String(e);
  if (text.startsWith('HPE_')) return NO_HTTP;
  // what newer versions of Node say instead of EPROTO
  if (text.startsWith('ERR_SSL_')) return NO_TLS;
  return CAUSES[text] ?? new NoAnswer(`it cannot be read (${text})`, 'perhaps');
}

const STATUSES: Readonly<Record<number, string>> = {
  401: 'it wants a password, as https://USER:PASSWORD@HOST/… has one',
  403: 'it refuses that; a signed link may have expired: get a new one',
  404: 'there is nothing of that name',
  410: 'there is nothing of that name any more',
  429: 'it was asked too often',
};

/** What is said of a status of an answer that has no bytes for us. */
export function refusal(status: number): NoAnswer {
  const isPassing = status === 408 || status === 429 || (status >= 500 && status !== 501);
  const known = STATUSES[status] ?? (status >= 500 ? 'it failed; try again later' : 'where 200 was expected');
  return new NoAnswer(`the server answers ${status}: ${known}`, isPassing ? 'soon' : 'never');
}
