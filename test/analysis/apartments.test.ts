/** Apartments: what IPIDs tell, which border a call crosses. */
import { describe, expect, it } from 'vitest';
import { borderBetween, Causalities, PlaceClues } from '../../src/analysis/objects/apartments.js';
import { ipid } from './support.js';

function placeOf(...groups: string[]) {
  const clues = new PlaceClues();
  for (const [i, g] of groups.entries()) clues.add(ipid(i + 1, g));
  return clues.place;
}

describe('IPIDs of Windows', () => {
  it.each([
    ['a thread', ['0668-04ec', '0668-04ec'], { processId: 0x668, kind: 'single-threaded', threadId: 0x4ec }],
    ['zero', ['0668-0000', '0668-0000'], { processId: 0x668, kind: 'multi-threaded', threadId: null }],
    ['ffff', ['0668-ffff', '0668-ffff'], { processId: 0x668, kind: 'neutral', threadId: null }],
    ['one IPID alone', ['0668-04ec'], null],
    ['groups that disagree', ['0668-04ec', '0668-04ec', '1236-0d8f'], null],
    ['no process', ['0000-0001', '0000-0001'], null],
  ])('%s', (_, groups, place) => {
    expect(placeOf(...groups)).toEqual(place);
  });
});

describe('borders', () => {
  const place = { processId: 1, kind: 'multi-threaded', threadId: null } as const;
  const side = (address: string, oxid: string | null, p: typeof place | null = place) => ({ address, oxid, place: p });
  it.each([
    ['machines', side('a', '1'), side('b', '1')],
    ['none', side('a', '1'), side('a', '1')],
    ['apartments', side('a', '1'), side('a', '2')],
    ['processes', side('a', null, null), side('a', '2')],
    ['processes', side('a', '3', { ...place, processId: 2 } as unknown as typeof place), side('a', '2')],
  ] as const)('%s', (border, caller, callee) => {
    expect(borderBetween(caller, callee)).toBe(border);
  });
});

it('causality ids are forgotten, the oldest first', () => {
  const causalities = new Causalities();
  const side = { address: 'a', oxid: '1', place: null };
  for (let i = 0; i < 5000; i++) causalities.add(`c${i}`, side, 1, 9);
  expect(causalities.callerOf('c0', 'a', 5).oxid).toBeNull();
  expect(causalities.callerOf('c4999', 'a', 5).oxid).toBe('1');
});
