/** The list of PDUs, and below it the one that is chosen: its tree and its bytes. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Details } from '../details/details.js';
import { Grid, type GridColumn } from '../parts/grid.js';
import { useRows } from '../parts/rows.js';
import { SaysLine } from '../parts/says.js';
import { edition, engine, go, place, shown } from '../state.js';
import type { PduRow } from '../worker/pdu-rows.js';

const COLUMNS: readonly GridColumn<PduRow>[] = [
  { id: 'frame', title: 'Frame', width: '5rem', isNumber: true, cell: (r) => r.frame },
  { id: 'time', title: 'Time', width: '6rem', isNumber: true, cell: (r) => r.time.toFixed(3) },
  { id: 'source', title: 'Source', width: '11rem', cell: (r) => r.source },
  { id: 'destination', title: 'Destination', width: '11rem', cell: (r) => r.destination },
  { id: 'pdu', title: 'PDU', width: '8rem', cell: (r) => r.type },
  { id: 'says', title: 'What it says', width: '1fr', cell: (r) => (r.says ? <SaysLine says={r.says} /> : r.told) },
];

export function PacketsView() {
  const { pdu } = place.value;
  const row = useRows<PduRow>((from, to) => engine.pduRows(from, to), edition.value);
  const chosen = useSignal(-1);
  useEffect(() => {
    if (pdu === null) chosen.value = -1;
    else void engine.placeOfPdu(pdu).then((at) => (chosen.value = at));
  }, [pdu, edition.value]);
  return (
    <div class="packets">
      <Grid
        label="Packets"
        columns={COLUMNS}
        count={shown.value.pdus}
        row={row}
        attributes={(r) => ({ 'data-frame': r.frame, class: r.failed ? 'failed' : r.half === null ? 'aside' : '' })}
        chosen={chosen.value}
        choose={(_at, r) => r && go({ pdu: r.pdu, node: null }, place.value.pdu !== null)}
      />
      <Details />
    </div>
  );
}
