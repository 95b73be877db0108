/** The line above a tree: where in its call the PDU stands. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { seconds } from '../calls/texts.js';
import { edition, engine, go } from '../state.js';
import type { InCall } from './engine.js';

interface Props {
  readonly pdu: number;
  /** The frame that offered the presentation context of its call. */
  readonly boundIn: number | null;
}

export function AboutPdu({ pdu, boundIn }: Props) {
  const call = useSignal<InCall | null>(null);
  useEffect(() => {
    let isWanted = true;
    void engine.inCall(pdu, boundIn).then((found) => {
      if (isWanted) call.value = found;
    });
    return () => {
      isWanted = false;
    };
  }, [pdu, edition.value]);
  const now = call.value;
  if (now === null) return null;
  const { bound } = now;
  return (
    <small>
      <InItsCall call={now} />
      {bound !== null && (
        <>
          {' · from '}
          <PduLink pdu={bound.pdu}>
            {bound.type.toLowerCase().replace(' ', '_')} in {bound.frame}
          </PduLink>
        </>
      )}
    </small>
  );
}

function InItsCall({ call: { half, frames, duration, oneWay, before, behind } }: { readonly call: InCall }) {
  const [request, answer] = frames;
  const after = duration === null ? '' : ` after ${seconds(duration)}`;
  if (half === 'request' && answer === null) return oneWay ? 'nobody answers it: one-way' : 'no answer was captured';
  if (half === 'answer' && request === null) return 'answers a request that was not captured';
  const [says, frame, pdu] = half === 'answer' ? ['answers ', request, before] : ['answered in ', answer, behind];
  return (
    <>
      {says}
      <PduLink pdu={pdu}>frame {frame}</PduLink>
      {after}
    </>
  );
}

/** A button that leads to a PDU; only its text where there is none. */
function PduLink({ pdu, children }: { readonly pdu: number; readonly children: ComponentChildren }) {
  if (pdu === 0) return <>{children}</>;
  return (
    <button type="button" class="link" onClick={() => go({ pdu, node: null })}>
      {children}
    </button>
  );
}
