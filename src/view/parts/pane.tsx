/** What panes beside lists are made of: facts, sections, and ways from there to other views. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { CallFrames } from '../../index.js';
import { engine, go } from '../state.js';
import './pane.css';

/** The pane. */
export function Pane({ label, children }: { readonly label: string; readonly children?: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    <aside class="pane" aria-label={label} tabIndex={0}>
      {children}
    </aside>
  );
}

/** A row of a list of facts (`dl`); none where there is nothing to tell. */
export function Fact({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  if ([children].flat().every((child) => child === null || child === false || child === '' || child === ' '))
    return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A time as JSON has it; nothing for null. */
export function DateTime({ time }: { readonly time: string | null }) {
  if (time === null) return null;
  const hour = time.indexOf('T') + 1;
  return (
    <time dateTime={time}>
      <span>{time.slice(0, hour)}</span>
      <wbr />
      <span>{time.slice(hour)}</span>
    </time>
  );
}

/** Leads to what a filter leaves: in the view where one is, or in another. */
export function FilterLink(props: {
  readonly text: string;
  readonly view?: 'packets' | 'calls' | 'flow';
  readonly children: ComponentChildren;
}) {
  const { text, view, children } = props;
  const to = view === undefined ? { filter: text } : { view, filter: text };
  return (
    <button type="button" class="link" title={`Filter: ${text}`} onClick={() => go(to)}>
      {children}
    </button>
  );
}

/** Leads to the PDU that a frame completed. */
export function FrameLink({ frame }: { readonly frame: number }) {
  const show = async (): Promise<void> => {
    const pdu = await engine.pduOfFrame(frame);
    if (pdu !== null) go({ view: 'packets', pdu, node: null });
  };
  return (
    <button type="button" class="link" aria-label={`Frame ${frame}`} onClick={show}>
      {frame}
    </button>
  );
}

/** `27→28`, both of which lead to their PDUs. */
export function FramesLink({ frames: { request, response } }: { readonly frames: CallFrames }) {
  return (
    <span class="frames">
      {request === null ? '?' : <FrameLink frame={request} />}→
      {response === null ? '?' : <FrameLink frame={response} />}
    </span>
  );
}

/** `in 27→28, 29→30`, the first of very many. */
export function AllFrames({ of }: { readonly of: readonly CallFrames[] }) {
  return (
    <small>
      in <Some of={of} most={6} item={(frames) => <FramesLink frames={frames} />} between=", " />
    </small>
  );
}

/** Items of a list that may be very long: the first, and more of them on demand. */
export function Some<T>(props: {
  readonly of: readonly T[];
  readonly most: number;
  readonly item: (item: T) => ComponentChildren;
  readonly between?: string;
}) {
  const { of, most, item, between } = props;
  const [shown, show] = useState(most);
  const rest = of.length - shown;
  return (
    <>
      {of.slice(0, shown).map((one, at) => (
        <>
          {at > 0 && between}
          {item(one)}
        </>
      ))}
      {rest > 0 && (
        <button type="button" class="link more" onClick={() => show(shown + Math.max(most, 100))}>
          {' '}
          and {rest} more
        </button>
      )}
    </>
  );
}

/** A list of a section: nothing where there is nothing. */
export function ListSection<T>(props: {
  readonly title: string;
  readonly of: readonly T[];
  readonly item: (item: T) => ComponentChildren;
}) {
  const { title, of, item } = props;
  if (of.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        <Some of={of} most={20} item={(one) => <li>{item(one)}</li>} />
      </ul>
    </section>
  );
}
