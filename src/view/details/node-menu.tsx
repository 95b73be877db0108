/** What can be done with a node of the tree. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { copyItems } from '../copy/copy-items.js';
import { filterItems } from '../filter/filter-items.js';
import { Menu, type MenuItem } from '../parts/menu.js';
import { engine } from '../state.js';
import type { PduDetail } from '../worker/details.js';
import type { PduNode } from './nodes.js';

/** Drawn while it is open, at pixels of the window. */
export function NodeMenu(props: { node: PduNode; detail: PduDetail; x: number; y: number; close(): void }) {
  const { node, detail, x, y, close } = props;
  const items = useSignal<readonly (MenuItem | null)[] | null>(null);
  useEffect(() => {
    void engine.filterFor(node.name, node.value).then((filter) => {
      const { label, display, source, offset, length } = node;
      const bytes =
        source === undefined || offset === undefined || length === undefined
          ? undefined
          : detail.sources[source].bytes.subarray(offset, offset + length);
      const copy = copyItems({ text: `${label} ${display}`, bytes, json: node, filter });
      items.value = [...(filter === null ? [] : [...filterItems(filter), null]), ...copy];
    });
  }, [node]);
  return <Menu label={node.label} items={items.value} x={x} y={y} close={close} />;
}
