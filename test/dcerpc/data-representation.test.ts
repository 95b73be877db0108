/** The format label (C706 14.1): what it says of characters and floats that are not read that way. */
import { expect, it } from 'vitest';
import { hex, laboratory } from './support.js';

/** A request without a stub, under a format label. */
const codes = (label: string): string[] => {
  const { client } = laboratory().connection();
  return client(hex(`05000003 ${label} 18000000 02000000 00000000 0000 0400`)).recording.notes.map((note) => note.code);
};

it.each([
  ['10000000', 'ASCII and IEEE', false],
  ['10010000', 'floats of a VAX', true],
  ['10030000', 'floats of IBM', true],
  ['11000000', 'EBCDIC', true],
])('%s: %s', (label, _, isSaid) => {
  expect(codes(label).includes('data-representation')).toBe(isSaid);
});
