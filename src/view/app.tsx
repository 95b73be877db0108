/** The page: head, filter, the view that was chosen, foot. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { NOWHERE, VIEWS, type View } from './address.js';
import { AuditView } from './audit/audit.js';
import { findingsBadge } from './audit/badge.js';
import { CallsView } from './calls/calls.js';
import { FilterBar } from './filter/filter-bar.js';
import { Find } from './find/find.js';
import { FlowView } from './flow/flow.js';
import { Foot } from './foot.js';
import { GoTo } from './go-to/go-to.js';
import { Help } from './help/help.js';
import { ObjectsView } from './objects/objects.js';
import { PacketsView } from './packets/packets.js';
import { Tabs } from './parts/tabs.js';
import { many } from './parts/words.js';
import { SaveButton } from './save/save.js';
import { SecretsButton } from './secrets/secrets.js';
import { go, offered, openFile, place, summary } from './state.js';
import { StatisticsView } from './statistics/statistics.js';

const TITLES: Readonly<Record<View, string>> = {
  packets: 'Packets',
  calls: 'Calls',
  flow: 'Flow',
  objects: 'Objects',
  statistics: 'Statistics',
  audit: 'Audit',
};

const BODIES: Readonly<Record<View, () => preact.JSX.Element>> = {
  packets: PacketsView,
  calls: CallsView,
  flow: FlowView,
  objects: ObjectsView,
  statistics: StatisticsView,
  audit: AuditView,
};

export function App() {
  useDropZone();
  const { view } = place.value;
  const Body = BODIES[view];
  const now = summary.value;
  useLayoutEffect(() => {
    document.title = [now?.name, TITLES[view], 'clrscope'].filter((part) => part !== undefined).join(' · ');
  }, [now?.name, view]);
  return (
    <div class="app" data-capture={now === null ? 'none' : now.isOver ? 'read' : 'reading'}>
      <header class="head">
        <h1>clrscope</h1>
        <CaptureName />
        <Tabs
          label="Views"
          tabs={VIEWS.map((id) => ({ id, title: TITLES[id], ...(id === 'audit' ? findingsBadge() : {}) }))}
          chosen={view}
          choose={(id) => go({ view: id, item: null })}
        />
        <OpenButton />
        <SecretsButton />
        <SaveButton />
      </header>
      <FilterBar />
      <main>
        <div role="tabpanel" class="view" aria-label={TITLES[view]}>
          {now === null ? <Welcome /> : <Body />}
        </div>
      </main>
      <Foot />
      <Help />
      <GoTo />
      <Find />
    </div>
  );
}

/** The capture that is open; where there are others, a list to choose from. */
function CaptureName() {
  const now = summary.value;
  const { view, filter, capture } = place.value;
  const isOwn = typeof capture === 'string';
  const others = offered.value;
  const frames = now === null ? '' : ` · ${many(now.frames, 'frame')}`;
  const name = now?.name ?? 'no capture';
  if (others.length < (isOwn ? 1 : 2))
    return (
      <span class="capture-name" title={name}>
        {name + frames}
      </span>
    );
  return (
    <span class="capture-name">
      <select
        aria-label="Captures"
        value={capture}
        onChange={({ currentTarget }) => go({ ...NOWHERE, view, filter, capture: Number(currentTarget.value) })}
      >
        {isOwn && <option value={capture}>{name}</option>}
        {others.map(({ name }, number) => (
          <option key={name} value={number}>
            {name}
          </option>
        ))}
      </select>
      {frames}
    </span>
  );
}

function Welcome() {
  return (
    <section class="welcome">
      <h2>Drop a capture here</h2>
      <p>pcap or pcapng, compressed or not. It is read in this page: nothing leaves the machine.</p>
    </section>
  );
}

function OpenButton() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        Open capture…
      </button>
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // the same one may be chosen again
          currentTarget.value = '';
          if (file !== undefined) openFile(file);
        }}
      />
    </>
  );
}

/** The whole page takes files that are dropped on it. */
function useDropZone(): void {
  useEffect(() => {
    const over = (e: DragEvent): void => e.preventDefault();
    const drop = (e: DragEvent): void => {
      e.preventDefault();
      const file = e.dataTransfer?.files[0];
      if (file !== undefined) openFile(file);
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, []);
}
