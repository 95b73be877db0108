/** `--limit NAME=N`: bounds as the user moves them. */
import { DEFAULT_LIMITS, type LimitName, type Limits, limitsWith, limitText, optionOf } from '../core/limits.js';
import { cut } from '../core/text.js';
import { UsageError } from './options.js';

const NAMES = Object.keys(DEFAULT_LIMITS) as LimitName[];
/** Characters that are shown of what is no limit: a job of a queue may say anything. */
const SHOWN = 60;
const FACTORS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** The defaults, but for what `--limit` says; the last one counts. */
export function limitsOf(texts: readonly string[]): Limits {
  const told: Partial<Record<LimitName, number>> = {};
  for (const text of texts) {
    const [option, number = ''] = text.split('=', 2);
    const name = NAMES.find((n) => optionOf(n) === option);
    if (name === undefined)
      throw new UsageError(
        `--limit takes NAME=N, and ${JSON.stringify(cut(option, SHOWN))} is no NAME. There are, with their defaults:\n${listed()}`,
      );
    const [, digits = '', suffix = ''] = /^(\d{1,15})([KMG]?)$/i.exec(number) ?? [];
    const n = Number(digits) * FACTORS[suffix.toUpperCase()];
    if (n < 1 || !Number.isSafeInteger(n))
      throw new UsageError(
        `--limit ${option}= takes a number from 1 on, as 20000, 64K, 32M or 1G, not ${JSON.stringify(cut(number, SHOWN))}`,
      );
    told[name] = n;
  }
  return limitsWith(told);
}

function listed(): string {
  return NAMES.map((name) => `  ${optionOf(name)}=${limitText(DEFAULT_LIMITS[name])}`).join('\n');
}
