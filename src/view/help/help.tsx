/** The keys that do something now, as a dialog. */
import { signal } from '@preact/signals';
import { Fragment } from 'preact';
import { VIEWS } from '../address.js';
import { Dialog } from '../parts/dialog.js';
import { type Key, keys, useKeys } from '../parts/keys.js';
import { go } from '../state.js';
import './help.css';

const isOpen = signal(false);

const OWN: readonly Key[] = [
  {
    key: '?',
    says: 'show the keys',
    run() {
      isOpen.value = true;
    },
  },
  ...VIEWS.map((view, at) => ({
    key: String(at + 1),
    says: `go to ${view}`,
    run: () => go({ view, item: null }),
  })),
];

/** Hears `?`, and the numbers of the views. */
export function Help() {
  useKeys('Page', OWN);
  if (!isOpen.value) return null;
  return (
    <Dialog
      title="Keys"
      close={() => {
        isOpen.value = false;
      }}
    >
      <dl class="keys">
        {byPart(keys.value).map(([part, own]) => (
          <Fragment key={part}>
            <dt class="part">{part}</dt>
            {own.map(({ key, says }) => (
              <Fragment key={key}>
                <dt>
                  <kbd>{key.replace(/(?<=\+)[a-z]$/, (letter) => letter.toUpperCase())}</kbd>
                </dt>
                <dd>{says}</dd>
              </Fragment>
            ))}
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}

/** The keys of each part once, whoever has them do something; the page's own first. */
function byPart(all: typeof keys.value): [string, Key[]][] {
  const parts = new Map<string, Key[]>();
  for (const { part, keys: own } of [...all].reverse()) parts.set(part, [...(parts.get(part) ?? []), ...own]);
  return [...parts];
}
