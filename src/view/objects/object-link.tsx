/** Leads to an object from where it is spoken of. */
import type { ComponentChildren } from 'preact';
import { engine, go } from '../state.js';
import { useWhole } from '../whole.js';

/** What is inside leads to an object; as it is, where it is not known which. */
export function ObjectLink({ item, children }: { readonly item: string | null; readonly children: ComponentChildren }) {
  if (item === null) return <>{children}</>;
  return (
    <button type="button" class="link" title="All that is known of it" onClick={() => go({ view: 'objects', item })}>
      {children}
    </button>
  );
}

/** What is inside leads to the object that a call goes to. */
export function ObjectOfCall({ call, children }: { readonly call: number; readonly children: ComponentChildren }) {
  return <ObjectLink item={useWhole(() => engine.objectOfCall(call), call)}>{children}</ObjectLink>;
}
