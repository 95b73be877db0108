/** `--dissector` and `--idl`: interfaces of the user's own, for every command that knows interfaces. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { textOfFile } from '../core/file-text.js';
import { safe } from '../core/safe-text.js';
import { readInput } from './input.js';
import { type OwnOptions, UsageError } from './options.js';

/** Where the interfaces come from: plain data, which threads can be told. */
export interface OwnSources {
  readonly dissectors: readonly string[];
  readonly idl: readonly { readonly file: string; readonly text: string }[];
  readonly registry: readonly { readonly file: string; readonly text: string }[];
}

/**
 * Reads IDL files, once: one may be a pipe.
 * @throws UserError where one cannot be read
 */
export function ownSources({ dissector = [], idl = [], registry = [] }: OwnOptions): OwnSources {
  const read = (option: string) => (file: string) => ({
    file,
    text: textOfFile(readInput(file, `${option} ${safe(file)}`)),
  });
  return { dissectors: dissector, idl: idl.map(read('--idl')), registry: registry.map(read('--registry')) };
}

/**
 * The interfaces, those of later files for earlier ones of the same UUID.
 * @throws UserError where a file holds none, or mistakes
 */
export async function ownInterfaces(sources: OwnSources): Promise<readonly RpcInterface[]> {
  const { dissectors, idl, registry } = sources;
  if (dissectors.length + idl.length + registry.length === 0) return [];
  const declared = await declaredIn(sources);
  if (registry.length === 0) return declared;
  const [{ namedOnly, registryNames }, { interfacesWith }] = await Promise.all([
    import('./registry.js'),
    import('../../dissectors/index.js'),
  ]);
  const known = interfacesWith(declared);
  const named = registry.flatMap(({ file, text }) => namedOnly(registryNames(text, safe(file)), safe(file)));
  // what is known better keeps its name
  return [...declared, ...named.filter(({ uuid }) => !known.has(uuid))];
}

async function declaredIn(sources: OwnSources): Promise<readonly RpcInterface[]> {
  if (sources.dissectors.length + sources.idl.length === 0) return [];
  const [{ dissectorsOf }, { readIdl }, { INTERFACES }, { knownFields }] = await Promise.all([
    import('./dissector-file.js'),
    import('../../dissectors/idl/index.js'),
    import('../../dissectors/index.js'),
    import('../known-fields.js'),
  ]);
  const own = await dissectorsOf(sources.dissectors);
  const fields = knownFields(own);
  const [conflict] = fields.conflicts;
  if (conflict !== undefined)
    throw new UsageError(
      `--dissector ${safe(sources.dissectors.join(', '))}: the field ${safe(conflict)} is declared once more, with another type`,
    );
  if (sources.idl.length === 0) return own;
  const taken = new Set(fields.list().map(({ name }) => name.split('.', 1)[0]));
  const files = sources.idl.map(({ file, text }) => ({ name: safe(file), text, imports: beside(file) }));
  const read = readIdl(files, [...INTERFACES, ...own], taken);
  if (read.length === 0)
    throw new UsageError(`--idl ${files.map(({ name }) => name).join(', ')}: no interface with a uuid`);
  return [...own, ...read];
}

/** Options of a command that reads no captures, made interfaces. */
export function interfacesOf(options: OwnOptions): Promise<readonly RpcInterface[]> {
  return ownInterfaces(ownSources(options));
}

/** Files that lie in the folder of the one that imports them; others are not looked for. */
function beside(file: string): (name: string) => string | null {
  return (name) => {
    const path = join(dirname(file), name);
    if (/[/\\]/.test(name) || !statSync(path, { throwIfNoEntry: false })?.isFile()) return null;
    return textOfFile(readFileSync(path));
  };
}
