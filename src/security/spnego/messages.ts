/** SPNEGO tokens (RFC 4178 section 4.2, MS-SPNG 2.2.1): one reader for the tree and for the state. */
import type { Cursor } from '../../core/cursor.js';
import { type Field, field } from '../../core/node.js';
import {
  application,
  bitString,
  characters,
  context,
  contextMember,
  DER,
  ENUMERATED,
  each,
  element,
  integer,
  OCTET_STRING,
  octets,
  oid,
  SEQUENCE,
  tagAndLength,
} from '../der.js';

/** Mechanisms that negotiate themselves here. */
const SPNEGO_OID = '1.3.6.1.5.5.2';
export const NTLM_OID = '1.3.6.1.4.1.311.2.2.10';
export const KERBEROS_OID = '1.2.840.113554.1.2.2';
/** What an early Windows wrote for Kerberos, 16 bits gone wrong; still offered. */
export const MS_KERBEROS_OID = '1.2.840.48018.1.2.2';

export const MECHANISM_NAMES: Readonly<Record<string, string>> = {
  [SPNEGO_OID]: 'SPNEGO',
  [NTLM_OID]: 'NTLMSSP',
  [KERBEROS_OID]: 'KRB5',
  [MS_KERBEROS_OID]: 'MS KRB5',
  '1.2.840.113554.1.2.2.3': 'KRB5 user to user',
  '1.3.6.1.4.1.311.2.2.30': 'NEGOEX',
};

const f = (name: string, label: string, type: Field['type'] = 'none', more: Partial<Field> = {}) =>
  field(`spnego.${name}`, label, type, more);

const STATES: Readonly<Record<number, string>> = {
  0: 'accept-completed',
  1: 'accept-incomplete',
  2: 'reject',
  3: 'request-mic',
};

export const SPNEGO = {
  token: field('gss-api', 'GSS-API Generic Security Service Application Program Interface'),
  gssOid: field('gss-api.OID', 'OID', 'string'),
  init: f('negTokenInit_element', 'negTokenInit'),
  resp: f('negTokenTarg_element', 'negTokenTarg'),
  mechTypes: f('mechTypes', 'mechTypes', 'uint32'),
  mechType: f('MechType', 'MechType', 'string'),
  reqFlags: f('reqFlags', 'reqFlags', 'bytes'),
  mechToken: f('mechToken', 'mechToken', 'bytes'),
  hints: f('negHints_element', 'negHints'),
  hintName: f('hintName', 'hintName', 'string'),
  hintAddress: f('hintAddress', 'hintAddress', 'bytes'),
  state: f('negResult', 'negResult', 'uint32', { names: STATES }),
  supportedMech: f('supportedMech', 'supportedMech', 'string'),
  responseToken: f('responseToken', 'responseToken', 'bytes'),
  mechListMic: f('mechListMIC', 'mechListMIC', 'bytes'),
} as const satisfies Record<string, Field>;

export const SPNEGO_FIELDS: readonly Field[] = Object.values(SPNEGO);

export interface SpnegoToken {
  readonly kind: 'init' | 'resp';
  mechTypes: string[];
  /** The MechTypeList as it was sent: what mechListMIC signs. */
  mechList: Uint8Array | null;
  state: number | null;
  supportedMech: string | null;
  /** mechToken or responseToken. */
  token: Uint8Array | null;
  mic: Uint8Array | null;
}

/** Reads a mechanism's token or MIC that stands in an OCTET STRING. */
export type InnerReader = (c: Cursor) => void;

/** Reads the token up to the end of the region; `inner` shows the mechanism's own tokens. */
export function readSpnego(c: Cursor, inner?: InnerReader): SpnegoToken {
  if (c.peek() !== application(0)) return choice(c, inner);
  // InitialContextToken (RFC 2743 section 3.1) around the first token.
  const found = element(c, SPNEGO.token, application(0), (t) => {
    oid(t, SPNEGO.gssOid, MECHANISM_NAMES);
    return choice(t, inner);
  });
  return found ?? c.fail('a GSS-API token without what it names');
}

function choice(c: Cursor, inner?: InnerReader): SpnegoToken {
  const kind = c.peek() === context(0) ? 'init' : 'resp';
  const found: SpnegoToken = {
    kind,
    mechTypes: [],
    mechList: null,
    state: null,
    supportedMech: null,
    token: null,
    mic: null,
  };
  const body = kind === 'init' ? init : resp;
  element(c, kind === 'init' ? SPNEGO.init : SPNEGO.resp, context(kind === 'init' ? 0 : 1), (t) =>
    element(t, null, SEQUENCE, (s) => body(s, found, inner)),
  );
  return found;
}

/** NegTokenInit, and NegTokenInit2 of MS-SPNG, where [3] are hints and the MIC moves to [4]. */
function init(c: Cursor, found: SpnegoToken, inner?: InnerReader): void {
  contextMember(c, SPNEGO.mechTypes, 0, (m) => {
    const start = m.pos;
    element(m, null, SEQUENCE, (s) =>
      each(s, (one) => {
        found.mechTypes.push(oid(one, SPNEGO.mechType, MECHANISM_NAMES));
      }),
    );
    found.mechList = m.bytes.subarray(start, m.pos);
    m.tell('', found.mechTypes.length);
  });
  contextMember(c, null, 1, (m) => bitString(m, SPNEGO.reqFlags));
  found.token = innerToken(c, SPNEGO.mechToken, 2, inner);
  if (c.peek() !== context(3)) found.mic = innerToken(c, SPNEGO.mechListMic, 4, inner);
  else if (holdsSequence(c)) {
    contextMember(c, SPNEGO.hints, 3, (m) =>
      element(m, null, SEQUENCE, (s) => {
        contextMember(s, null, 0, (h) => characters(h, SPNEGO.hintName));
        contextMember(s, null, 1, (h) => octets(h, SPNEGO.hintAddress));
      }),
    );
    found.mic = innerToken(c, SPNEGO.mechListMic, 4, inner);
  } else found.mic = innerToken(c, SPNEGO.mechListMic, 3, inner);
}

/** Whether the element here holds a SEQUENCE: its length may take one byte or several. */
function holdsSequence(c: Cursor): boolean {
  const first = c.peek(1);
  return c.peek(first < 0x80 ? 2 : 2 + (first & 0x7f)) === SEQUENCE;
}

function resp(c: Cursor, found: SpnegoToken, inner?: InnerReader): void {
  contextMember(c, SPNEGO.state, 0, (m) => {
    found.state = integer(m, ENUMERATED);
    m.tell(`${found.state} (${STATES[found.state] ?? 'unknown'})`, found.state);
  });
  contextMember(c, null, 1, (m) => {
    found.supportedMech = oid(m, SPNEGO.supportedMech, MECHANISM_NAMES);
  });
  found.token = innerToken(c, SPNEGO.responseToken, 2, inner);
  found.mic = innerToken(c, SPNEGO.mechListMic, 3, inner);
}

function innerToken(c: Cursor, what: Field, n: number, inner?: InnerReader): Uint8Array | null {
  const bytes = contextMember(c, what, n, (m) => {
    const length = tagAndLength(m, OCTET_STRING);
    const token = m.bytes.subarray(m.pos, m.pos + length);
    if (inner === undefined || length === 0) m.raw(DER.content, length);
    else m.frame(null, length, inner);
    m.tell('', token);
    return token;
  });
  return bytes ?? null;
}
