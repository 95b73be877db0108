/**
 * `--dissector FILE`: interfaces that a user wrote as README's example. The file is a module that Node runs, with all that a
 * program may do: it runs because it was named. What it imports of clrscope is the program's own.
 */
import { spawnSync } from 'node:child_process';
import { accessSync } from 'node:fs';
import module from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { safe } from '../core/safe-text.js';
import { reasonOf } from '../core/user-error.js';
import * as face from '../interfaces.js';
import { importModule } from './import-module.js';
import { UsageError } from './options.js';

/** Where modules find what the program offers. */
const OFFERED = Symbol.for('clrscope.interfaces');

/**
 * Runs in a thread of Node's own: `clrscope/interfaces` is what the program offers, and so is what a file in
 * dissectors/interfaces would import from its neighbours.
 */
const HOOKS = `
let source;
const ours = { url: 'clrscope:interfaces', format: 'module', shortCircuit: true };
const neighbours = /^\\.\\.\\/(ndr|dcom)\\/[\\w-]+\\.js$|^\\.\\.\\/\\.\\.\\/src\\/core\\/node\\.js$/;
export function initialize(names) {
  source = names.map((name) => 'export const ' + name + ' = globalThis[Symbol.for("clrscope.interfaces")].' + name + ';').join('\\n');
}
export async function resolve(specifier, context, next) {
  if (specifier === 'clrscope/interfaces') return ours;
  try {
    return await next(specifier, context);
  } catch (e) {
    if (neighbours.test(specifier)) return ours;
    throw e;
  }
}
export async function load(url, context, next) {
  return url === ours.url ? { ...ours, source } : next(url, context);
}`;

let isOffered = false;

function offer(): void {
  if (isOffered) return;
  isOffered = true;
  Object.assign(globalThis, { [OFFERED]: face });
  module.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: Object.keys(face) });
}

/**
 * The interfaces that files export.
 * @throws UsageError where one cannot be run, or exports none
 */
export async function dissectorsOf(files: readonly string[]): Promise<RpcInterface[]> {
  const all: RpcInterface[] = [];
  for (const file of files) {
    offer();
    const name = `--dissector ${safe(file)}`;
    let exported: Record<string, unknown>;
    try {
      accessSync(file);
      exported = await importModule(pathToFileURL(resolve(file)).href);
    } catch (e) {
      throw new UsageError(`${name}: ${whyNot(e, file)}`);
    }
    const found = Object.entries(exported).filter(([, value]) => looksLikeOne(value));
    if (found.length === 0) throw new UsageError(`${name}: it exports no interface: an object with name, uuid and ops`);
    for (const [, value] of found) all.push(checked(value as RpcInterface, file, name));
  }
  return all;
}

function whyNot(e: unknown, file: string): string {
  const { code } = e as { code?: unknown };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return `Node ${process.versions.node} runs no such file: TypeScript needs 22.18 or newer; JavaScript ends with .js or .mjs`;
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT') return 'it is a folder; a file is run, which may import others';
  const line = lineThrown(e, file) ?? (e instanceof SyntaxError ? lineOfMistake(file) : undefined);
  return `${line === undefined ? '' : `line ${line}: `}${reasonOf(e)}`;
}

/** Where in a file Node finds a mistake: of a module that is imported it tells only what, and the place where it checks one. */
function lineOfMistake(file: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 10_000 });
  return /^.+:(\d+)\n/.exec(stderr)?.[1];
}

/** The line of the file that threw it, or called what did. */
function lineThrown(e: unknown, file: string): string | undefined {
  const { stack } = e as { stack?: unknown };
  const url = pathToFileURL(resolve(file)).href;
  const from = String(stack).split(`${url}:`)[1];
  return from === undefined ? undefined : /^\d+/.exec(from)?.[0];
}

function looksLikeOne(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'uuid' in value && 'ops' in value;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is wrong with an interface, null where nothing is. */
function wrong({ name, uuid, orpc, ops }: Partial<Record<keyof RpcInterface, unknown>>): string | null {
  if (typeof name !== 'string' || name === '') return 'name was expected, a text';
  if (typeof uuid !== 'string' || !UUID.test(uuid)) return `uuid was expected, as 5a3c4a7e-0c5d-4c5b-9d2e-1f0e7a9b3c11`;
  if (typeof orpc !== 'boolean') return 'orpc was expected: true where requests begin with ORPCTHIS, false elsewhere';
  if (typeof ops !== 'object' || ops === null) return 'ops was expected: operations by their numbers';
  for (const [opnum, op] of Object.entries(ops)) {
    const { name, request, response, returns } = (op ?? {}) as Record<string, unknown>;
    if (!/^\d{1,5}$/.test(opnum)) return `the number of an operation was expected in ops, not ${JSON.stringify(opnum)}`;
    if (typeof name !== 'string' || typeof returns !== 'string' || !areMembers(request) || !areMembers(response))
      return `ops[${opnum}] is not what operation() makes`;
  }
  return null;
}

function areMembers(list: unknown): boolean {
  return Array.isArray(list) && list.every((m) => typeof m?.name === 'string' && m.type?.kind && m.field?.name);
}

function checked(value: RpcInterface, file: string, name: string): RpcInterface {
  const reason = wrong(value);
  if (reason !== null) throw new UsageError(`${name}: ${safe(String(value.name))}: ${reason}`);
  const { version = '0.0', spec = file } = value as Partial<RpcInterface>;
  return { ...value, uuid: value.uuid.toLowerCase(), version: String(version), spec: String(spec) };
}
