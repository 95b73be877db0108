/** Filters that were applied, the latest first. */
import { remembered } from '../parts/remembered.js';

const MOST = 50;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= MOST && value.every((one) => typeof one === 'string');

/** The latest first. */
export const history = remembered<readonly string[]>('filters', [], isTexts);

/** Puts a filter in front. */
export function remember(filter: string): void {
  const text = filter.trim();
  if (text !== '') history.value = [text, ...history.value.filter((one) => one !== text)].slice(0, MOST);
}
