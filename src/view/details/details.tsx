/** The PDU that is chosen: its tree and its bytes, one thing seen twice. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ObjectPane } from '../object/object-pane.js';
import { Split } from '../parts/split.js';
import { Tabs } from '../parts/tabs.js';
import { engine, place, summary } from '../state.js';
import type { PduDetail } from '../worker/details.js';
import { AboutPdu } from './about.js';
import { BytesPane } from './bytes-pane.js';
import './details.css';
import { JsonPane } from './json-pane.js';
import { nodesOn, type PduNode } from './nodes.js';
import { PduTree } from './pdu-tree.js';
import { Warnings } from './warnings.js';

const TABS = [
  { id: 'tree', title: 'Tree' },
  { id: 'object', title: 'Object' },
  { id: 'json', title: 'JSON' },
] as const;

export function Details() {
  const detail = useDetail();
  const tab = useSignal<(typeof TABS)[number]['id']>('tree');
  const { node, bytes, pdu } = place.value;
  const found = useMemo(() => (bytes === null ? [] : markedAs(bytes, detail)), [detail, bytes, pdu]);
  if (detail === null) return <p class="nothing">Choose a PDU: its tree and its bytes stand here.</p>;
  const chosen = [...nodesOn(detail.json.tree, node), ...found];
  return (
    <Split of="tree" orientation="vertical" share={54}>
      <section class="pane" aria-label="PDU" data-pdu={detail.pdu}>
        <div class="bar">
          <Tabs
            label="PDU as"
            tabs={TABS}
            chosen={tab.value}
            choose={(id) => {
              tab.value = id;
            }}
          />
          <AboutPdu pdu={detail.pdu} boundIn={detail.boundIn} />
        </div>
        <Warnings detail={detail} />
        {tab.value === 'tree' && <PduTree detail={detail} />}
        {tab.value === 'object' && <ObjectPane detail={detail} />}
        {tab.value === 'json' && <JsonPane json={detail.json} />}
      </section>
      <BytesPane detail={detail} chosen={chosen} />
    </Split>
  );
}

/** Bytes that are marked instead of a node's (`Place`), as if they were a node below it; none where there are none. */
function markedAs(bytes: string, detail: PduDetail | null): PduNode[] {
  const [source, start, end] = bytes.split(/[:-]/).map(Number);
  // the place may be in a PDU that is still on its way
  const all = detail?.pdu === place.value.pdu ? detail?.sources[source]?.bytes : undefined;
  if (all === undefined || end > all.length) return [];
  const node = { name: '', label: 'Marked', value: null, display: '', children: [] };
  return end > start ? [{ ...node, source, offset: start, length: end - start }] : [];
}

/** The PDU of the address; the one before it until it is there. */
function useDetail(): PduDetail | null {
  const { pdu } = place.value;
  const detail = useSignal<PduDetail | null>(null);
  const wanted = useRef(pdu);
  const isAsking = useRef(false);
  wanted.current = pdu;
  useEffect(() => {
    // who goes through the list faster than they come sees where he stops
    const ask = async (): Promise<void> => {
      if (isAsking.current) return;
      isAsking.current = true;
      for (let found: number | null | undefined; found !== wanted.current; ) {
        found = wanted.current;
        detail.value = found === null ? null : await engine.pdu(found);
      }
      isAsking.current = false;
    };
    void ask();
    // secrets open what was sealed
  }, [pdu, summary.value?.isOver]);
  return detail.value;
}
