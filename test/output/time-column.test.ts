import { afterEach, describe, expect, it } from 'vitest';
import { TimeColumn } from '../../src/output/time-column.js';

const at = (sec: number, nsec = 0) => ({ sec, nsec });

afterEach(() => {
  process.env.TZ = 'UTC';
});

describe('times of a list', () => {
  it.each([
    ['a', '07:57:12.299035'],
    ['ad', '2026-11-21 07:57:12.299035'],
    ['adoy', '2026/325 07:57:12.299035'],
    ['u', '02:27:12.299035'],
    ['ud', '2026-11-21 02:27:12.299035'],
    ['udoy', '2026/325 02:27:12.299035'],
    ['e', '1795228032.299035'],
    ['r', '1.500000'],
    ['d', '0.250000'],
    ['dd', '0.500000'],
  ])('-t %s as tshark prints it', (format, text) => {
    process.env.TZ = 'Asia/Kolkata';
    const column = new TimeColumn(format);
    column.begin(at(1_795_228_030, 799_035_000));
    column.next(at(1_795_228_031, 799_035_000));
    expect(column.next(at(1_795_228_032, 299_035_000), at(1_795_228_032, 49_035_000))).toBe(text);
  });

  it('counts from what was shown before where the packet before is not told, and anew in each capture', () => {
    const column = new TimeColumn('d');
    column.begin(at(10));
    expect([column.next(at(11)), column.next(at(13))]).toEqual(['0.000000', '2.000000']);
    column.begin(at(20));
    expect(column.next(at(21))).toBe('0.000000');
  });

  it('has nanoseconds where there are any, and seconds where no date holds the time', () => {
    expect(new TimeColumn('u').next(at(0, 1))).toBe('00:00:00.000000001');
    expect(new TimeColumn('ad').next(at(2 ** 53))).toBe(`${2 ** 53}.000000`);
  });

  it('refuses what is no format, and says which there are', () => {
    expect(() => new TimeColumn('toString')).toThrow(/-t takes one of a, ad, adoy, d, dd, e, r, u, ud, udoy/);
  });
});
