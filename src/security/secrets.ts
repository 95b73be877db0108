/**
 * The secrets file of the contract: accounts, keytabs, single keys. What is read here is never printed: messages name
 * the file and the member, not its content (and so not the JSON parser's own message, which quotes it).
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type KeytabEntry, parseKeytab } from './keytab.js';

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
export class UnreadableSecrets extends Error {
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(`${file}: ${reason}`);
    this.name = 'UnreadableSecrets';
  }
}

/** Reads a secrets file and the keytabs it names, relative to it. Throws `UnreadableSecrets`. */
export async function loadSecrets(path: string): Promise<Secrets> {
  const document = parseDocument(path, (await readBytes(path)).toString('utf8'));
  const accounts = list(path, document, 'accounts').map((value, i) => account(path, `accounts[${i}]`, value));
  const keys = list(path, document, 'keys').map((value, i) => singleKey(path, `keys[${i}]`, value));
  for (const [i, value] of list(path, document, 'keytabs').entries()) {
    if (typeof value !== 'string') throw new UnreadableSecrets(path, `keytabs[${i}]: a path is wanted`);
    const file = resolve(dirname(path), value);
    const entries = parseKeytab(await readBytes(file));
    if (typeof entries === 'string') throw new UnreadableSecrets(file, entries);
    for (const entry of entries) keys.push(entry);
  }
  return { accounts, keys };
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (e) {
    const code = e instanceof Error && 'code' in e ? String(e.code) : 'unknown error';
    throw new UnreadableSecrets(path, code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  }
}

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseDocument(path: string, text: string): Members {
  let document: unknown;
  try {
    document = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (e) {
    const at = e instanceof Error ? /at position \d+/.exec(e.message)?.[0] : undefined;
    throw new UnreadableSecrets(path, `it is not JSON${at === undefined ? '' : ` (${at})`}`);
  }
  if (!isMembers(document)) throw new UnreadableSecrets(path, 'a JSON object is wanted');
  return document;
}

function list(path: string, document: Members, name: string): unknown[] {
  const value = document[name] ?? [];
  if (!Array.isArray(value)) throw new UnreadableSecrets(path, `${name}: a list is wanted`);
  return value;
}

function text(path: string, where: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new UnreadableSecrets(path, `${where}: a text is wanted`);
  return value;
}

function hex(path: string, where: string, value: unknown, bytes: number | null): Uint8Array {
  const digits = text(path, where, value) ?? '';
  const fits = /^(?:[0-9a-f]{2})+$/i.test(digits) && (bytes === null || digits.length === 2 * bytes);
  if (!fits)
    throw new UnreadableSecrets(path, `${where}: ${bytes === null ? '' : `${2 * bytes} `}hex digits are wanted`);
  return Buffer.from(digits, 'hex');
}

function account(path: string, where: string, value: unknown): Account {
  if (!isMembers(value)) throw new UnreadableSecrets(path, `${where}: an object is wanted`);
  const user = text(path, `${where}.user`, value.user);
  if (user === null) throw new UnreadableSecrets(path, `${where}: "user" is missing`);
  const password = text(path, `${where}.password`, value.password);
  const hash = value.ntHash ?? null;
  if (password === null && hash === null)
    throw new UnreadableSecrets(path, `${where}: "password" or "ntHash" is wanted`);
  const ntHash = hash === null ? null : hex(path, `${where}.ntHash`, hash, 16);
  return { user, domain: text(path, `${where}.domain`, value.domain) || null, password, ntHash };
}

/** Key lengths by encryption type (RFC 3962, 4757, 8009). */
const KEY_LENGTHS: Readonly<Record<number, number>> = { 17: 16, 18: 32, 19: 16, 20: 32, 23: 16, 24: 16 };

function singleKey(path: string, where: string, value: unknown): KeytabEntry {
  if (!isMembers(value)) throw new UnreadableSecrets(path, `${where}: an object is wanted`);
  const { etype } = value;
  if (typeof etype !== 'number') throw new UnreadableSecrets(path, `${where}.etype: a number is wanted`);
  const key = hex(path, `${where}.key`, value.key, KEY_LENGTHS[etype] ?? null);
  const kvno = typeof value.kvno === 'number' ? value.kvno : null;
  return { principal: text(path, `${where}.principal`, value.principal) ?? '', etype, kvno, key };
}
