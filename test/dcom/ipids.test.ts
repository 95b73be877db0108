/** What is known of interface pointers grows with each sight and stays within its bound. */
import { describe, expect, it } from 'vitest';
import { learnPointer, pointerOf } from '../../dissectors/dcom/ipids.js';
import { StateStore } from '../../src/core/context.js';

const pointer = (ipid: string, iid: string, oxid: string | null = null, oid: string | null = null) => ({
  ipid,
  iid,
  oxid,
  oid,
});

describe('an interface pointer', () => {
  it('keeps its OXID and OID where a later sight, of another interface, lacks them', () => {
    const capture = new StateStore();
    learnPointer(capture, pointer('p', 'unknown', '0x1', '0x2'), 10);
    learnPointer(capture, pointer('p', 'managed'), 10);
    expect(pointerOf(capture, 'p')).toEqual(pointer('p', 'managed', '0x1', '0x2'));
    learnPointer(capture, pointer('p', 'managed', '0x3', '0x4'), 10);
    expect(pointerOf(capture, 'p')).toEqual(pointer('p', 'managed', '0x3', '0x4'));
  });

  it('is forgotten for a new one where there is no room, the oldest first, and that is told', () => {
    const capture = new StateStore();
    const told = ['a', 'b', 'a', 'c'].map((ipid) => learnPointer(capture, pointer(ipid, 'i'), 2));
    expect(told).toEqual([false, false, false, true]);
    expect(['a', 'b', 'c'].map((ipid) => pointerOf(capture, ipid)?.ipid)).toEqual([undefined, 'b', 'c']);
  });
});
