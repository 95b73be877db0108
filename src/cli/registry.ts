/** `--registry FILE`: names of classes and interfaces by their UUIDs, out of a table or of what regedit exports. */
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { parseJson } from '../core/json-text.js';
import { UsageError } from './options.js';

const UUID = '\\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\}?';
const ONLY = new RegExp(`^${UUID}$`, 'i');
/** A class or an interface, or the key below a class that holds its ProgID. */
const KEY = new RegExp(`^\\[-?.*\\\\(?:CLSID|Interface)\\\\${UUID}(?:\\\\(ProgID|VersionIndependentProgID))?\\]$`, 'i');
/** The key below a ProgID that holds its class. */
const PROGRAM = /^\[-?.*\\([^\\]+)\\CLSID\]$/i;
const FIRST = new RegExp(`^${UUID}[\\t,;= ]+(\\S.*)$`, 'i');
const LAST = new RegExp(`[\\t,;= ]${UUID}$`, 'i');

/**
 * Names by UUID: JSON as `{"UUID": "name"}`, lines of a UUID and its name, or an export of the registry (a class is called by its
 * ProgID where it has one). A name in front of its UUID is taken too.
 * @throws UsageError where the file holds none
 */
export function registryNames(text: string, name: string): Map<string, string> {
  const names = /^\s*\{\s*"/.test(text) ? fromJson(text) : fromLines(text);
  if (names.size === 0) throw new UsageError(`--registry ${name}: no line of it has a UUID and a name`);
  return names;
}

function fromJson(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [key, value] of Object.entries(parseJson(new TextEncoder().encode(text)) as object)) {
    if (typeof value !== 'string') continue;
    const [uuid, name] = ONLY.test(key) ? [key, value] : [value, key];
    const [, plain] = ONLY.exec(uuid) ?? [];
    if (plain !== undefined) names.set(plain.toLowerCase(), name);
  }
  return names;
}

function fromLines(text: string): Map<string, string> {
  const names = new Map<string, string>();
  const programs = new Map<string, string>();
  /** Takes the value of the key that is read. */
  let take: ((value: string) => void) | null = null;
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line.startsWith('[')) {
      take = taker(line, names, programs);
      continue;
    }
    const value = /^@="(.*)"$/.exec(line)?.[1].replaceAll(/\\(["\\])/g, '$1');
    if (value !== undefined) {
      if (value !== '') take?.(value);
      continue;
    }
    // a table may have its cells in quotes
    const row = line.replaceAll('"', '');
    const [, uuid, name] = FIRST.exec(row) ?? [];
    const last = LAST.exec(row);
    const before = row.slice(0, last?.index ?? 0).trim();
    if (uuid !== undefined) names.set(uuid.toLowerCase(), name.trim());
    else if (last !== null && /^[^#]*[^#,;=]$/.test(before)) names.set(last[1].toLowerCase(), before);
  }
  return new Map([...names, ...programs]);
}

/** What the default value of a key says; null where it names nothing. */
function taker(
  line: string,
  names: Map<string, string>,
  programs: Map<string, string>,
): ((value: string) => void) | null {
  const [, uuid, program] = KEY.exec(line) ?? [];
  const own = uuid?.toLowerCase();
  const add = (clsid: string, name: string): void => {
    if (!programs.has(clsid)) programs.set(clsid, name);
  };
  if (own !== undefined) return (value) => (program === undefined ? names.set(own, value) : add(own, value));
  const [, progId] = PROGRAM.exec(line) ?? [];
  if (progId === undefined) return null;
  return (value) => {
    const [, clsid] = ONLY.exec(value) ?? [];
    if (clsid !== undefined) add(clsid.toLowerCase(), progId);
  };
}

/** The same as interfaces of which the name is all that is known. */
export function namedOnly(names: ReadonlyMap<string, string>, spec: string): RpcInterface[] {
  return [...names].map(([uuid, name]) => ({ name, uuid, version: '0.0', spec, orpc: true, ops: {} }));
}
