/** The list of calls, and beside it the one that is chosen. */
import { rowText } from '../copy/row-text.js';
import { useCopy } from '../copy/use-copy.js';
import { CallMenu } from '../follow/menus.js';
import { useChosenPlace } from '../parts/chosen.js';
import { Grid, type GridColumn } from '../parts/grid.js';
import { endText } from '../parts/hosts.js';
import { useMenu } from '../parts/menu.js';
import { useRows } from '../parts/rows.js';
import { SaysLine } from '../parts/says.js';
import { sortBy, sortedOf } from '../parts/sorting.js';
import { Split } from '../parts/split.js';
import { since } from '../parts/words.js';
import { edition, engine, go, place, shown, summary } from '../state.js';
import type { CallRow } from '../worker/call-rows.js';
import { CallPane } from './call-pane.js';
import { framesText, outcomeText, seconds } from './texts.js';

const COLUMNS: readonly GridColumn<CallRow>[] = [
  { id: 'call', title: 'Call', width: '4.5rem', isNumber: true, cell: (r) => r.call },
  { id: 'frames', title: 'Frames', width: '7rem', spare: 1, cell: framesText },
  { id: 'time', title: 'Time', width: '6rem', spare: 4, isNumber: true, cell: (r) => since(r.time) },
  { id: 'duration', title: 'Duration', width: '6.5rem', spare: 2, isNumber: true, cell: (r) => seconds(r.duration) },
  { id: 'client', title: 'Client', width: '11rem', spare: 3, cell: (r) => endText(r.client) },
  { id: 'server', title: 'Server', width: '11rem', spare: 5, cell: (r) => endText(r.server) },
  { id: 'says', title: 'What was called', width: 'minmax(20rem, 1fr)', cell: (r) => <SaysLine says={r.says} /> },
  { id: 'outcome', title: 'Outcome', width: '7.5rem', cell: outcomeText },
];

export function CallsView() {
  const { call } = place.value;
  // while they come, they stand as they come
  const sort = summary.value?.isOver ? place.value.sort : null;
  const row = useRows<CallRow>((from, to) => engine.callRows(from, to, sort), `${edition.value} ${sort}`);
  const chosen = useChosenPlace(call, (one) => engine.placeOfCall(one, sort), `${edition.value} ${sort}`);
  const choose = async (at: number, known: CallRow | undefined): Promise<void> => {
    chosen.value = at;
    const [found] = known === undefined ? await engine.callRows(at, at + 1, sort) : [known];
    if (found !== undefined && chosen.value === at) go({ call: found.call }, place.value.call !== null);
  };
  const [openMenu, menu] = useMenu(CallMenu);
  useCopy('Calls', () => rowText('Calls'));
  return (
    <>
      <Split of="list" orientation="vertical" share={72}>
        <Grid
          label="Calls"
          columns={COLUMNS}
          count={shown.value.calls}
          row={row}
          attributes={(r) => ({ 'data-call': r.call, class: r.failed ? 'failed' : '' })}
          chosen={chosen.value}
          choose={choose}
          open={(_at, r) => void toPdu(r.call)}
          sort={sortBy}
          sorted={sortedOf(sort)}
          menu={(row, column, x, y) => openMenu({ row, column, x, y })}
        />
        {call === null ? null : <CallPane />}
      </Split>
      {menu}
    </>
  );
}

/** Goes to the first PDU of a call. */
export async function toPdu(call: number): Promise<void> {
  const pdu = await engine.firstPdu(call);
  if (pdu !== null) go({ view: 'packets', call, pdu, node: null });
}
