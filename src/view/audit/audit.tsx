/** What is found about the deployment, and what the capture exposes of it. */
import { useMemo } from 'preact/hooks';
import { Grid, type GridColumn } from '../parts/grid.js';
import { inOrder, type SortKey, sortBy, sortedOf } from '../parts/sorting.js';
import { Split } from '../parts/split.js';
import { Tabs } from '../parts/tabs.js';
import { engine, go, place } from '../state.js';
import { useWhole, WholeProgress } from '../whole.js';
import { SEVERITIES } from './badge.js';
import type { FindingRow } from './engine.js';
import { FindingPane } from './finding-pane.js';
import { InventoryTables } from './inventory.js';
import { LookedPane } from './looked-pane.js';
import './audit.css';

interface Column extends GridColumn<FindingRow> {
  readonly key: SortKey<FindingRow>;
}

const COLUMNS: readonly Column[] = [
  {
    ...{ id: 'severity', title: 'Severity', width: '6rem' },
    cell: ({ severity }) => <b class={`severity-${severity}`}>{severity}</b>,
    key: ({ severity }) => SEVERITIES.indexOf(severity),
  },
  text('rule', 'Rule', '7.5rem', (r) => r.rule),
  text('title', 'Finding', 'minmax(18rem, 1fr)', (r) => r.title),
  { ...text('where', 'Where', '18rem', (r) => r.where), spare: 3 },
  { id: 'count', title: 'Times', width: '5rem', spare: 4, isNumber: true, cell: (r) => r.count, key: (r) => r.count },
  { ...text('confidence', 'Confidence', '7rem', (r) => r.confidence), spare: 2 },
  { ...text('evidence', 'What was read', '24rem', (r) => r.evidence), spare: 1 },
];

const KEYS = Object.fromEntries(COLUMNS.map(({ id, key }) => [id, key]));

/** In the address, what is chosen where it is no finding. */
const INVENTORY = 'inventory';

export function AuditView() {
  const { item } = place.value;
  return (
    <div class="audit">
      <Tabs
        label="Parts of the audit"
        tabs={[
          { id: 'findings', title: 'Findings' },
          { id: INVENTORY, title: 'Inventory' },
        ]}
        chosen={item === INVENTORY ? INVENTORY : 'findings'}
        choose={(id) => go({ item: id === INVENTORY ? INVENTORY : null })}
      />
      {item === INVENTORY ? <InventoryTables /> : <Findings item={item} />}
    </div>
  );
}

function Findings({ item }: { readonly item: string | null }) {
  const { sort } = place.value;
  const found = useWhole(() => engine.findingRows());
  const rows = useMemo(() => inOrder(found?.rows ?? [], KEYS, sortedOf(sort)), [found, sort]);
  if (found === null) return <WholeProgress />;
  const chosen = rows.findIndex(({ fingerprint }) => fingerprint === item);
  return (
    <Split of="findings" orientation="vertical" share={60}>
      <Grid
        label="Findings"
        columns={COLUMNS}
        count={rows.length}
        row={(at) => rows[at]}
        attributes={({ rule }) => ({ 'data-rule': rule })}
        chosen={chosen}
        choose={(_at, row) => row && go({ item: row.fingerprint }, item !== null)}
        sort={sortBy}
        sorted={sortedOf(sort)}
      />
      {item === null || chosen < 0 ? <LookedPane {...found} /> : <FindingPane fingerprint={item} />}
    </Split>
  );
}

function text(id: string, title: string, width: string, key: (row: FindingRow) => string): Column {
  return { id, title, width, key, cell: key };
}
