/** Limits of what is kept for later PDUs: where one is met, the oldest goes, and a PDU says so. */
import { type StateStore, stateKey, type TransportPdu } from '../src/core/context.js';
import { LIMITS, type LimitName } from '../src/core/limits.js';
import type { Pdu } from './pdu.js';
import type { Session } from './session.js';

const TOLD = stateKey('limits-told', () => new Set<LimitName>());

/** What is asked of a PDU that may meet a limit. */
export interface Keeping {
  readonly session: Session;
  readonly transport: TransportPdu;
  readonly pdu: Pdu;
}

/** Has the PDU say that a limit was met: once a connection, or once a capture where it bounds all of it. */
export function tellLimit({ session, transport, pdu }: Keeping, name: LimitName): void {
  const told = (LIMITS[name].of === 'capture' ? session.capture : transport.connection.state).get(TOLD);
  if (told.has(name)) return;
  told.add(name);
  pdu.limits.push(name);
}

/** Nothing is said of limits any more. */
export function tellNoLimits(store: StateStore): void {
  const told = store.get(TOLD);
  for (const name of Object.keys(LIMITS)) told.add(name as LimitName);
}

/** Deletes a map's oldest entry where it has no room for one more key; returns what was deleted. */
export function dropOldest<K, V>(map: Map<K, V>, key: K, most: number): V | undefined {
  if (map.size < most || map.has(key)) return undefined;
  const [oldest, value] = map.entries().next().value as [K, V];
  map.delete(oldest);
  return value;
}

/** The same for a limit, which is told. */
export function makeRoom<V>(f: Keeping, map: Map<number, V>, key: number, name: LimitName): V | undefined {
  const dropped = dropOldest(map, key, f.session.limits[name]);
  if (dropped !== undefined) tellLimit(f, name);
  return dropped;
}
