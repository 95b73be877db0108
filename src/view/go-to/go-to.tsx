/** A dialog that goes to a frame by its number. */
import { signal, useSignal } from '@preact/signals';
import { Dialog } from '../parts/dialog.js';
import { type Key, useKeys } from '../parts/keys.js';
import { engine, go, summary } from '../state.js';

const isOpen = signal(false);

const close = (): void => {
  isOpen.value = false;
};

const OWN: readonly Key[] = [
  {
    key: 'Ctrl+g',
    says: 'go to a frame',
    run() {
      isOpen.value = summary.value !== null;
    },
  },
];

/** Hears Ctrl+G. */
export function GoTo() {
  useKeys('Packets', OWN);
  return isOpen.value ? <GoToDialog /> : null;
}

function GoToDialog() {
  const problem = useSignal('');
  const find = async (frame: number): Promise<void> => {
    const found = await engine.pduFrom(frame);
    if (found === null) problem.value = `No PDU that is shown ends in frame ${frame} or behind it`;
    else {
      go({ view: 'packets', pdu: found, node: null });
      close();
    }
  };
  return (
    <Dialog title="Go to frame" close={close}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void find(Number(new FormData(e.currentTarget).get('frame')));
        }}
      >
        <label>
          Frame <input name="frame" type="number" min={1} required size={10} />
        </label>{' '}
        <button type="submit">Go</button>
        <p class="note">or to the next PDU that ends behind it</p>
        {problem.value !== '' && (
          <p role="alert" class="problem">
            {problem.value}
          </p>
        )}
      </form>
    </Dialog>
  );
}
