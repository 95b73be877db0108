/** The tables of `stats`. Rows lead to their calls where a filter tells these from others. */
import type { ComponentChildren } from 'preact';
import { DataTable, type TableColumn } from '../parts/data-table.js';
import { endText, hostText } from '../parts/hosts.js';
import { DateTime, FilterLink } from '../parts/pane.js';
import { span } from '../parts/words.js';
import type { Statistics } from './engine.js';

type Row<T extends 'conversations' | 'security' | 'interfaces' | 'operations' | 'hresults' | 'faults'> =
  Statistics[T][number];

export function Tables({ of: s }: { readonly of: Statistics }) {
  return (
    <>
      <DataTable id="conversations" caption="Conversations" rows={s.conversations} columns={CONVERSATIONS} />
      <DataTable id="security" caption="Connections by authentication" rows={s.security} columns={SECURITY} />
      <DataTable id="interfaces" caption="Interfaces" rows={s.interfaces} columns={INTERFACES} />
      <DataTable id="operations" caption="Operations" rows={s.operations} columns={OPERATIONS} />
      <DataTable id="hresults" caption="Results other than S_OK" rows={s.hresults} columns={HRESULTS} />
      <DataTable id="faults" caption="Faults" rows={s.faults} columns={FAULTS} />
    </>
  );
}

interface Leading {
  readonly filter: string | null;
}

/** A column whose cells lead to the row's calls. */
function leading<R extends Leading>(id: string, title: string, key: (row: R) => string): TableColumn<R> {
  const cell = (row: R): ComponentChildren =>
    row.filter === null ? (
      key(row)
    ) : (
      <FilterLink text={row.filter} view="calls">
        {key(row)}
      </FilterLink>
    );
  return { id, title, key, cell };
}

function number<R>(id: string, title: string, key: (row: R) => number): TableColumn<R> {
  return { id, title, key, isNumber: true };
}

function time<R>(id: string, title: string, key: (row: R) => number | null): TableColumn<R> {
  return { id, title, key, isNumber: true, cell: (row) => span(key(row)) };
}

function tally<R extends Row<'conversations'> | Row<'interfaces'>>(): TableColumn<R>[] {
  return [
    number('calls', 'Calls', (r) => r.calls),
    number('failed', 'Failed', (r) => r.failed),
    number('faults', 'Faults', (r) => r.faults),
    number('unanswered', 'Without an answer', (r) => r.unanswered),
    number('in', 'Bytes in', (r) => r.bytes.in),
    number('out', 'Bytes out', (r) => r.bytes.out),
  ];
}

function times<R extends Row<'interfaces'>>(): TableColumn<R>[] {
  return [
    time('min', 'Min', (r) => r.times.min),
    time('median', 'Median', (r) => r.times.median),
    time('p95', '95 %', (r) => r.times.p95),
    time('max', 'Max', (r) => r.times.max),
  ];
}

const CONVERSATIONS: readonly TableColumn<Row<'conversations'>>[] = [
  leading('client', 'Client', (c) => hostText(c.client)),
  {
    id: 'server',
    title: 'Server',
    key: (c) => endText(`${c.server.includes(':') ? `[${c.server}]` : c.server}:${c.port}`),
  },
  { id: 'transport', title: 'Transport', key: (c) => c.transport },
  { id: 'auth', title: 'Authentication', key: (c) => authText(c.auth) },
  number('connections', 'Connections', (c) => c.connections),
  ...tally<Row<'conversations'>>(),
  { id: 'first', title: 'First', key: (c) => c.first, cell: (c) => <DateTime time={c.first} /> },
  { id: 'last', title: 'Last', key: (c) => c.last, cell: (c) => <DateTime time={c.last} /> },
];

const SECURITY: readonly TableColumn<Row<'security'>>[] = [
  leading<Row<'security'>>('auth', 'Authentication', authText),
  number('connections', 'Connections', (s) => s.connections),
  number('calls', 'Calls', (s) => s.calls),
];

const INTERFACES: readonly TableColumn<Row<'interfaces'>>[] = [
  leading('interface', 'Interface', (i) => i.interface ?? 'unknown'),
  ...tally<Row<'interfaces'>>(),
  ...times<Row<'interfaces'>>(),
];

const OPERATIONS: readonly TableColumn<Row<'operations'>>[] = [
  leading('operation', 'Operation', (o) => `${o.interface ?? 'unknown'}.${o.operation ?? '(unknown operation)'}`),
  ...tally<Row<'operations'>>(),
  ...times<Row<'operations'>>(),
  { id: 'spread', title: 'Spread', key: (o) => o.times.median, cell: (o) => <Spread of={o} /> },
];

const HRESULTS: readonly TableColumn<Row<'hresults'>>[] = [
  leading('code', 'Code', (h) => h.code),
  { id: 'name', title: 'Name', key: (h) => h.name },
  { id: 'exception', title: 'Exception', key: (h) => h.exception },
  number('count', 'Count', (h) => h.count),
];

const FAULTS: readonly TableColumn<Row<'faults'>>[] = [
  leading('status', 'Status', (f) => f.status),
  { id: 'name', title: 'Name', key: (f) => f.name },
  number('count', 'Count', (f) => f.count),
];

function authText({ type, level }: { readonly type: string | null; readonly level: string }): string {
  return type === null ? 'none' : `${type} ${level}`;
}

/** How an operation's times are spread between the least and the greatest of all. */
function Spread({ of: { picture, times: t, operation } }: { readonly of: Row<'operations'> }) {
  const most = Math.max(1, ...picture);
  const label = `${operation ?? 'operation'}: ${span(t.min)} to ${span(t.max)}, median ${span(t.median)}`;
  return (
    <svg class="spread" role="img" aria-label={label} viewBox={`0 0 ${picture.length * 6} 16`}>
      {picture.map((n, at) =>
        n === 0 ? null : <rect key={at} x={at * 6} width={5} y={16 - (n / most) * 16} height={(n / most) * 16} />,
      )}
    </svg>
  );
}
