/** All that is known of one object, and the ways from it to its calls. */

import { hostText } from '../parts/hosts.js';
import { AllFrames, Fact, FilterLink, FramesLink, ListSection, Pane } from '../parts/pane.js';
import { many } from '../parts/words.js';
import { engine } from '../state.js';
import { useWhole } from '../whole.js';
import { ApartmentPart } from './apartment-part.js';
import type { ObjectDetail } from './engine.js';
import { Pointers } from './pointers.js';
import { RemotingPart } from './remoting-part.js';

type ComObject = NonNullable<ObjectDetail['object']>;

/** @param item as `ObjectRow` calls it */
export function ObjectPane({ item }: { readonly item: string }) {
  const detail = useWhole(() => engine.object(item), item);
  if (detail === null || detail.item !== item) return <Pane label="Object" />;
  const { object, apartment, remoting, filter } = detail;
  return (
    <Pane label="Object">
      <h2>
        {object === null ? remoting?.uri : `Object ${object.oid ?? 'without a known OID'}`} <small>{detail.what}</small>
      </h2>
      {filter !== null && (
        <p class="actions">
          <FilterLink text={filter} view="calls">
            Its calls
          </FilterLink>
          <FilterLink text={filter} view="flow">
            Flow
          </FilterLink>
          <FilterLink text={filter} view="packets">
            Packets
          </FilterLink>
        </p>
      )}
      {object !== null && <ComPart object={object} serialized={detail.serialized} />}
      {remoting !== null && <RemotingPart of={remoting} title=".NET remoting" />}
      {apartment !== null && <ApartmentPart apartment={apartment} />}
    </Pane>
  );
}

function ComPart({ object: o, serialized }: { readonly object: ComObject } & Pick<ObjectDetail, 'serialized'>) {
  return (
    <>
      <dl>
        <Fact title="Class">{o.clsid !== null && o.className !== null ? `${o.className}, ${o.clsid}` : o.clsid}</Fact>
        <Fact title="Made">
          {o.created && (
            <>
              by {o.created.operation} in <FramesLink frames={o.created} /> for {hostText(o.created.client)}
            </>
          )}
        </Fact>
        <Fact title="Managed">{o.managed === null ? 'not known' : o.managed ? 'yes' : 'no: a COM object'}</Fact>
        <Fact title="Released">{o.released && <FramesLink frames={o.released} />}</Fact>
      </dl>
      <ListSection
        title="Identity"
        of={o.identities}
        item={({ clr, appDomainId, ccw, frames }) => (
          <>
            CLR {clr ?? 'unknown'}, domain {appDomainId}
            {ccw !== null && `, CCW ${[ccw.value, ...ccw.alternatives.map((a) => a.value)].join(' or ')}`}{' '}
            <AllFrames of={frames} />
          </>
        )}
      />
      <ListSection
        title="Serialized"
        of={serialized}
        item={({ form, text, length, frames }) => (
          <>
            {form === 'unreadable' && <span class="warning">not readable: </span>}
            {text} <small>{many(length, 'byte')}</small> <AllFrames of={frames} />
          </>
        )}
      />
      {o.componentInfo !== null && <Component info={o.componentInfo} />}
      <ListSection
        title="Way taken"
        of={o.ways}
        item={({ client, text, steps }) => (
          <>
            <b>{hostText(client)}</b>: {text} <AllFrames of={steps.map(({ frames }) => frames)} />
          </>
        )}
      />
      {o.remoting.map((r) => (
        <RemotingPart key={`${r.server} ${r.uri}`} of={r} title="Its proxy" />
      ))}
      <Pointers of={o.interfacePointers} />
      <ListSection
        title="Interfaces that it does not have"
        of={o.refused}
        item={({ interface: name, hresult, count, frames }) => (
          <>
            {name} <span class="problem">{hresult.name}</span> {count > 1 && `${count} times `}
            <AllFrames of={frames} />
          </>
        )}
      />
      <ListSection
        title="Kept alive"
        of={o.pings}
        item={({ client, set, added, removed }) => (
          <>
            pinged by {hostText(client)} in set {set}
            {added !== null && (
              <>
                {' '}
                from <FramesLink frames={added} /> on
              </>
            )}
            {removed !== null && (
              <>
                , no longer from <FramesLink frames={removed} /> on
              </>
            )}
          </>
        )}
      />
    </>
  );
}

function Component({ info }: { readonly info: NonNullable<ComObject['componentInfo']> }) {
  const { processId, appDomain, uri, others, frames } = info;
  return (
    <section>
      <h3>Component</h3>
      <dl>
        <Fact title="Process">{processId}</Fact>
        <Fact title="Domain">{appDomain}</Fact>
        <Fact title="URI">{uri}</Fact>
        {others.map(({ name, value, seen }, at) => (
          <Fact key={at} title="Another answer">
            <span class="warning">
              {name} {value}
            </span>{' '}
            <AllFrames of={[seen]} />
          </Fact>
        ))}
        <Fact title="Told">
          <AllFrames of={frames} />
        </Fact>
      </dl>
    </section>
  );
}
