/** What can be done with a PDU or a call of a list: follow what it is part of, and copy it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { copyItems } from '../copy/copy-items.js';
import { rowFilterItems } from '../filter/row-filters.js';
import { Menu, type MenuItem } from '../parts/menu.js';
import { engine } from '../state.js';
import type { PduRow } from '../worker/pdu-rows.js';
import { followItems } from './follow.js';

/** Where a menu opens, in pixels of the window. */
interface Opened {
  readonly x: number;
  readonly y: number;
  close(): void;
}

/** Drawn while it is open; `column` is null where no cell was pointed at. */
export function PduMenu({ row, column, ...opened }: Opened & { readonly row: PduRow; readonly column: string | null }) {
  const { pdu } = row;
  const load = async (): Promise<MenuItem[]> => {
    const detail = await engine.pdu(pdu);
    return detail === null
      ? []
      : copyItems({ text: detail.json.summary, bytes: detail.sources[0]?.bytes, json: detail.json });
  };
  return <LateMenu label={`PDU ${pdu}`} first={rowFilterItems(row, column)} pdu={pdu} load={load} {...opened} />;
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
  return <LateMenu label={`Call ${call}`} first={[]} pdu={pdu.value} load={load} {...opened} />;
}

interface LateItems {
  /** Those that stand above all others. */
  readonly first: readonly (MenuItem | null)[];
  load(): Promise<MenuItem[]>;
}

/** A menu whose items come when the engine has told what they are made of. */
function LateMenu(props: Opened & LateItems & { readonly label: string; readonly pdu: number }) {
  const { label, pdu, first, load, ...opened } = props;
  const items = useSignal<readonly (MenuItem | null)[]>([]);
  useEffect(() => {
    void Promise.all([followItems(pdu), load()]).then(([follow, copy]) => {
      items.value = [first, follow, copy].filter((group) => group.length > 0).flatMap((group) => [null, ...group]);
    });
  }, [label]);
  return items.value.length === 0 ? null : <Menu label={label} items={items.value.slice(1)} {...opened} />;
}
