/** Every command line of deploy/ and of README's section about it: the program takes it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandFirst } from '../../src/cli/command-line.js';
import type { programOf as ProgramOf } from '../../src/cli/program.js';
import { ROOT } from '../cli.js';
import { compose, containers, IMAGE, textOf } from './files.js';

/** Built, as it looks for package.json where a build has it. */
const { programOf } = (await import(/* @vite-ignore */ `${ROOT}dist/src/cli/program.js`)) as {
  programOf: typeof ProgramOf;
};

/** Which command words are, as the program's own parser has it; throws what it would say. */
async function parsed(words: readonly string[]): Promise<string> {
  const program = await programOf(true);
  let called = '';
  for (const command of program.commands)
    command.configureOutput({ outputError() {} }).action(() => {
      called = command.name();
    });
  const names = program.commands.map((command) => command.name());
  const options = program.commands.flatMap((command) => command.options);
  await program.parseAsync(commandFirst(words, names, options), { from: 'user' });
  return called;
}

const SECTION = /^### Containers\n(.*?)^#{1,3} /ms.exec(textOf('README.md'))?.[1] ?? '';
/** Words behind a service of the compose file that is run once: its command where there are none. */
const asked = [...SECTION.matchAll(/^docker compose .*run --rm (\w+) ?(.*)$/gm)].map(([, service, words]) =>
  words === '' ? compose.services[service].command : words.split(' '),
);
/** What is run in a container that is there. */
const inside = [...SECTION.matchAll(/ -- clrscope (.+)$/gm)].map(([, words]) => words.split(' '));
const lines = [
  ...Object.values(compose.services).flatMap(({ image, command }) => (image === IMAGE ? [command] : [])),
  ...containers.flatMap(({ image, args }) => (image === IMAGE ? [args] : [])),
  ...asked,
  ...inside,
];

afterEach(() => void vi.unstubAllEnvs());

describe('the command lines of deploy/', () => {
  it.each(lines.map((words) => [words.join(' '), words] as const))('%s', async (_, words) => {
    vi.stubEnv('CLRSCOPE_QUEUE', 'redis://queue');
    expect(await parsed(words)).toBe(words[0]);
    await expect(parsed([...words, '--no-such'])).rejects.toThrow(/unknown option/);
  });

  it('are all there: who submits, works and asks', () => {
    expect(new Set(lines.map(([command]) => command))).toEqual(new Set(['submit', 'work', 'queue']));
  });

  it('find the queue by a variable that the program reads', async () => {
    const { commands } = await programOf(true);
    const read = commands.flatMap(({ options }) => options.map(({ envVar }) => envVar));
    const set = [
      ...Object.values(compose.services).flatMap(({ environment }) => Object.keys(environment)),
      ...containers.flatMap(({ env }) => env.map(({ name }) => name)),
    ].filter((name) => name.startsWith('CLRSCOPE_'));
    expect(set.length).toBeGreaterThan(0);
    for (const name of set) expect(read).toContain(name);
  });
});
