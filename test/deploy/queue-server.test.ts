/** The queue's server as deploy/ starts it: Redis, which takes the same options as Valkey, is started with them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compose, containers } from './files.js';

const PASSWORD = 'deadbeef';
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

const queue = compose.services.queue;
const pod = containers.find(({ name }) => name === 'valkey')!;
const started = [
  ['compose.yaml', queue.command, queue.healthcheck!.test.slice(1)],
  ['kubernetes.yaml', pod.args, pod.readinessProbe!.exec.command],
] as const;

/** A port that nobody listens to. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return String(port);
}

describe.each(started)('the queue of %s', (_, [program, ...options], [client, ...ping]) => {
  it.skipIf(!hasRedis)('starts, keeps jobs, pushes none out, and its probe knows whether it is there', async () => {
    expect([program, client]).toEqual(['valkey-server', 'valkey-cli']);
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-queue-'));
    const filled = options.map((word) => word.replace(/^\$[({](?:QUEUE_PASSWORD|REDISCLI_AUTH)[)}]$/, PASSWORD));
    const server = spawn('redis-server', [...filled, '--port', port, '--bind', '127.0.0.1', '--dir', folder]);
    const ask = (words: readonly string[], auth: string): { status: number | null; text: string } => {
      const env = { ...process.env, REDISCLI_AUTH: auth };
      const { status, stdout } = spawnSync('redis-cli', ['-p', port, ...words], { env, encoding: 'utf8' });
      return { status, text: stdout.trim() };
    };
    try {
      await expect.poll(() => ask(ping, PASSWORD), { timeout: 30_000 }).toEqual({ status: 0, text: 'PONG' });
      expect(ask(ping, 'another').status).not.toBe(0);
      expect(ask(['config', 'get', 'maxmemory-policy'], PASSWORD).text).toBe('maxmemory-policy\nnoeviction');
      expect(ask(['config', 'get', 'appendonly'], PASSWORD).text).toBe('appendonly\nyes');
    } finally {
      server.kill();
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
    }
    expect(ask(ping, PASSWORD).status).not.toBe(0);
  });
});
