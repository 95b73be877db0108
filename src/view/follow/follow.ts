/** Follow: a filter leaves what belongs together with a PDU. */
import type { MenuItem } from '../parts/menu.js';
import { engine, go, place } from '../state.js';

/** Follows the connection of the PDU that is chosen. */
export async function followConnection(): Promise<void> {
  const { pdu } = place.value;
  const found = pdu === null ? [] : await engine.followed(pdu);
  const filter = found.find(({ what }) => what === 'connection')?.filter;
  if (filter !== undefined) go({ filter });
}

/** Leaves what a filter matches, and whatever else belongs to the calls of that: who is asked does not say what he was asked. */
export async function followWhole(filter: string): Promise<void> {
  go({ filter: await engine.wholeCalls(filter) });
}

/** Items that follow the connection, the object and the causality id of a PDU. */
export async function followItems(pdu: number): Promise<MenuItem[]> {
  return (await engine.followed(pdu)).map(({ what, filter }) => ({
    label: `Follow ${what}: ${filter}`,
    run: () => void (what === 'connection' ? go({ filter }) : followWhole(filter)),
  }));
}
