/** Which rooms may import which: packets flow capture -> streams -> engine -> dissectors -> analysis -> output. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './cli.js';

/** Rooms that a room may import from, beside itself and packages. Types may come from further up the way. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/capture': ['src/core'],
  'src/streams': ['src/core'],
  'src/security': ['src/core'],
  'src/filter': ['src/core'],
  'src/engine': ['src/core', 'src/capture', 'src/streams'],
  dissectors: ['src/core', 'src/security'],
  'src/analysis': ['src/core', 'src/engine', 'dissectors'],
  'src/encode': ['src/core', 'src/security', 'dissectors'],
  'src/output': ['src/core', 'src/filter', 'src/analysis', 'dissectors'],
};

const TYPES_TOO: Readonly<Record<string, readonly string[]>> = {
  'src/streams': ['src/capture'],
  'src/analysis': ['src/capture', 'src/security'],
  'src/output': ['src/capture'],
};

function room(file: string): string {
  return file.startsWith('dissectors/') ? 'dissectors' : file.split('/').slice(0, 2).join('/');
}

const files = ['src', 'dissectors'].flatMap((top) =>
  readdirSync(ROOT + top, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.ts'))
    .map((f) => `${top}/${f}`),
);

describe('architecture', () => {
  it.each(files.filter((f) => room(f) in MAY))('%s imports only from rooms below it', (file) => {
    const text = readFileSync(ROOT + file, 'utf8');
    const wrong: string[] = [];
    for (const [, type, path] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '(\.[^']+)';/gms)) {
      const target = posix.join(posix.dirname(file), path).replace(/\.js$/, '.ts');
      const from = room(target);
      const allowed = [room(file), ...MAY[room(file)], ...(type ? (TYPES_TOO[room(file)] ?? []) : [])];
      if (!allowed.includes(from)) wrong.push(path);
      if (target === 'dissectors/index.ts')
        wrong.push(`${path}: only src/cli, src/view and src/index.ts know the registry`);
    }
    expect(wrong).toEqual([]);
  });

  // operations tell facts of them (dissectors/dcom/facts.ts)
  it('analysis and output know no parameter by its name', () => {
    const wrong = files
      .filter((f) => room(f) === 'src/analysis' || room(f) === 'src/output')
      .filter((f) => /\bcall\.(?:in|out)\??\.\w/.test(readFileSync(ROOT + f, 'utf8')));
    expect(wrong).toEqual([]);
  });
});
