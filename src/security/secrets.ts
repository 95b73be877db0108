/**
 * The secrets file of the contract: accounts, keytabs, single keys. What is read here is never printed: messages name
 * the file and the member, not its content.
 */
import type { KeytabEntry } from './keytab.js';

/** One of `password` and `ntHash` is there. */
export interface Account {
  readonly user: string;
  /** NetBIOS or DNS name, null where the file gives none. */
  readonly domain: string | null;
  readonly password: string | null;
  /** 16 bytes. */
  readonly ntHash: Uint8Array | null;
}

export interface Secrets {
  readonly accounts: readonly Account[];
  /** Kerberos keys of all keytabs and single keys. */
  readonly keys: readonly KeytabEntry[];
}
