/** The objects of the capture, and beside them the one that is chosen. */
import { useMemo } from 'preact/hooks';
import { Grid, type GridColumn } from '../parts/grid.js';
import { hostText } from '../parts/hosts.js';
import { inOrder, type SortKey, sortBy, sortedOf } from '../parts/sorting.js';
import { Split } from '../parts/split.js';
import { engine, go, place } from '../state.js';
import { useWhole, WholeProgress } from '../whole.js';
import type { ObjectRow } from './engine.js';
import { ObjectPane } from './object-pane.js';
import { RestPane } from './rest-pane.js';

interface Column extends GridColumn<ObjectRow> {
  readonly key: SortKey<ObjectRow>;
}

const COLUMNS: readonly Column[] = [
  { ...text('server', 'Host', '9rem', (r) => hostText(r.server)), spare: 8 },
  { ...text('apartment', 'Apartment', '12rem', (r) => r.apartment), spare: 1 },
  text('object', 'Object', '12.75rem', (r) => r.id ?? 'without a known OID'),
  text('class', 'Class', '7.5rem', (r) => r.what),
  {
    ...text('managed', 'Managed', '6.5rem', (r) => (r.isManaged === null ? null : r.isManaged ? 'yes' : 'no')),
    spare: 6,
  },
  { ...number('calls', 'Calls', '4.5rem', (r) => r.calls), spare: 7 },
  text('way', 'Way taken', '16rem', (r) => r.way),
  { ...text('identity', 'Identity', '12rem', (r) => r.identity), spare: 5 },
  {
    ...number('references', 'References', '9rem', (r) => r.references?.held ?? null),
    spare: 4,
    cell: ({ references: r }) => (r === null ? '' : `${r.given} − ${r.back}, ${r.held} held`),
  },
  {
    ...number('made', 'Lifetime', '10rem', (r) => r.made?.request ?? r.made?.response ?? null),
    spare: 3,
    cell: ({ made, released }) => `${frames(made)} … ${released === null ? '' : frames(released)}`,
  },
  { ...text('remoting', 'Remoting', '16rem', (r) => r.remoting), spare: 2 },
];

const KEYS = Object.fromEntries(COLUMNS.map(({ id, key }) => [id, key]));

export function ObjectsView() {
  const { item, sort } = place.value;
  const rows = useWhole(() => engine.objectRows());
  const sorted = useMemo(() => inOrder(rows ?? [], KEYS, sortedOf(sort)), [rows, sort]);
  if (rows === null) return <WholeProgress />;
  const chosen = sorted.findIndex((row) => row.item === item);
  return (
    <Split of="objects" orientation="vertical" share={66}>
      <Grid
        label="Objects"
        columns={COLUMNS}
        count={sorted.length}
        row={(at) => sorted[at]}
        attributes={({ item: name, failed }) => ({ 'data-object': name, class: failed > 0 ? 'failed' : '' })}
        chosen={chosen}
        choose={(_at, row) => row && go({ item: row.item }, item !== null)}
        sort={sortBy}
        sorted={sortedOf(sort)}
      />
      {item === null || chosen < 0 ? <RestPane rows={rows} /> : <ObjectPane item={item} />}
    </Split>
  );
}

function text(id: string, title: string, width: string, key: (row: ObjectRow) => string | null): Column {
  return { id, title, width, key, cell: key };
}

function number(id: string, title: string, width: string, key: (row: ObjectRow) => number | null): Column {
  return { id, title, width, key, isNumber: true, cell: key };
}

function frames(sight: ObjectRow['made']): string {
  return sight === null ? '?' : `${sight.request ?? '?'}→${sight.response ?? '?'}`;
}
