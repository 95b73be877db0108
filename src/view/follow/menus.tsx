/** What can be done with a PDU or a call of a list: follow what it is part of, and copy it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { copyItems } from '../copy/copy-items.js';
import { callFilterItems, rowFilterItems } from '../filter/row-filters.js';
import { Menu, type MenuItem } from '../parts/menu.js';
import { engine } from '../state.js';
import type { CallRow } from '../worker/call-rows.js';
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
  const load = async (): Promise<(MenuItem | null)[][]> => {
    const [follow, detail] = await Promise.all([followItems(pdu), engine.pdu(pdu)]);
    return [
      rowFilterItems(row, column),
      follow,
      detail === null
        ? []
        : copyItems({ text: detail.json.summary, bytes: detail.sources[0]?.bytes, json: detail.json }),
    ];
  };
  return <LateMenu label={`PDU ${pdu}`} load={load} {...opened} />;
}

/** Drawn while it is open; `column` is null where no cell was pointed at. */
export function CallMenu({
  row,
  column,
  ...opened
}: Opened & { readonly row: CallRow; readonly column: string | null }) {
  const { call } = row;
  const load = async (): Promise<(MenuItem | null)[][]> => {
    const [detail, pdu] = await Promise.all([engine.call(call), engine.firstPdu(call)]);
    return [
      callFilterItems(row, detail?.json ?? null, column),
      pdu === null ? [] : await followItems(pdu),
      detail === null ? [] : copyItems({ text: detail.json.summary, json: detail.json }),
    ];
  };
  return <LateMenu label={`Call ${call}`} load={load} {...opened} />;
}

/** A menu whose items come, in groups, when the engine has told what they are made of. */
function LateMenu(
  props: Opened & { readonly label: string; readonly load: () => Promise<readonly (readonly (MenuItem | null)[])[]> },
) {
  const { load, ...opened } = props;
  const items = useSignal<readonly (MenuItem | null)[] | null>(null);
  useEffect(() => {
    void load().then((groups) => {
      const all = groups.filter((group) => group.length > 0).flatMap((group) => [null, ...group]);
      items.value = all.slice(1);
    });
  }, []);
  return <Menu {...opened} items={items.value} />;
}
