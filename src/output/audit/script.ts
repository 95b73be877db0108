/**
 * The script of the audit's page: a search over findings and inventory, and buttons that fold and unfold. The page
 * says everything without it. Its text is fixed, and the page's policy lets it alone run, by its digest.
 */
import { hash } from '#platform';
import { utf8Bytes } from '../../core/bytes.js';
import { base64Text } from '../../core/text.js';

export const PAGE_SCRIPT = `(() => {
'use strict';
const bar = document.getElementById('tools');
const box = document.getElementById('search');
const count = document.getElementById('hits');
const cards = [...document.querySelectorAll('.card')];
const groups = [...document.querySelectorAll('.group')];
const rows = [...document.querySelectorAll('#inventory tbody tr, #known tbody tr')];
const texts = new Map([...cards, ...rows].map((e) => [e, e.textContent.toLowerCase()]));
for (const group of groups) {
  const head = group.querySelector('summary').textContent.toLowerCase();
  for (const card of group.querySelectorAll('.card')) texts.set(card, head + ' ' + texts.get(card));
}
const before = new Map();
bar.hidden = false;
const apply = () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter((w) => w !== '');
  const fits = (e) => words.every((w) => texts.get(e).includes(w));
  let hits = 0;
  for (const card of cards) {
    card.hidden = !fits(card);
    if (!card.hidden) hits++;
  }
  for (const row of rows) row.hidden = !fits(row);
  for (const group of groups) {
    const own = [...group.querySelectorAll('.card')];
    group.hidden = own.every((card) => card.hidden);
    if (words.length > 0) {
      if (!before.has(group)) before.set(group, group.open);
      group.open = true;
    } else if (before.has(group)) {
      group.open = before.get(group);
      before.delete(group);
    }
  }
  const shown = rows.filter((row) => !row.hidden).length;
  count.textContent = words.length === 0 ? '' : hits + ' of ' + cards.length + ' findings, ' + shown + ' of ' + rows.length + ' rows';
};
box.addEventListener('input', apply);
const fold = (open) => {
  for (const e of document.querySelectorAll('#findings details')) e.open = open;
};
document.getElementById('unfold').addEventListener('click', () => fold(true));
document.getElementById('fold').addEventListener('click', () => fold(false));
})();`;

/** What a Content-Security-Policy knows the script by. */
export const PAGE_SCRIPT_SOURCE = `'sha256-${base64Text(hash('sha256', utf8Bytes(PAGE_SCRIPT)))}'`;
