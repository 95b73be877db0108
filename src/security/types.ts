/**
 * What the DCE/RPC dissector knows of security: tokens go in as they are seen, protected fragments go in and come
 * out clear and checked. How a mechanism does it stays behind these types.
 */

/** Who sent it: `client` bound, `server` answered (not the frame's addresses, the roles of the connection). */
export type Direction = 'client' | 'server';

/** auth_type of MS-RPCE 2.2.1.1.7, as far as it says which mechanism speaks. */
export type Mechanism = 'NTLM' | 'SPNEGO' | 'Kerberos' | 'Netlogon' | 'unknown';

/** Something a person should read; `code` is stable. Never holds a secret. */
export interface SecurityNote {
  readonly code:
    | 'secrets-do-not-fit'
    | 'secrets-name-mismatch'
    | 'bad-mic'
    | 'bad-mechlist-mic'
    | 'bad-signature'
    | 'unsigned-header'
    | 'stream-lost'
    | 'security-malformed';
  readonly message: string;
}

/** What is known of a context; grows with each token. */
export interface SecurityInfo {
  readonly mechanism: Mechanism;
  /** The mechanism that made the keys, inside SPNEGO too. Null before it is known. */
  readonly type: 'NTLM' | 'Kerberos' | 'Netlogon' | null;
  /** `DOMAIN\\user`, `user` where no domain was sent, `user@REALM` never; null before AUTHENTICATE / without the ticket's key. */
  readonly user: string | null;
  /** NTLM: nobody authenticated (empty user and response). */
  readonly anonymous: boolean;
  readonly workstation: string | null;
  /** NTLM: the server's target name; Kerberos: the service principal with its realm. */
  readonly target: string | null;
  /** `NTLMv1`, `NTLMv1-ESS`, `NTLMv2`; Kerberos: the encryption type of the session, `aes256-cts-hmac-sha1-96`. */
  readonly version: string | null;
  /** Strength of the sealing key: 40, 56, 128, 256. */
  readonly keyBits: number | null;
  /** Negotiated flags by name (`NTLMSSP_NEGOTIATE_SEAL`, Kerberos `mutual-required` and `GSS_C_CONF_FLAG`). */
  readonly flags: readonly string[];
  /** Whether an NTLM AUTHENTICATE message has a MIC (MS-NLMP 3.1.5.1.2); null before one was seen. */
  readonly mic: boolean | null;
  /** Whether the MIC over NTLM's three messages checks; null without one or without keys. */
  readonly micVerified: boolean | null;
  /** Whether SPNEGO's mechListMIC checks (both, where both sides sent one); null without one or without keys. */
  readonly mechListVerified: boolean | null;
  /** Whether the keys are known. */
  readonly keyed: boolean;
  /** Why they are not, as a half sentence: `no secrets were given`; null where they are. */
  readonly noKey: string | null;
}

/** One fragment with its auth trailer. Offsets count in `pdu`. */
export interface ProtectedPdu {
  readonly direction: Direction;
  /** The whole fragment, common header first. */
  readonly pdu: Uint8Array;
  /** What is sealed at level 6: stub with its auth padding (for a request: behind object and opnum). */
  readonly stubStart: number;
  readonly stubEnd: number;
  /** sec_trailer, 8 bytes. */
  readonly trailerStart: number;
  /** auth_value. */
  readonly authStart: number;
  readonly authEnd: number;
  /** PFC_SUPPORT_HEADER_SIGN in both the bind and the bind_ack of the connection. */
  readonly headerSign: boolean;
  /** auth_level of the trailer. */
  readonly level: number;
  /** Set where what is sealed may have any length: stubs are padded to multiples of 4 bytes. */
  readonly unit?: 1;
}

/** A message that is protected by itself, taken apart. */
export interface Wrapped {
  readonly token: Uint8Array;
  readonly data: Uint8Array;
  readonly sealed: boolean;
}

/** What became of a fragment. */
export interface Unprotected {
  /** Clear bytes, as long as stubStart to stubEnd (those of a wrapped message may be shorter); the input's own bytes where nothing was sealed; null without the key. */
  readonly stub: Uint8Array | null;
  /** Whether `stub` was decrypted; null where nothing was sealed. */
  readonly decrypted: boolean | null;
  /** null: no key, or nothing to check. */
  readonly verified: boolean | null;
  /** Wrong signature, lost stream, odd signing: each for people. Empty most of the time. */
  readonly notes: readonly SecurityNote[];
  /** What the signature covers, or why it is unknown: `header, stub and trailer`, `stub only`. */
  readonly how: string | null;
}

/** An encrypted part of a token, and its clear text with the keys in it blanked. */
export interface OpenedPart {
  readonly cipher: Uint8Array;
  readonly plain: Uint8Array;
}

/** What a context found out, for the tree. */
export type Opened = Pick<SecurityContext, 'info' | 'opened'>;

/** One for each (connection, auth_context_id). */
export interface SecurityContext {
  readonly info: SecurityInfo;
  /** A token of bind, bind_ack, alter_context, alter_context_resp or rpc_auth_3, in order. Says what it found odd. */
  token(direction: Direction, bytes: Uint8Array): readonly SecurityNote[];
  /** Levels 4, 5: verify; 6: decrypt and verify. Once for each fragment, in the order of its direction. */
  unprotect(p: ProtectedPdu): Unprotected;
  /**
   * The same for a message as GSS_Wrap (RFC 2743 section 2.3.3) makes it, its token in front of the data. Whether it is
   * sealed, the token or what was negotiated says.
   */
  unwrap(direction: Direction, message: Uint8Array): Unprotected;
  /**
   * Fragments of this direction were lost. `sealed` is the number of stub bytes (with auth padding; 0 below level 6)
   * and `fragments` that of fragments, where both are known. A guess does no harm: it is tried first, and checked.
   * Without them, and without this call, the places that the sequence number allows are tried.
   */
  lost(direction: Direction, sealed?: number, fragments?: number): void;
  /** What both ends know at the end of the exchange, for protocols with ciphers of their own; null without keys. */
  readonly sessionKey: Uint8Array | null;
  /** Kerberos: encrypted parts of tokens that keys opened, the latest of them. */
  readonly opened?: readonly OpenedPart[];
}
