/** The apartment that an object lives in: where it is reached, by whom, and how its calls are protected. */

import { hostText } from '../parts/hosts.js';
import { Fact, FilterLink, Some } from '../parts/pane.js';
import { many } from '../parts/words.js';
import type { ApartmentFacts } from './engine.js';

export function ApartmentPart({ apartment: a }: { readonly apartment: ApartmentFacts }) {
  return (
    <section>
      <h3>Apartment</h3>
      <dl>
        <Fact title="Host">{hostText(a.server)}</Fact>
        <Fact title="OXID">
          {a.oxid === null ? (
            'nobody named it'
          ) : (
            <FilterLink text={`dcom.oxid == ${a.oxid}`} view="calls">
              {a.oxid}
            </FilterLink>
          )}
        </Fact>
        <Fact title="Process">
          {a.processId !== null &&
            `${a.processId}, ${a.kind}${a.threadId === null ? '' : `, thread ${a.threadId}`}, as its IPIDs say`}
        </Fact>
        <Fact title="Reached at">{a.bindings.join(', ')}</Fact>
        <Fact title="Ports">{a.ports.join(', ')}</Fact>
        <Fact title="Offers">{a.securityBindings.join(', ')}</Fact>
        <Fact title="Wants">{a.authnHint}</Fact>
        <Fact title="COM">{a.comVersion}</Fact>
        <Fact title="IRemUnknown">
          {a.remUnknown && `${a.remUnknown.interface ?? ''} ${a.remUnknown.ipid}, ${many(a.remUnknown.calls, 'call')}`}
        </Fact>
        <Fact title="Security">
          {a.security.length > 0 && (
            <Some
              of={a.security}
              most={6}
              between=", "
              item={({ type, level, user, calls }) => (
                <span class={type === null ? 'warning' : undefined}>
                  {many(calls, 'call')} with{' '}
                  {type === null ? 'no authentication' : `${type} ${level}${user === null ? '' : ` as ${user}`}`}
                </span>
              )}
            />
          )}
        </Fact>
        <Fact title="Clients">
          {a.clients.length > 0 && (
            <Some
              of={a.clients}
              most={6}
              between=", "
              item={({ address, calls, crosses }) =>
                `${many(calls, 'call')} from ${hostText(address)}, ${crosses === 'none' ? 'within the apartment' : `across ${crosses}`}`
              }
            />
          )}
        </Fact>
      </dl>
    </section>
  );
}
