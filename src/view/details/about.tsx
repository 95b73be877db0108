/** The line above a tree: where in its call the PDU stands. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { seconds } from '../calls/texts.js';
import { edition, engine, go } from '../state.js';
import type { InCall } from './engine.js';

export function AboutPdu({ pdu }: { readonly pdu: number }) {
  const call = useSignal<InCall | null>(null);
  useEffect(() => {
    let isWanted = true;
    void engine.inCall(pdu).then((found) => {
      if (isWanted) call.value = found;
    });
    return () => {
      isWanted = false;
    };
  }, [pdu, edition.value]);
  const now = call.value;
  if (now === null) return null;
  const { half, frames, duration, oneWay, before, behind } = now;
  const [request, answer] = frames;
  const link = (frame: number, to: number) =>
    to === 0 ? (
      `frame ${frame}`
    ) : (
      <button type="button" class="link" onClick={() => go({ pdu: to, node: null })}>
        frame {frame}
      </button>
    );
  const after = duration === null ? '' : ` after ${seconds(duration)}`;
  if (half === 'answer')
    return (
      <small>
        {request === null ? (
          'answers a request that was not captured'
        ) : (
          <>
            answers {link(request, before)}
            {after}
          </>
        )}
      </small>
    );
  if (answer !== null)
    return (
      <small>
        answered in {link(answer, behind)}
        {after}
      </small>
    );
  return <small>{oneWay ? 'nobody answers it: one-way' : 'no answer was captured'}</small>;
}
