/** A filter that was made of something the user points at: what can be done with it. */
import type { MenuItem } from '../parts/menu.js';
import { go, place } from '../state.js';
import { prepared } from './prepared.js';

/** Items of a menu that apply a filter, or write it into the bar, alone or together with the one that is there. */
export function filterItems(filter: string): MenuItem[] {
  const now = place.value.filter.trim();
  const apply = (text: string) => () => go({ filter: text });
  const prepare = (text: string) => () => {
    prepared.value = text;
  };
  // what holds alternatives is one thing to those around it
  const one = /\|\||\^\^/.test(filter) ? `(${filter})` : filter;
  const items = [
    { label: `Apply as filter: ${filter}`, run: apply(filter) },
    { label: '…not', run: apply(`!(${filter})`) },
  ];
  if (now === '') return [...items, { label: 'Prepare as filter', run: prepare(filter) }];
  return [
    ...items,
    { label: '…and', run: apply(`(${now}) && ${one}`) },
    { label: '…or', run: apply(`(${now}) || ${one}`) },
    { label: '…and not', run: apply(`(${now}) && !(${filter})`) },
    { label: '…or not', run: apply(`(${now}) || !(${filter})`) },
    { label: 'Prepare as filter', run: prepare(filter) },
    { label: 'Prepare …and', run: prepare(`(${now}) && ${one}`) },
    { label: 'Prepare …or', run: prepare(`(${now}) || ${one}`) },
  ];
}
