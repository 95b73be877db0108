/** What can be done with a PDU or a call of a list: follow what it is part of, and copy it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { copyItems } from '../copy/copy-items.js';
import { Menu, type MenuItem } from '../parts/menu.js';
import { engine } from '../state.js';
import { followItems } from './follow.js';

/** Where a menu opens, in pixels of the window. */
interface Opened {
  readonly x: number;
  readonly y: number;
  close(): void;
}

/** Drawn while it is open. */
export function PduMenu({ pdu, ...opened }: Opened & { readonly pdu: number }) {
  const load = async (): Promise<MenuItem[]> => {
    const detail = await engine.pdu(pdu);
    return detail === null
      ? []
      : copyItems({ text: detail.json.summary, bytes: detail.sources[0]?.bytes, json: detail.json });
  };
  return <LateMenu label={`PDU ${pdu}`} pdu={pdu} load={load} {...opened} />;
}

/** Drawn while it is open. */
export function CallMenu({ call, ...opened }: Opened & { readonly call: number }) {
  const pdu = useSignal<number | null>(null);
  useEffect(() => {
    void engine.firstPdu(call).then((found) => {
      pdu.value = found;
    });
  }, [call]);
  const load = async (): Promise<MenuItem[]> => {
    const detail = await engine.call(call);
    return detail === null ? [] : copyItems({ text: detail.json.summary, json: detail.json });
  };
  if (pdu.value === null) return null;
  return <LateMenu label={`Call ${call}`} pdu={pdu.value} load={load} {...opened} />;
}

/** A menu whose items come when the engine has told what they are made of. */
function LateMenu(props: Opened & { readonly label: string; readonly pdu: number; load(): Promise<MenuItem[]> }) {
  const { label, pdu, load, ...opened } = props;
  const items = useSignal<readonly (MenuItem | null)[]>([]);
  useEffect(() => {
    void Promise.all([followItems(pdu), load()]).then(([follow, copy]) => {
      items.value = [...follow, ...(follow.length > 0 && copy.length > 0 ? [null] : []), ...copy];
    });
  }, [label]);
  return items.value.length === 0 ? null : <Menu label={label} items={items.value} {...opened} />;
}
