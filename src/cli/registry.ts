/** `--registry FILE`: names of classes and interfaces by their UUIDs, out of a table or of what regedit exports. */
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { parseJson } from '../core/json-text.js';
import { UsageError } from './options.js';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const KEY = new RegExp(
  `^\\[-?.*\\\\(?:CLSID|Interface)\\\\\\{(${UUID})\\}(?:\\\\(ProgID|VersionIndependentProgID))?\\]$`,
  'i',
);
const ROW = new RegExp(`^\\{?(${UUID})\\}?[\\t,;= ]+(\\S.*)$`, 'i');

/**
 * Names by UUID: JSON as `{"UUID": "name"}`, lines of a UUID and its name, or an export of the registry (a class is called by its
 * ProgID where it has one).
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
    const uuid = new RegExp(`^\\{?(${UUID})\\}?$`, 'i').exec(key)?.[1];
    if (uuid !== undefined && typeof value === 'string') names.set(uuid.toLowerCase(), value);
  }
  return names;
}

function fromLines(text: string): Map<string, string> {
  const names = new Map<string, string>();
  const programs = new Map<string, string>();
  let into: Map<string, string> | null = null;
  let uuid = '';
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('[')) {
      const key = KEY.exec(line.trim());
      uuid = key?.[1].toLowerCase() ?? '';
      into = key === null ? null : key[2] === undefined ? names : programs;
      continue;
    }
    const value = /^@="(.*)"$/.exec(line.trim())?.[1];
    if (value !== undefined) {
      if (value !== '' && !(into === programs && programs.has(uuid)))
        into?.set(uuid, value.replaceAll(/\\(["\\])/g, '$1'));
      continue;
    }
    const row = ROW.exec(line.trim());
    if (row !== null) names.set(row[1].toLowerCase(), row[2].trim());
  }
  return new Map([...names, ...programs]);
}

/** The same as interfaces of which the name is all that is known. */
export function namedOnly(names: ReadonlyMap<string, string>, spec: string): RpcInterface[] {
  return [...names].map(([uuid, name]) => ({ name, uuid, version: '0.0', spec, orpc: true, ops: {} }));
}
