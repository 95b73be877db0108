/** What was learnt of objects as a whole, while none is chosen. */

import { endText, hostText } from '../parts/hosts.js';
import { Fact, FrameLink, ListSection, Pane, Some } from '../parts/pane.js';
import { many } from '../parts/words.js';
import { engine } from '../state.js';
import { useWhole } from '../whole.js';
import { ApartmentPart } from './apartment-part.js';
import type { ObjectRow } from './engine.js';

export function RestPane({ rows }: { readonly rows: readonly ObjectRow[] }) {
  const rest = useWhole(() => engine.objectsRest());
  const managed = rows.filter((r) => r.isManaged === true).length;
  const empty = rest?.apartments.filter(({ objects }) => objects === 0) ?? [];
  return (
    <Pane label="All objects">
      <h2>{rows.length === 0 ? 'No objects were seen' : many(rows.length, 'object')}</h2>
      <dl>
        <Fact title="Scope">the whole capture: a filter changes nothing here</Fact>
        <Fact title="Managed">{managed > 0 && String(managed)}</Fact>
        <Fact title="Apartments">{rest !== null && rest.apartments.length > 0 && String(rest.apartments.length)}</Fact>
      </dl>
      {rest !== null && (
        <>
          <ListSection
            title="Tried in vain"
            of={rest.unreached}
            item={({ client, server, syns, outcome, frames }) => (
              <>
                <b>{hostText(client.address)}</b> → {endText(place(server))}: {many(syns, 'SYN')},{' '}
                <span class="problem">{outcome}</span>
                <Frames of={frames} />
              </>
            )}
          />
          <ListSection
            title="Refused"
            of={rest.refusedBinds}
            item={({ client, server, interface: name, version, reason, count, frames }) => (
              <>
                <b>{hostText(client)}</b> → {endText(place(server))}: bind of {name} {version}:{' '}
                <span class="problem">{reason}</span>
                {count > 1 && `, ${count} times`}
                <Frames of={frames} />
              </>
            )}
          />
          <ListSection
            title="Left out"
            of={rest.warnings}
            item={({ message }) => <span class="warning">{message}</span>}
          />
          <Some of={empty} most={10} item={(apartment) => <ApartmentPart apartment={apartment} />} />
        </>
      )}
    </Pane>
  );
}

function Frames({ of }: { readonly of: readonly number[] }) {
  return (
    <small>
      {' '}
      in <Some of={of} most={6} between=", " item={(frame) => <FrameLink frame={frame} />} />
    </small>
  );
}

function place({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
