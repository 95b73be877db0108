/** Times of protocols as nanoseconds since 1970, and how they print; columns are tshark 4.0's. */
import { describe, expect, it } from 'vitest';
import { field } from '../../src/core/node.js';
import { fileTime, fileTimeText, generalizedTime } from '../../src/core/wire-time.js';
import { formatValue } from '../../src/filter/format.js';

const TIME = field('t.time', 'Time', 'time');

describe('FILETIME (MS-DTYP 2.3.3)', () => {
  it.each([
    ['ad9f291cfa5dd601', 'Jul 19, 2020 18:26:24.970538900 UTC'],
    ['005a89d55f79dd01', 'Nov 21, 2026 02:27:20.238540800 UTC'],
    ['0000000000000000', 'Jan  1, 1970 00:00:00.000000000 UTC'],
    ['00803ed5deb19d01', 'Jan  1, 1970 00:00:00.000000000 UTC'],
  ])('%s', (bytes, told) => {
    expect(formatValue(TIME, fileTime(Buffer.from(bytes, 'hex')))).toBe(told);
  });

  it('says what is no time', () => {
    const text = (bytes: string) => fileTimeText(fileTime(Buffer.from(bytes, 'hex')));
    expect([text('0000000000000000'), text('ffffffffffffff7f'), text('ad9f291cfa5dd601')]).toEqual([
      ...['no time specified', 'never', ''],
    ]);
  });
});

describe('GeneralizedTime (X.690 11.7)', () => {
  it.each([
    ['20230912073814Z', 'Sep 12, 2023 07:38:14.000000000 UTC'],
    ['20380119031408.25Z', 'Jan 19, 2038 03:14:08.250000000 UTC'],
  ])('%s', (text, told) => {
    expect(formatValue(TIME, generalizedTime(text) ?? 0n)).toBe(told);
  });

  it.each(['20231312073814Z', '20230230000000Z', '20230912073860Z', '20230912073814', '00500101000000Z', '', 'Z'])(
    'is none: %s',
    (text) => {
      expect(generalizedTime(text)).toBeNull();
    },
  );
});
