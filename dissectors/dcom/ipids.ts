/**
 * What was learnt of interface pointers: which interface an IPID stands for, of which object and apartment.
 * Keyed by IPID: they are GUIDs that a host makes unique (MS-DCOM 1.1).
 */
import { type StateStore, stateKey } from '../../src/core/context.js';

/** One interface pointer. */
export interface KnownPointer {
  readonly ipid: string;
  readonly iid: string;
  readonly oxid: string | null;
  readonly oid: string | null;
}

const POINTERS = stateKey('dcom.ipids', () => new Map<string, KnownPointer>());

/**
 * Remembers an interface pointer; an OXID or OID already known is kept where the new sight lacks it.
 * @param most pointers that are kept
 * @returns whether the oldest had to be forgotten
 */
export function learnPointer(capture: StateStore, p: KnownPointer, most: number): boolean {
  const known = capture.get(POINTERS);
  const before = known.get(p.ipid);
  if (before !== undefined && before.iid === p.iid && (p.oid === null || before.oid === p.oid)) return false;
  const full = before === undefined && known.size >= most;
  if (full) known.delete(known.keys().next().value as string);
  known.set(p.ipid, { ...p, oxid: p.oxid ?? before?.oxid ?? null, oid: p.oid ?? before?.oid ?? null });
  return full;
}

/** The interface pointer behind an IPID, if it was seen. */
export function pointerOf(capture: StateStore, ipid: string): KnownPointer | undefined {
  return capture.get(POINTERS).get(ipid);
}
