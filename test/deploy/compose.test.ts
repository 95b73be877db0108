/** The compose file: by the specification's schema and a linter's rules, and what neither sees. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { afterAll, describe, expect, it } from 'vitest';
import { COMPOSE, compose, containers, IMAGE, textOf } from './files.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-compose-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rules about an order of keys alone. */
const ORDER = { 'service-keys-order': 0, 'services-alphabetical-order': 0, 'top-level-properties-order': 0 } as const;

/** What the linter has against a compose file. */
function complaints(text: string): string[] {
  const file = join(folder, 'compose.yaml');
  writeFileSync(file, text);
  const linter = new DCLinter({ rules: ORDER, quiet: true, debug: false, exclude: [] });
  const results: { readonly messages: readonly { readonly message: string }[] }[] = linter.lintFiles([file], false);
  return results.flatMap(({ messages }) => messages.map(({ message }) => message));
}

const services = Object.entries(compose.services);

describe('the compose file', () => {
  it('is one by the schema, and the linter has nothing against it', () => {
    expect(complaints(textOf(COMPOSE))).toEqual([]);
  });

  it.each([
    ['a key that nobody knows', 'stop_grace_period', 'stop_grace_time'],
    ['another type', 'secrets: [opens]', 'secrets: opens'],
    ['an image of no version', 'valkey:8.1.4-alpine', 'valkey'],
  ])('would be refused with %s', (_, now, then) => {
    expect(complaints(textOf(COMPOSE).replace(now, then))).not.toEqual([]);
  });

  it('builds the image of this version from the container file that is there', () => {
    const own = services.filter(([, { build }]) => build !== undefined);
    expect(own.map(([name]) => name)).toEqual(['worker', 'submit']);
    for (const [, { build, image }] of own) {
      expect(image).toBe(IMAGE);
      expect(textOf(join('deploy', build!.context, build!.dockerfile))).toContain('ENTRYPOINT ["clrscope"]');
    }
  });

  it('names volumes and secrets that are there, and all of these', () => {
    const mounted = services.flatMap(([, { volumes }]) => volumes).filter((volume) => /^\w+:/.test(volume));
    expect(mounted.map((volume) => volume.split(':')[0])).toEqual(Object.keys(compose.volumes));
    expect(services.flatMap(([, { secrets = [] }]) => secrets)).toEqual(Object.keys(compose.secrets));
  });

  it('has secrets for workers alone, where their command looks for them', () => {
    for (const [name, { secrets = [], command }] of services) {
      expect(secrets.length > 0, name).toBe(command[0] === 'work');
      for (const secret of secrets) expect(command).toContain(`/run/secrets/${secret}`);
    }
  });

  it('has captures that are only read, and the same folders for whoever submits and works', () => {
    const { worker, submit } = compose.services;
    expect(submit.volumes).toEqual(worker.volumes);
    const captures = worker.volumes.find((volume) => volume.includes(':/captures'));
    expect(captures).toMatch(/:ro$/);
    for (const path of submit.command.filter((word) => word.startsWith('/')))
      expect(worker.volumes.some((volume) => volume.replace(/:ro$/, '').endsWith(`:${path}`))).toBe(true);
  });

  it('gives no container more rights than it needs', () => {
    for (const [name, { user, read_only, cap_drop }] of services) {
      expect({ read_only, cap_drop }, name).toEqual({ read_only: true, cap_drop: ['ALL'] });
      expect(user, name).toMatch(/^(?:\$\{OWNER:-)?[1-9]\d*:[1-9]\d*\}?$/);
    }
  });

  it('lets no container take more memory than a cluster does', () => {
    for (const [name, { command, mem_limit }] of services) {
      const same = containers.find(({ args }) => args[0] === command[0]);
      expect(mem_limit, name).toBe(same?.resources.limits.memory.toLowerCase().replace('i', ''));
    }
  });

  it('has no password in it', () => {
    expect(compose.services.queue.command).toContain(`$\{QUEUE_PASSWORD}`);
    expect(compose.services.worker.environment.CLRSCOPE_QUEUE).toMatch(
      /^redis:\/\/:\$\{QUEUE_PASSWORD:\?.*\}@queue:6379$/,
    );
  });
});
