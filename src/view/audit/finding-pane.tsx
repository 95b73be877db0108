/** One finding: what was read and where, why it matters, and what to do. */
import type { FindingJson } from '../../index.js';
import { ObjectLink } from '../objects/object-link.js';
import { hostText } from '../parts/hosts.js';
import { Fact, FilterLink, FrameLink, ListSection, Pane, Some } from '../parts/pane.js';
import { many } from '../parts/words.js';
import { engine, go } from '../state.js';
import { useWhole } from '../whole.js';

export function FindingPane({ fingerprint }: { readonly fingerprint: string }) {
  const found = useWhole(() => engine.finding(fingerprint), fingerprint);
  if (found === null || found.fingerprint !== fingerprint) return <Pane label="Finding" />;
  const { rule, title, severity, confidence, count, why, fix, evidences, evidenceCount, covers } = found;
  return (
    <Pane label="Finding">
      <h2>
        <span class={`severity-${severity}`}>{severity}</span> {rule} {title}
      </h2>
      <section>
        <p>{why}</p>
        <h3>What to do</h3>
        <p>{fix}</p>
      </section>
      <ListSection title="What was read" of={evidences} item={(text) => text} />
      <dl>
        <Fact title="Read">
          {BASIS[confidence]}, {many(count, 'time')}
          {evidenceCount > evidences.length && `, of ${evidenceCount} kinds`}
        </Fact>
        <Fact title="Bytes">{found.bytes !== null && <Bytes bytes={found.bytes} />}</Fact>
        <Frames found={found} />
        <Hosts found={found} />
        <Fact title="Operations">
          {found.operations.length > 0 && <Some of={found.operations} most={8} between=", " item={(name) => name} />}
        </Fact>
        <Objects found={found} />
        <Fact title="Seen">{found.first === found.last ? found.first : `${found.first} … ${found.last}`}</Fact>
        <Fact title="See">
          {[...new Set([...found.references, ...found.cwe, ...found.attack.map((id) => `ATT&CK ${id}`)])].join(', ')}
        </Fact>
      </dl>
      <ListSection
        title="The same cause"
        of={covers}
        item={(other) => (
          <>
            <b>{other.rule}</b> {other.title}: {other.evidence}
          </>
        )}
      />
    </Pane>
  );
}

const BASIS: Readonly<Record<FindingJson['confidence'], string>> = {
  clear: 'in the clear',
  decrypted: 'in bytes that were decrypted',
  inferred: 'not, but concluded',
};

/** Leads to the bytes that show it, in their PDU. */
function Bytes({ bytes }: { readonly bytes: NonNullable<FindingJson['bytes']> }) {
  const show = async (): Promise<void> => {
    const found = await engine.placeOfBytes(bytes);
    if (found !== null) go({ view: 'packets', ...found });
  };
  return (
    <button type="button" class="link" title="Show these bytes" onClick={show}>
      {bytes.source} {bytes.offset}–{bytes.offset + bytes.length}
    </button>
  );
}

function Frames({ found: { places } }: { readonly found: FindingJson }) {
  return (
    <>
      {places.map(({ capture, frames, frameCount, exact }) => (
        <Fact key={capture} title="Frames">
          <Some of={frames} most={24} between=", " item={(frame) => <FrameLink frame={frame} />} />
          {frameCount > frames.length && ` and ${exact ? '' : 'at least '}${frameCount - frames.length} more`}
        </Fact>
      ))}
    </>
  );
}

function Hosts({ found }: { readonly found: FindingJson }) {
  const { peers, clients, clientCount, clientsExact, communityIds } = found;
  const named = clients.length === 0 ? [peers.client] : clients;
  const rest = clientCount - named.length;
  return (
    <>
      <Fact title={named.length === 1 ? 'Client' : 'Clients'}>
        <Some of={named} most={12} between=", " item={hostText} />
        {rest > 0 && ` and ${clientsExact ? '' : 'at least '}${rest} more`}
      </Fact>
      <Fact title="Server">
        {hostText(peers.server)}
        {peers.ports.length > 0 && `:${peers.ports.join(', ')}`}
      </Fact>
      <Fact title="Connections">
        <Some
          of={communityIds}
          most={8}
          between=", "
          item={(id) => (
            <FilterLink text={`communityid == "${id}"`} view="packets">
              {id}
            </FilterLink>
          )}
        />
      </Fact>
    </>
  );
}

function Objects({ found: { objects, objectCount } }: { readonly found: FindingJson }) {
  return (
    <>
      {objects.map((ids, at) => (
        <Fact key={at} title="Object">
          <ObjectWith ids={ids} />
        </Fact>
      ))}
      <Fact title="Objects">{objectCount > objects.length && `and ${objectCount - objects.length} more`}</Fact>
    </>
  );
}

function ObjectWith({ ids }: { readonly ids: FindingJson['objects'][number] }) {
  const item = useWhole(() => engine.objectWith(ids), ids);
  const text = [...told('OXID', ids.oxid), ...told('OID', ids.oid), ...told('IPID', ids.ipid)].join(', ');
  return <ObjectLink item={item}>{text}</ObjectLink>;
}

function told(name: string, id: string | undefined): string[] {
  return id === undefined ? [] : [`${name} ${id}`];
}
