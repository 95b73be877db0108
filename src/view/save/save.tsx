/** The button "Save…": what is shown as files, and what is chosen. */
import { useSignal } from '@preact/signals';
import { proxy } from 'comlink';
import { safeName } from '../../index.js';
import { streamsOf } from '../object/streams.js';
import { Menu, type MenuItem, useMenu } from '../parts/menu.js';
import { engine, place, shown, summary } from '../state.js';
import { download } from './download.js';
import type { Saved } from './engine.js';
import './save.css';

/** Names of files behind that of the capture. */
const ENDINGS: Readonly<Record<Saved, string>> = {
  packets: 'pcapng',
  pdus: 'pdus.ndjson',
  calls: 'calls.ndjson',
};

export function SaveButton() {
  const [openMenu, menu] = useMenu(Menu);
  const share = useSignal<number | null>(null);
  const problem = useSignal('');
  const now = summary.value;
  /** Runs what takes its time, and says why it failed. */
  const run = async (make: () => Promise<void>): Promise<void> => {
    share.value = 0;
    problem.value = '';
    try {
      await make();
    } catch (e) {
      problem.value = `Not saved: ${e instanceof Error ? e.message : String(e)}`;
    }
    share.value = null;
  };
  const save = async (what: Saved): Promise<void> => {
    const file = await engine.save(
      what,
      proxy((part) => {
        if (share.value !== null) share.value = part;
      }),
    );
    download(nameOf(ENDINGS[what]), file);
  };
  const open = async (button: HTMLElement): Promise<void> => {
    const { left, bottom } = button.getBoundingClientRect();
    const { pdus, calls } = shown.value;
    const filter = place.value.filter.trim() !== '';
    const all = (what: string, n: number): string =>
      `${filter ? `The ${n} ${what} that are shown` : `All ${n} ${what}`}`;
    openMenu({
      label: 'Save',
      x: left,
      y: bottom,
      items: [
        {
          label: filter ? 'Packets that are shown, as pcapng' : 'All packets, as pcapng',
          run: () => void run(() => save('packets')),
        },
        { label: `${all('PDUs', pdus)}, as JSON lines`, run: () => void run(() => save('pdus')) },
        { label: `${all('calls', calls)}, as JSON lines`, run: () => void run(() => save('calls')) },
        ...(await chosenItems((make) => void run(make))),
      ],
    });
  };
  if (now === null) return null;
  return (
    <>
      <button
        type="button"
        aria-haspopup="menu"
        disabled={!now.isOver || share.value !== null}
        onClick={({ currentTarget }) => void open(currentTarget)}
      >
        Save…
      </button>
      {share.value !== null && <progress class="saving" aria-label="Saving" max={1} value={share.value} />}
      {problem.value !== '' && <span role="alert">{problem.value}</span>}
      {menu}
    </>
  );
}

/** What can be saved of the PDU that is chosen, and of its call. */
async function chosenItems(run: (make: () => Promise<void>) => void): Promise<(MenuItem | null)[]> {
  const { view, pdu } = place.value;
  const detail = view === 'packets' && pdu !== null ? await engine.pdu(pdu) : null;
  const call = view === 'packets' ? (pdu === null ? null : await engine.callOfPdu(pdu)) : place.value.call;
  const items: MenuItem[] = [];
  if (call !== null)
    items.push({
      label: `Call ${call} as test vectors`,
      run: () =>
        run(async () => {
          const lines = await engine.vectors(call);
          if (lines === '') throw new Error('neither its stubs nor a message of it were captured');
          download(nameOf(`call-${call}.vectors.jsonl`), new Blob([lines], { type: 'application/x-ndjson' }));
        }),
    });
  const streams = detail === null ? [] : streamsOf(detail);
  for (const [i, { bytes }] of streams.entries()) {
    const which = streams.length === 1 ? '' : ` ${i + 1}`;
    items.push({
      label: `NRBF stream${which} of PDU ${pdu}`,
      run: () => download(nameOf(`pdu-${pdu}${which === '' ? '' : `-${i + 1}`}.nrbf`), new Blob([bytes.slice()])),
    });
  }
  return items.length === 0 ? [] : [null, ...items];
}

/** A file's name, after that of the capture, which may come from anywhere. */
function nameOf(ending: string): string {
  return `${safeName((summary.value?.name ?? '').replace(/(\.(pcapng|pcap|cap|gz|zst))+$/i, ''))}.${ending}`;
}
