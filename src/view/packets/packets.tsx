/** The list of PDUs, and below it the one that is chosen: its tree and its bytes. */
import { useComputed } from '@preact/signals';
import { rowText } from '../copy/row-text.js';
import { useCopy } from '../copy/use-copy.js';
import { Details } from '../details/details.js';
import { followConnection } from '../follow/follow.js';
import { PduMenu } from '../follow/menus.js';
import { useChosenPlace } from '../parts/chosen.js';
import { Grid, type GridColumn } from '../parts/grid.js';
import { type Key, useKeys } from '../parts/keys.js';
import { useMenu } from '../parts/menu.js';
import { useRows } from '../parts/rows.js';
import { SaysLine } from '../parts/says.js';
import { Split } from '../parts/split.js';
import { since } from '../parts/words.js';
import { edition, engine, go, place, shown } from '../state.js';
import type { PduRow } from '../worker/pdu-rows.js';
import './packets.css';
import { endText } from '../parts/hosts.js';

const COLUMNS: readonly GridColumn<PduRow>[] = [
  { id: 'frame', title: 'Frame', width: '5rem', isNumber: true, cell: (r) => r.frame },
  { id: 'time', title: 'Time', width: '6rem', spare: 1, isNumber: true, cell: (r) => since(r.time) },
  { id: 'source', title: 'Source', width: '13rem', spare: 3, cell: (r) => endText(r.source) },
  { id: 'destination', title: 'Destination', width: '13rem', spare: 4, cell: (r) => endText(r.destination) },
  { id: 'pdu', title: 'PDU', width: '11rem', spare: 2, cell: (r) => r.type },
  {
    id: 'says',
    title: 'What it says',
    width: 'minmax(24rem, 1fr)',
    cell: (r) => (r.says ? <SaysLine says={r.says} /> : <code>{r.told}</code>),
  },
];

export function PacketsView() {
  const { pdu } = place.value;
  const row = useRows<PduRow>((from, to) => engine.pduRows(from, to), edition.value);
  const chosen = useChosenPlace(pdu, (one) => engine.placeOfPdu(one), edition.value);
  const choose = async (at: number, known: PduRow | undefined): Promise<void> => {
    chosen.value = at;
    const [found] = known === undefined ? await engine.pduRows(at, at + 1) : [known];
    if (found !== undefined && chosen.value === at) goTo(found.pdu);
  };
  const chosenCall = useComputed(() => (chosen.value < 0 ? null : (row(chosen.value)?.call ?? null)));
  const [openMenu, menu] = useMenu(PduMenu);
  useKeys('Packets', KEYS);
  useCopy('Packets', () => rowText('Packets'));
  return (
    <>
      <Split of="list" orientation="horizontal" share={44}>
        <Grid
          label="Packets"
          columns={COLUMNS}
          count={shown.value.pdus}
          row={row}
          attributes={(r) => ({ 'data-frame': r.frame, class: classOf(r, chosenCall.value) })}
          chosen={chosen.value}
          choose={choose}
          menu={(row, column, x, y) => openMenu({ row, column, x, y })}
        />
        <Details />
      </Split>
      {menu}
    </>
  );
}

/** Where one goes from row to row is one step of Back. */
function goTo(pdu: number): void {
  if (pdu !== place.value.pdu) go({ pdu, node: null }, place.value.pdu !== null);
}

function classOf({ failed, half, call }: PduRow, chosenCall: number | null): string {
  const pair = call !== null && call === chosenCall ? `pair ${half}` : '';
  return `${failed ? 'failed' : ''} ${half === null ? 'aside' : ''} ${pair}`.trim();
}

/** Goes to another PDU of the call of the one that is chosen. */
async function goInCall(where: 'before' | 'behind'): Promise<void> {
  const { pdu } = place.value;
  if (pdu === null) return;
  const { [where]: other } = await engine.neighbours(pdu);
  if (other !== 0) goTo(other);
}

/** Goes to the row that lies `by` behind the chosen one, of those that are shown. */
async function goBy(by: number): Promise<void> {
  const { pdu } = place.value;
  const at = (pdu === null ? -1 : await engine.placeOfPdu(pdu)) + by;
  const [found] = await engine.pduRows(Math.max(at, 0), Math.max(at, 0) + 1);
  if (found !== undefined) goTo(found.pdu);
}

let steps: Promise<void> = Promise.resolve();

/** Goes on from where the last step led, however fast keys are pressed. */
function step(go: () => Promise<void>): void {
  steps = steps.then(go);
}

/** Wireshark's: there, too, a conversation is what Ctrl+. goes along. */
const KEYS: readonly Key[] = [
  { key: 'Ctrl+.', says: 'next PDU of the call', run: () => step(() => goInCall('behind')) },
  { key: 'Ctrl+,', says: 'previous PDU of the call', run: () => step(() => goInCall('before')) },
  { key: 'Ctrl+ArrowDown', says: 'next PDU', run: () => step(() => goBy(1)) },
  { key: 'Ctrl+ArrowUp', says: 'previous PDU', run: () => step(() => goBy(-1)) },
  // Wireshark follows a TCP stream by it
  { key: 'Ctrl+Alt+T', says: 'follow the connection (with Shift)', run: () => void followConnection() },
  { key: 'Ctrl+c', says: 'copy what is chosen: a row, a node, bytes' },
  { key: 'F8', says: 'next PDU', run: () => step(() => goBy(1)) },
  { key: 'F7', says: 'previous PDU', run: () => step(() => goBy(-1)) },
];
