/** The fuzzer's command line: what is asked for is done, and nothing else. */
import { expect, test } from 'vitest';
import { parse } from './options.js';

const TARGETS = ['capture', 'nrbf'];

test('what is asked for', () => {
  const usual = { minutes: 1, seed: 1, only: null, coverage: true, guided: false, replay: [] };
  expect(parse([], TARGETS)).toEqual(usual);
  expect(parse(['--minutes', '0.5', '--seed', '7', '--only', 'nrbf', '--guided', '--no-coverage'], TARGETS)).toEqual({
    ...usual,
    ...{ minutes: 0.5, seed: 7, only: 'nrbf', coverage: false, guided: true },
  });
  expect(parse(['--replay', 'a.pcap', 'b.nrbf'], TARGETS)).toEqual({ ...usual, replay: ['a.pcap', 'b.nrbf'] });
});

test('help helps', () => {
  for (const help of ['--help', '-h']) expect(parse(['--minutes', '9', help], TARGETS)).toContain('capture, nrbf');
});

test.each(['--minuts=5', 'a.pcap', '--replay', '--only=all', '--minutes=none', '--minutes=0', '--seed=x'])(
  'nothing comes of %s',
  (arg) => expect(() => parse([arg], TARGETS)).toThrow(),
);
