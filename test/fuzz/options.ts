/** The fuzzer's command line. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly minutes: number;
  readonly seed: number;
  /** What alone is fuzzed; null for everything. */
  readonly only: string | null;
  readonly coverage: boolean;
  readonly guided: boolean;
  /** Inputs that are tried once more, in place of new ones. */
  readonly replay: readonly string[];
}

/**
 * What was asked for, or a text for people: how it is asked.
 * @throws Error where it was asked wrongly
 */
export function parse(args: readonly string[], targets: readonly string[]): Options | string {
  const usage = [
    'fuzz [--minutes N] [--seed N] [--only TARGET] [--guided] [--no-coverage]',
    'fuzz --replay FILE...',
    `TARGET is one of ${targets.join(', ')}`,
  ].join('\n');
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      guided: { type: 'boolean', default: false },
      'no-coverage': { type: 'boolean', default: false },
      replay: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return usage;
  const { minutes, seed, only = null, guided, replay } = values;
  const isKnown = only === null || targets.includes(only);
  if (!(Number(minutes) > 0) || !/^\d+$/.test(seed) || !isKnown || replay !== positionals.length > 0)
    throw new Error(usage);
  const coverage = !values['no-coverage'];
  return { minutes: Number(minutes), seed: Number(seed), only, coverage, guided, replay: positionals };
}
