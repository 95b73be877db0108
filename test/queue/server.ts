/** A real queue: Debian's Valkey or Redis on loopback, and the program beside it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAIN, ROOT } from '../cli.js';

/** The program of the server; undefined where there is none. */
export const SERVER = ['valkey-server', 'redis-server'].find(
  (name) => spawnSync(name, ['--version'], { encoding: 'utf8' }).status === 0,
);

/** A server, alone in the world. */
export class QueueServer {
  private process: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly settings: readonly string[],
    private readonly password: string,
  ) {}

  /** @param settings as on the server's command line; what it writes down stays when it is started anew */
  static async start(settings: readonly string[] = [], password = ''): Promise<QueueServer> {
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-queue-'));
    const server = new QueueServer(folder, await freePort(), settings, password);
    await server.again();
    return server;
  }

  /** The address; each database is a queue of its own. */
  url(db = 0): string {
    const who = this.password === '' ? '' : `:${encodeURIComponent(this.password)}@`;
    return `redis://${who}127.0.0.1:${this.port}/${db}`;
  }

  /** Starts it, once more where it was stopped. */
  async again(): Promise<void> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    const secret = this.password === '' ? [] : ['--requirepass', this.password];
    const args = [...own, '--appendonly', 'yes', '--appendfsync', 'always', ...secret, ...this.settings];
    this.process = spawn(SERVER as string, args, { stdio: 'ignore' });
    for (let i = 0; ; i++) {
      if (this.ask('PING').includes('PONG')) return;
      if (i === 100) throw new Error('the server does not start');
      await sleep(100);
    }
  }

  /** What the server says to a command. */
  ask(...command: string[]): string {
    const name = (SERVER as string).replace('-server', '-cli');
    const secret = this.password === '' ? [] : ['-a', this.password, '--no-auth-warning'];
    return spawnSync(name, ['-p', String(this.port), ...secret, ...command], { encoding: 'utf8' }).stdout;
  }

  async kill(): Promise<void> {
    const gone = once(this.process as ChildProcess, 'exit');
    this.process?.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

/** A port of loopback that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A command of the program that goes on by itself. */
export class Running {
  readonly process: ChildProcess;
  private said = '';
  private printed = '';
  private readonly over: Promise<number | null>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const all = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', ...env };
    this.process = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, env: all });
    this.process.stderr?.setEncoding('utf8').on('data', (text) => {
      this.said += text;
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text) => {
      this.printed += text;
    });
    this.over = once(this.process, 'close').then(([code]) => code);
  }

  get err(): string {
    return this.said;
  }

  /** How it ended. */
  async end(): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    const code = await this.over;
    return { code, out: this.printed, err: this.said };
  }
}

/** Runs a command to its end, while the test's own servers go on. */
export const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => new Running(args, env).end();

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error(`a minute passed, and not: ${what}`);
}
