/**
 * The secrets file of the contract: accounts, keytabs, single keys. What is read here is never printed: messages name
 * the file and the member, not its content (and so not the JSON parser's own message, which quotes it).
 */
import { nameBeside, readNamed, shownName } from '#platform';
import { fromHex } from '../core/bytes.js';
import { parseJson } from '../core/json-text.js';
import { safe } from '../core/safe-text.js';
import { reasonOf, UserError } from '../core/user-error.js';
import { type KeytabEntry, parseKeytab } from './kerberos/keytab.js';

/** One of `password` and `ntHash` is there. */
export interface Account {
  readonly user: string;
  /** NetBIOS or DNS name, null where the file gives none. */
  readonly domain: string | null;
  readonly password: string | null;
  /** 16 bytes. */
  readonly ntHash: Uint8Array | null;
}

export interface Secrets {
  readonly accounts: readonly Account[];
  /** Kerberos keys of all keytabs and single keys. */
  readonly keys: readonly KeytabEntry[];
}

/** A secrets file or keytab that cannot be used. The message names file and reason, and no secret. */
export class UnreadableSecrets extends UserError {
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(`${safe(shownName(file))}: ${reason}`);
    this.name = 'UnreadableSecrets';
  }
}

/** A file that was read. Messages name it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads secrets files (in a browser: by their URLs) and the keytabs that they name, relative to them; or keytabs.
 * @throws UnreadableSecrets where one of them is not there, or not what it should be
 */
export async function loadSecrets(...paths: readonly string[]): Promise<Secrets> {
  const load = async (path: string): Promise<Secrets> =>
    readSecrets({ name: path, bytes: await readBytes(path) }, async (keytab) => {
      const name = nameBeside(path, keytab);
      return { name, bytes: await readBytes(name) };
    });
  const all = await Promise.all(paths.map(load));
  return { accounts: all.flatMap(({ accounts }) => accounts), keys: all.flatMap(({ keys }) => keys) };
}

/**
 * What a secrets file says, with the keytabs it names; or a keytab.
 * @param keytab gives a keytab that the file names
 * @throws UnreadableSecrets where one of them is not what it should be
 */
export async function readSecrets(
  file: NamedBytes,
  keytab: (name: string) => NamedBytes | Promise<NamedBytes>,
): Promise<Secrets> {
  const { bytes } = file;
  if (bytes[0] === 5 && bytes[1] <= 2) return { accounts: [], keys: keysOf(file) };
  // the validator is loaded by those who have secrets
  const { secretsDocument } = await import('./secrets-schema.js');
  const document = secretsDocument(parse(file));
  if (typeof document === 'string') throw new UnreadableSecrets(file.name, document);
  const accounts = document.accounts.map(({ user, domain, password, ntHash }) => ({
    user,
    domain: domain || null,
    password: password ?? null,
    ntHash: ntHash == null ? null : fromHex(ntHash),
  }));
  const keys: KeytabEntry[] = document.keys.map(({ principal, etype, kvno, key }) => ({
    principal: principal ?? '',
    etype,
    kvno: kvno ?? null,
    key: fromHex(key),
  }));
  for (const told of document.keytabs) for (const entry of keysOf(await keytab(told))) keys.push(entry);
  return { accounts, keys };
}

function keysOf({ name, bytes }: NamedBytes): readonly KeytabEntry[] {
  const entries = parseKeytab(bytes);
  if (typeof entries === 'string') throw new UnreadableSecrets(name, entries);
  return entries;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readNamed(path);
  } catch (e) {
    throw new UnreadableSecrets(path, reasonOf(e));
  }
}

function parse({ name, bytes }: NamedBytes): unknown {
  try {
    return parseJson(bytes);
  } catch (e) {
    throw new UnreadableSecrets(name, reasonOf(e));
  }
}
