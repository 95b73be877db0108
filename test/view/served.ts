/** `clrscope view` as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { MAIN, ROOT } from '../cli.js';

/** A process that serves the page. */
export interface Served {
  /** As it was printed: `http://127.0.0.1:PORT/TOKEN/`. */
  readonly address: string;
  readonly server: ChildProcess;
  /** What was said on standard error so far. */
  messages(): string;
}

/**
 * Starts `clrscope view ARGS`; resolves when it has said its address. Whoever starts it ends it.
 * @param main the program
 */
export async function startView(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  main = MAIN,
): Promise<Served> {
  const server = spawn(process.execPath, [main, 'view', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  server.stderr.on('data', (text) => {
    err += text;
  });
  const address = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (text) => {
      out += text;
      if (out.endsWith('\n')) resolve(out.trim());
    });
    server.once('exit', (code) =>
      reject(new Error(`clrscope view ended with ${code}; is it built (npx tsc && npx rolldown -c)? ${err}`)),
    );
  });
  return { address, server, messages: () => err };
}
