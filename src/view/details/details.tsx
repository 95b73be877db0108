/** The PDU that is chosen: its tree and its bytes, one thing seen twice. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { engine, place } from '../state.js';
import type { PduDetail } from '../worker/details.js';

export function Details() {
  const { pdu } = place.value;
  const detail = useSignal<PduDetail | null>(null);
  useEffect(() => {
    if (pdu === null) detail.value = null;
    else
      void engine.pdu(pdu).then((found) => {
        if (place.value.pdu === pdu) detail.value = found;
      });
  }, [pdu]);
  return <pre class="details">{detail.value === null ? '' : JSON.stringify(detail.value.json, null, 1)}</pre>;
}
