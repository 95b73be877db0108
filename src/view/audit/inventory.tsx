/** What the capture exposes of the deployment: servers, classes, types, accounts. */
import { DataTable } from '../parts/data-table.js';
import { hostText } from '../parts/hosts.js';
import { engine } from '../state.js';
import { useWhole, WholeProgress } from '../whole.js';

export function InventoryTables() {
  const found = useWhole(() => engine.inventory());
  if (found === null) return <WholeProgress />;
  const { servers, classes, types, clrInstances, uris, accounts, conversations, complete } = found;
  const isEmpty = [servers, classes, types, clrInstances, uris, accounts, conversations].every((l) => l.length === 0);
  return (
    <div class="inventory">
      {isEmpty && <p>Nothing was seen of a deployment.</p>}
      {!complete && <p class="warning">Some lists had no room for all: not everything is named here.</p>}
      <Lists
        id="servers"
        caption="Servers"
        rows={servers}
        columns={[
          ['Address', (s) => [s.address].map(hostText)],
          ['Endpoints', (s) => s.endpoints],
          ['Tells', (s) => s.bindings],
          ['Interfaces', (s) => s.interfaces],
          ['COM', (s) => s.comVersions],
          ['Processes', (s) => s.processIds],
          ['Clients', (s) => s.clients.map(hostText)],
        ]}
      />
      <Lists
        id="classes"
        caption="Classes"
        rows={classes}
        columns={[
          ['Class', (c) => [c.name, c.clsid].filter((part) => part !== null)],
          ['Servers', (c) => c.servers.map(hostText)],
          ['Activated by', (c) => c.clients.map(hostText)],
        ]}
      />
      <Lists
        id="types"
        caption="Managed types"
        rows={types}
        columns={[
          ['Type', (t) => [t.name]],
          ['Assembly', (t) => [t.assembly, t.version].filter((part) => part !== null)],
          ['Strong name', (t) => (t.strongName === null ? [] : [t.strongName ? 'yes' : 'no'])],
          ['Seen', (t) => t.kinds],
          ['Hosts', (t) => t.hosts.map(hostText)],
          ['Interfaces', (t) => t.interfaces],
          ['URIs', (t) => t.uris],
        ]}
      />
      <Lists
        id="clrs"
        caption="CLR instances"
        rows={clrInstances}
        columns={[
          ['GUID', (c) => [c.guid]],
          ['Servers', (c) => c.servers.map(hostText)],
          ['Domains', (c) => c.domains],
        ]}
      />
      <Lists
        id="uris"
        caption="URIs"
        rows={uris}
        columns={[
          ['URI', (u) => [u.uri]],
          ['Hosts', (u) => u.hosts.map(hostText)],
        ]}
      />
      <Lists
        id="accounts"
        caption="Accounts"
        rows={accounts}
        columns={[
          ['User', (a) => [a.user]],
          ['Mechanisms', (a) => a.mechanisms],
          ['Levels', (a) => a.levels],
          ['From', (a) => a.clients.map(hostText)],
          ['To', (a) => a.servers.map(hostText)],
        ]}
      />
      <Lists
        id="talk"
        caption="Who talks to whom"
        rows={conversations}
        columns={[
          ['Client', (c) => [c.client].map(hostText)],
          ['Server', (c) => [c.server].map(hostText)],
          ['Calls by level', (c) => Object.entries(c.levels).map(([level, n]) => `${n} at ${level}`)],
        ]}
      />
    </div>
  );
}

/** Values of a cell that are shown. */
const MOST_IN_CELL = 40;

/** A table whose cells hold several values. */
function Lists<Row>(props: {
  readonly id: string;
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly columns: readonly (readonly [title: string, values: (row: Row) => readonly string[]])[];
}) {
  const { columns, ...rest } = props;
  const made = columns.map(([title, values]) => {
    const key = (row: Row): string => {
      const all = values(row);
      const more = all.length - MOST_IN_CELL;
      return all.slice(0, MOST_IN_CELL).join(', ') + (more > 0 ? ` and ${more} more` : '');
    };
    return { id: title, title, key };
  });
  return <DataTable {...rest} columns={made} />;
}
