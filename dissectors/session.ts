/** What all PDUs of a capture share. */
import type { StateStore } from '../src/core/context.js';
import type { Carriers } from '../src/core/dissector.js';
import type { Limits } from '../src/core/limits.js';
import type { SecurityContext } from '../src/security/index.js';
import type { RpcInterface } from './ndr/interface.js';

/** What all PDUs of a capture share. */
export interface Session {
  readonly capture: StateStore;
  /** Known interfaces by UUID. */
  readonly interfaces: ReadonlyMap<string, RpcInterface>;
  /** A context for the first token of an auth_context_id. */
  newSecurity(authType: number, level: number): SecurityContext;
  /** Whether there are secrets, so that keys may come to be known. */
  readonly hasSecrets: boolean;
  /** IIDs that the user names, by context id or IPID. */
  readonly decodeAs: ReadonlyMap<string, string>;
  readonly limits: Limits;
  /** Makes streams inside PDUs. */
  readonly carriers: Carriers;
  /** Whether nobody asks for PDUs that no call comes of. */
  readonly callsAlone: boolean;
}
