/** What clocks show, by names of zones and by what TZ says itself: as the C library has it, of which `date` tells. */
import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { calendar, calendarDate, whenShown } from '../../src/core/calendar.js';

const GNU = spawnSync('date', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU') === true;

afterEach(() => {
  process.env.TZ = 'UTC';
});

function theirs(zone: string, seconds: readonly number[]): string[] {
  const input = seconds.map((s) => `@${s}\n`).join('');
  const { stdout } = spawnSync('date', ['-f', '-', '+%F %T %Z'], { input, encoding: 'utf8', env: { TZ: zone } });
  return stdout.trimEnd().split('\n');
}

function ours(zone: string, seconds: readonly number[]): string[] {
  process.env.TZ = zone;
  return seconds.map((s) => {
    const told = calendar(BigInt(s) * 1_000_000_000n);
    return told === null ? 'none' : `${calendarDate(told)} ${told.clock} ${told.zone}`;
  });
}

/** Times from 1975 up to where the C library's tables end. */
const TIMES = Array.from({ length: 400 }, (_, i) => 157_766_400 + i * 4_910_123);
const HOURS = Array.from({ length: 24 * 366 * 2 }, (_, i) => Date.UTC(2026, 11, 20) / 1000 - 600 * 86_400 + i * 3600);

const ZONES = [
  ...['EST5EDT', 'UTC+3', '<+03>-3', 'CET-1CEST,M3.5.0,M10.5.0/3', 'Foo', 'Foo3', ':Europe/Berlin', ''],
  ...['AEST-10AEDT,M10.1.0,M4.1.0/3', '<-03>3<-02>,M3.5.0/-2,M10.5.0/-1', 'XXX-1:30:15', 'IST-2IDT,M3.4.4/26,M10.5.0'],
  ...[
    'EST5EDT,J60,J300',
    'EST5EDT,59/0,300',
    'CET-1CEST,garbage',
    'EST5EDT4,M3.2.0,M11.1.0',
    'EST5EDT,M3.2.0',
    'EST25',
  ],
  ...['EST5EDT,0/0,J365/25', 'GMT0BST,M3.5.0/1,M10.5.0', '/usr/share/zoneinfo/Asia/Tokyo', 'America/St_Johns'],
  ...['Pacific/Apia', 'Europe/Dublin', 'Africa/Casablanca', 'Antarctica/Troll', 'Nowhere/Here'],
];

describe.skipIf(!GNU)('clocks show what those of the C library do', () => {
  it.each(ZONES)('%s', (zone) => {
    for (const times of [TIMES, HOURS]) expect(ours(zone, times)).toEqual(theirs(zone, times));
  });

  // its own hours of change, where a zone has no rules, are those of no clock at all
  it.each(['CET-1CEST', 'CET-1CEST,', 'AAA4BBB'])('%s, but for the hour', (zone) => {
    const evenings = Array.from({ length: 3000 }, (_, i) => Date.UTC(2015, 0, 1, 20) / 1000 + i * 86_400);
    expect(ours(zone, evenings)).toEqual(theirs(zone, evenings));
  });

  it('whatever rules say', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => `${h}:${String(m).padStart(2, '0')}`);
    const day = fc.oneof(
      fc.integer({ min: 1, max: 365 }).map((n) => `J${n}`),
      fc.integer({ min: 0, max: 365 }).map(String),
      fc
        .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 6 }))
        .map((parts) => `M${parts.join('.')}`),
    );
    const rule = fc.tuple(day, fc.option(clock)).map(([d, time]) => (time === null ? d : `${d}/${time}`));
    const zone = fc
      .tuple(fc.constantFrom('', '-'), clock, fc.option(clock), rule, rule)
      .map(([sign, west, summer, from, to]) => `AAA${sign}${west}BBB${summer ?? ''},${from},${to}`);
    fc.assert(
      fc.property(zone, (text) => {
        expect(ours(text, TIMES)).toEqual(theirs(text, TIMES));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a time that clocks show', () => {
  it('is found again', () => {
    for (const zone of ['CET-1CEST,M3.5.0,M10.5.0/3', 'Australia/Lord_Howe', 'UTC+3', 'Pacific/Apia']) {
      process.env.TZ = zone;
      for (const s of HOURS) {
        const { year, month, day, clock } = calendar(BigInt(s) * 1_000_000_000n) as NonNullable<
          ReturnType<typeof calendar>
        >;
        const [h, m, second] = clock.split(':').map(Number);
        const shown = Date.UTC(year, month, day, h, m, second);
        const [again] = ours(zone, [whenShown(shown) / 1000]);
        expect(again.slice(0, 19)).toBe(new Date(shown).toISOString().slice(0, 19).replace('T', ' '));
        expect(whenShown(shown)).toBeLessThanOrEqual(s * 1000);
      }
    }
  });
});
