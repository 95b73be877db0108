/** `clrscope view [FILE...]`: a page in the browser, which reads the captures itself. */
import { spawn } from 'node:child_process';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUrl, shownName } from '#platform';
import { UnreadableInput, whyNoCapture } from '../capture/open.js';
import { safe } from '../core/safe-text.js';
import { reasonOf, systemCode } from '../core/user-error.js';
import { expandInputs } from './folders.js';
import { givenNames } from './given-names.js';
import { groupsOf } from './groups.js';
import type { CaptureFiles } from './job.js';
import { tell } from './messages.js';
import { type CommonOptions, Exit, isPort, UsageError } from './options.js';
import { Output } from './output.js';
import { interfacesOf } from './own-interfaces.js';
import { isStream } from './stream-input.js';
import { type NamedCapture, type Names, servePage } from './view-server.js';

export interface ViewOptions extends Pick<CommonOptions, 'group' | 'names' | 'registry'> {
  port?: string;
  open?: boolean;
}

/** Runs the command: serves the page until Ctrl-C. */
export async function view(inputs: string[], options: ViewOptions): Promise<void> {
  if (inputs.includes('-'))
    throw new UsageError(
      'the page reads a capture more than once, which standard input is not; name a file instead of -',
    );
  const url = inputs.find(isUrl);
  if (url !== undefined)
    throw new UsageError(`${safe(shownName(url))}: the page reads files of this machine; fetch it first (curl -fO)`);
  const port = portOf(options.port);
  const found = await expandInputs(inputs, (file, reason) => tell(`${safe(file)}: ${reason}; it is left out`));
  for (const path of inputs) {
    const reason = !found.includes(path) ? null : isStream(path) ? ONCE : await whyNoCapture(path);
    if (reason !== null) throw new UnreadableInput(path, reason, null);
  }
  // one that was named twice is there once
  const paths = [...new Set(found.map((path) => resolve(path)))];
  const captures = await groupsOf(paths, options.group ?? 'auto', tell);
  const names = {
    hosts: [...(await givenNames(options.names))],
    interfaces: await interfacesOf({ registry: options.registry ?? [] }),
  };
  const { address } = await served(toldApart(captures), names, port);
  const out = new Output();
  out.write(`${address}\n`);
  out.flush();
  if (options.open === true) openBrowser(address);
  await new Promise((stop) => process.once('SIGINT', stop));
  process.exitCode = Exit.interrupted;
}

const ONCE = 'the page reads a capture more than once, which this is not made for; name a file instead';

async function served(captures: readonly NamedCapture[], names: Names, port: number): ReturnType<typeof servePage> {
  try {
    // two folders up are dist, compiled or in one file
    return await servePage(fileURLToPath(new URL('../../view/', import.meta.url)), captures, names, port);
  } catch (e) {
    if (systemCode(e) === 'EADDRINUSE')
      throw new UsageError(`--port ${port}: another program has it; without --port a free one is taken`);
    if (systemCode(e) === 'EACCES') throw new UsageError(`--port ${port}: ${reasonOf(e)}`);
    throw e;
  }
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!isPort(text)) throw new UsageError(`--port takes a number from 1 to 65535, not ${JSON.stringify(text)}`);
  return Number(text);
}

/**
 * Captures with the shortest names that tell them apart: as much of the end of their paths as that takes.
 * @param captures called by whole paths, each of them once
 */
export function toldApart(captures: readonly CaptureFiles[]): NamedCapture[] {
  const parts = captures.map((capture) => capture.name.split(sep));
  const name = (at: number, length: number): string => parts[at].slice(-length).join('/');
  const names: string[] = [];
  let left = [...captures.keys()];
  for (let length = 1; left.length > 0; length++) {
    const counts = new Map<string, number>();
    for (const at of left) counts.set(name(at, length), (counts.get(name(at, length)) ?? 0) + 1);
    const isTold = (at: number): boolean => counts.get(name(at, length)) === 1;
    for (const at of left.filter(isTold)) names[at] = safe(name(at, length));
    left = left.filter((at) => !isTold(at));
  }
  return captures.map(({ files }, at) => ({ name: names[at], files }));
}

/** What opens an address in the user's browser. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

function openBrowser(address: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const failed = (reason: string): void =>
    tell(`no browser could be opened (${program}: ${reason}); open the address above in one`);
  const child = spawn(program, [...args, address], { detached: true, stdio: 'ignore' });
  child.on('error', (e) => failed(systemCode(e) === 'ENOENT' ? 'it is not installed' : reasonOf(e)));
  child.on('exit', (code) => code !== 0 && code !== null && failed(`exit code ${code}`));
  child.unref();
}
