/** A filter that was made of something the user points at: what can be done with it. */
import type { MenuItem } from '../parts/menu.js';
import { go, place } from '../state.js';

/** Items of a menu that apply a filter alone or together with the one that is there. */
export function filterItems(filter: string): MenuItem[] {
  const now = place.value.filter.trim();
  const apply = (text: string) => () => go({ filter: text });
  const items = [
    { label: `Apply as filter: ${filter}`, run: apply(filter) },
    { label: '…not', run: apply(`!(${filter})`) },
  ];
  if (now === '') return items;
  return [
    ...items,
    { label: '…and', run: apply(`(${now}) && ${filter}`) },
    { label: '…or', run: apply(`(${now}) || ${filter}`) },
    { label: '…and not', run: apply(`(${now}) && !(${filter})`) },
    { label: '…or not', run: apply(`(${now}) || !(${filter})`) },
  ];
}
