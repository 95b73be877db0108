/** Endpoints that answers and object references tell of, in string bindings (MS-DCOM 2.2.19.3). */
import { isAddress } from '../../src/core/address.js';
import { type StateStore, stateKey } from '../../src/core/context.js';

/** Endpoints of a capture that are kept: beyond them no more are learnt. */
const MOST = 4096;

/** TCP endpoints told of so far, addresses by port. */
export const ENDPOINTS = stateKey('dcom.endpoints', () => new Map<number, Set<string>>());
const COUNT = stateKey('dcom.endpoint-count', () => ({ known: 0 }));

/**
 * Remembers the endpoints of string bindings, written as `bindingText` does; one without a port tells of none.
 * @param server address of the host that told: a binding that names its host by name is taken for its own
 */
export function learnEndpoints(capture: StateStore, bindings: readonly string[], server: string): void {
  const endpoints = capture.get(ENDPOINTS);
  const count = capture.get(COUNT);
  for (const binding of bindings) {
    const [, host, port] = /^([^[\]\\]+)\[(\d{1,5})\]$/.exec(binding) ?? [];
    if (port === undefined || count.known >= MOST) continue;
    const address = isAddress(host) ? host.toLowerCase() : server;
    const addresses = endpoints.get(Number(port));
    if (addresses?.has(address)) continue;
    count.known++;
    if (addresses === undefined) endpoints.set(Number(port), new Set([address]));
    else addresses.add(address);
  }
}
