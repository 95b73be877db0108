/** The call that is chosen: who asked whom for what, what came of it, and the ways from here to its PDUs and friends. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { connectionFilter } from '../filter/row-filters.js';
import { followWhole } from '../follow/follow.js';
import { ObjectOfCall } from '../objects/object-link.js';
import { DateTime, Fact, FilterLink, Pane } from '../parts/pane.js';
import { SaysLine } from '../parts/says.js';
import { edition, engine, go, place } from '../state.js';
import type { CallDetail } from './engine.js';
import { outcomeText, seconds } from './texts.js';
import { Values } from './values.js';
import './call-pane.css';
import { endText } from '../parts/hosts.js';

export function CallPane() {
  const { call } = place.value;
  const detail = useSignal<CallDetail | null>(null);
  useEffect(() => {
    if (call === null) detail.value = null;
    else
      void engine.call(call).then((found) => {
        if (found !== null && place.value.call === call) detail.value = found;
      });
  }, [call, edition.value]);
  const now = detail.value;
  if (now === null)
    return (
      <Pane label="Call">
        <p class="waits">Choose a call: its arguments and its result stand here.</p>
      </Pane>
    );
  return (
    <Pane label="Call">
      <div class={now.row.call === call ? undefined : 'stale'}>
        <h2>
          Call {now.row.call} <SaysLine says={now.row.says} />
        </h2>
        <Facts detail={now} />
        <Parameters detail={now} />
        <Pdus detail={now} />
      </div>
    </Pane>
  );
}

function Facts({ detail: { row, json } }: { readonly detail: CallDetail }) {
  const { auth, apartment, hresult, fault } = json;
  const { oxid = null, crosses, caller } = apartment ?? {};
  const secured = [auth.type, auth.level, auth.user, auth.decrypted === false ? 'sealed' : null];
  return (
    <dl>
      <Fact title="Outcome">
        <span class={row.failed ? 'problem' : undefined}>{outcomeText(row)}</span>
        {hresult !== null && ` · ${hresult.code} ${hresult.name}`}
        {fault !== null && ` · ${fault.status} ${fault.name}`}
      </Fact>
      <Fact title="Time">{json.time !== null && <DateTime time={json.time} />}</Fact>
      <Fact title="Duration">{seconds(json.duration)}</Fact>
      <Fact title="Client">{endText(row.client)}</Fact>
      <Fact title="Server">
        {endText(row.server)} {json.endpoint}
      </Fact>
      <Fact title="Connection">
        <FilterLink text={connectionFilter(json)}>
          {json.transport}, {json.syntax}
        </FilterLink>
      </Fact>
      <Fact title="Security">{secured.filter((told) => told !== null).join(' · ')}</Fact>
      <Fact title="Interface">
        {json.interface} <small>{json.iid !== json.interface && json.iid}</small>
      </Fact>
      <Fact title="Operation">
        {json.operation} <small>{json.opnum !== null && `opnum ${json.opnum}`}</small>
      </Fact>
      <Fact title="Object">{json.object !== null && <ObjectOfCall call={row.call}>{json.object}</ObjectOfCall>}</Fact>
      <Fact title="Apartment">
        {oxid} {crosses !== undefined && crosses !== 'none' && <small>across {crosses}</small>}
      </Fact>
      <Fact title="Called from">{caller != null && `apartment ${caller.oxid}`}</Fact>
      <Fact title="Causality">
        {json.causality !== null && (
          <button type="button" class="link" onClick={() => void followWhole(`dcom.this.uuid == ${json.causality}`)}>
            {json.causality}
          </button>
        )}
      </Fact>
      {json.warnings.map(({ code, message }, at) => (
        <Fact key={at} title="Warning">
          <span class="warning">{message}</span> <small>{code}</small>
        </Fact>
      ))}
    </dl>
  );
}

function Parameters({ detail: { json } }: { readonly detail: CallDetail }) {
  const { managed, errorInfo, extendedError } = json;
  const isManagedKnown = Object.values(managed ?? {}).some((told) => told !== null);
  return (
    <>
      <Part title="Arguments" members={json.in} />
      <Part title="Result" members={json.out} />
      <Part title="Error" members={errorInfo} />
      <Part title="Extended error" members={extendedError} />
      <Part title="As .NET sees it" members={isManagedKnown ? managed : null} />
    </>
  );
}

function Part({ title, members }: { readonly title: string; readonly members: object | null }) {
  if (members === null || Object.keys(members).length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <Values members={members} />
    </section>
  );
}

function Pdus({ detail: { pdus } }: { readonly detail: CallDetail }) {
  return (
    <section>
      <h3>PDUs</h3>
      <ul>
        {pdus.map(({ pdu, frame, type }) => (
          <li key={pdu}>
            <button type="button" class="link" onClick={() => go({ view: 'packets', pdu, node: null })}>
              {type} in {frame}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
