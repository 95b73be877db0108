/** Secrets as the dialog gives them, and what the engine makes of them. */
import { type NamedBytes, readSecrets, type Secrets, UnreadableSecrets } from '../../index.js';

/** What a user gives. It goes to the worker and nowhere else. */
export interface GivenSecrets {
  readonly accounts: readonly {
    readonly user: string;
    readonly domain: string;
    /** One of the two is empty. */
    readonly password: string;
    readonly ntHash: string;
  }[];
  /** Secrets files and keytabs. */
  readonly files: readonly File[];
}

/** @throws UnreadableSecrets, which names file and member and quotes no secret */
export async function secretsOf({ accounts, files }: GivenSecrets): Promise<Secrets> {
  const read = await Promise.all(
    files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  );
  const keytabs = read.filter(isKeytab);
  /** By name alone: a page does not know folders. */
  const keytab = (path: string): NamedBytes => {
    const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    const found = keytabs.find((file) => file.name === name);
    if (found === undefined) throw new UnreadableSecrets(name, 'a secrets file names it: choose it together with that');
    return found;
  };
  const typed = {
    accounts: accounts.map(({ user, domain, password, ntHash }) => ({
      ...{ user, domain },
      ...(ntHash === '' ? { password } : { ntHash }),
    })),
    keytabs: keytabs.map(({ name }) => name),
  };
  const documents = [
    { name: 'what was typed in', bytes: new TextEncoder().encode(JSON.stringify(typed)) },
    ...read.filter((file) => !isKeytab(file)),
  ];
  const all = await Promise.all(documents.map((document) => readSecrets(document, keytab)));
  return { accounts: all.flatMap((one) => one.accounts), keys: all.flatMap((one) => one.keys) };
}

function isKeytab({ bytes }: NamedBytes): boolean {
  return bytes[0] === 5;
}
