/** What hosts are called, wherever the page tells of one: as the user says, or as the capture does, beside the address. */
import { signal } from '@preact/signals';

/** Texts of the hosts that have a name, by address. */
export const hostTexts = signal<ReadonlyMap<string, string>>(new Map());

/** A host by its address. */
export function hostText(address: string): string {
  return hostTexts.value.get(address) ?? address;
}

/** An end of a connection, given as `10.0.0.1:135`. */
export function endText(end: string): string {
  const colon = end.lastIndexOf(':');
  const text = hostTexts.value.get(end.slice(0, colon).replace(/^\[|\]$/g, ''));
  return text === undefined ? end : text + end.slice(colon);
}
