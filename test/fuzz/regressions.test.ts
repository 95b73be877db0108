/** Inputs that ever failed under the fuzzer. To add one, drop the file it kept into regressions/. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Corpus, loadCorpus } from './corpus.js';
import type { Extension } from './input.js';
import { replay } from './targets.js';

const folder = new URL('regressions/', import.meta.url);

describe('what once failed', () => {
  let corpus: Corpus;
  beforeAll(async () => {
    corpus = await loadCorpus();
  });

  it.each(readdirSync(folder))('%s', { timeout: 60_000 }, async (name) => {
    const extension = name.slice(name.indexOf('.') + 1) as Extension;
    const began = process.cpuUsage();
    expect(await replay(readFileSync(new URL(name, folder)), extension, corpus)).toEqual([]);
    const { user } = process.cpuUsage(began);
    expect(user / 1000, 'milliseconds').toBeLessThan(30_000);
  });
});
