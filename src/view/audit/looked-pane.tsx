/** What was looked at for findings, and what of it could not be looked into. */
import { Fact, ListSection, Pane } from '../parts/pane.js';
import { many } from '../parts/words.js';
import { SEVERITIES } from './badge.js';
import type { FindingRow, Looked } from './engine.js';

export function LookedPane({ rows, looked }: { readonly rows: readonly FindingRow[]; readonly looked: Looked }) {
  const { packets, pdus, calls, sealed, undecoded, cut } = looked.looked;
  return (
    <Pane label="What was looked at">
      <h2>{rows.length === 0 ? 'Nothing was found' : many(rows.length, 'finding')}</h2>
      <dl>
        {SEVERITIES.map((severity) => {
          const count = rows.filter((r) => r.severity === severity).length;
          return (
            <Fact key={severity} title={severity}>
              {count > 0 && <b class={`severity-${severity}`}>{count}</b>}
            </Fact>
          );
        })}
        <Fact title="Looked at">
          {many(packets, 'packet')}, {many(pdus, 'PDU')}, {many(calls, 'call')} of the whole capture: a filter changes
          nothing here
        </Fact>
        <Fact title="Sealed">
          {sealed > 0 && `${many(sealed, 'call')}: rules about contents say nothing of them; secrets open them`}
        </Fact>
        <Fact title="Not decoded">
          {undecoded > 0 &&
            `${many(undecoded, 'call')} for operations that are not decoded: rules about contents say nothing of them`}
        </Fact>
        <Fact title="Not whole">
          {cut > 0 && `${many(cut, 'call')} not captured whole: what is missing was not looked at`}
        </Fact>
      </dl>
      <ListSection
        title="Why this does not speak of everything"
        of={looked.partial}
        item={(reason) => <span class="warning">{reason}</span>}
      />
    </Pane>
  );
}
