/** What matters of the whole capture, and what cannot be seen and why. */
import type { ComponentChildren } from 'preact';
import { inNumber, many } from './parts/words.js';
import { failure, go, summary } from './state.js';
import { whole } from './whole.js';
import type { Overview } from './worker/whole.js';
import './foot.css';

export function Foot() {
  const now = summary.value;
  if (now === null) return <footer class="foot">nothing leaves this page</footer>;
  const { pdus, calls, failed, unanswered, isOver, read, total, seconds, problem, notes } = now;
  return (
    <footer class="foot">
      {!isOver && <progress aria-label="Reading" max={total || 1} value={read} />}
      <span>
        <b>{pdus}</b> {inNumber(pdus, 'PDU')}
      </span>
      <span>
        <b>{calls}</b> {inNumber(calls, 'call')}, <b>{failed}</b> failed
        {unanswered > 0 && (
          <>
            , <b>{unanswered}</b> without an answer
          </>
        )}
      </span>
      <WholePart />
      {problem !== null && <span class="problem">{problem}</span>}
      {failure.value !== null && problem === null && (
        <span role="alert" class="problem">
          cannot be read any more: {failure.value}
        </span>
      )}
      {notes.length > 0 && <Notes notes={notes} />}
      <span class="end">{isOver ? `read in ${seconds.toFixed(2)} s` : 'reading'} · nothing leaves this page</span>
    </footer>
  );
}

function WholePart() {
  const now = whole.value;
  if (now === null) return null;
  // a file that cannot be read is told of once
  if ('problem' in now && summary.value?.problem != null) return null;
  if ('problem' in now) return <span class="problem">objects and findings are not known: {now.problem}</span>;
  if ('share' in now) return <span>looking at the whole … {Math.floor(now.share * 100)} %</span>;
  return <OverviewPart overview={now.overview} />;
}

function OverviewPart({ overview }: { readonly overview: Overview }) {
  const { managed, unauthenticated, sealed, undecoded, passedOver } = overview;
  return (
    <>
      {managed > 0 && (
        <Leads to={() => go({ view: 'objects', item: null })}>
          <b>{managed}</b> {inNumber(managed, 'managed object')}
        </Leads>
      )}
      {unauthenticated > 0 && (
        <Leads kind="warning" to={() => go({ view: 'statistics', item: 'security' })}>
          no authentication on {many(unauthenticated, 'connection')}
        </Leads>
      )}
      {sealed > 0 && (
        <Leads
          kind="warning"
          to={() => go({ view: 'calls', filter: 'dcerpc.encrypted_stub_data && !dcerpc.decrypted_stub_data' })}
        >
          {sealed} {sealed === 1 ? 'call is' : 'calls are'} sealed: secrets open them
        </Leads>
      )}
      {undecoded > 0 && (
        <Leads to={() => go({ view: 'audit', item: null })}>{undecoded} of interfaces that are not decoded</Leads>
      )}
      {passedOver > 0 && (
        <Leads to={() => go({ view: 'statistics', item: null })}>
          {many(passedOver, 'message')} about files passed over
        </Leads>
      )}
    </>
  );
}

/** A fact that leads to where it can be looked into. */
function Leads(props: { readonly to: () => void; readonly kind?: string; readonly children: ComponentChildren }) {
  return (
    <button type="button" class={`leads ${props.kind ?? ''}`} onClick={props.to}>
      {props.children}
    </button>
  );
}

/** What was odd about the whole, on demand. */
function Notes({ notes }: { readonly notes: readonly string[] }) {
  return (
    <details class="notes">
      <summary class="warning">{many(notes.length, 'note')}</summary>
      <ul>
        {notes.map((note, at) => (
          <li key={at}>{note}</li>
        ))}
      </ul>
    </details>
  );
}
