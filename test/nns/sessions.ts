/** Exchanges and wrapped messages of other implementations, which checked each other's: see `made` in each. */
import { readFileSync } from 'node:fs';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import type { Direction } from '../../src/security/types.js';

interface Said<K extends string> {
  readonly from: Direction;
  readonly bytes: Readonly<Record<K, Buffer>>;
}

export interface ForeignSession {
  readonly steps: readonly Said<'token'>[];
  readonly messages: readonly Said<'clear' | 'wrapped'>[];
}

const DATA = new URL('data/', import.meta.url);

export function foreignSession(name: string): ForeignSession {
  const document = JSON.parse(readFileSync(new URL(`${name}.json`, DATA), 'utf8')) as {
    steps: { from: Direction; token: string }[];
    messages: { from: Direction; clear: string; wrapped: string }[];
  };
  const unhex = (text: string) => Buffer.from(text, 'hex');
  return {
    steps: document.steps.map(({ from, token }) => ({ from, bytes: { token: unhex(token) } })),
    messages: document.messages.map(({ from, clear, wrapped }) => ({
      from,
      bytes: { clear: unhex(clear), wrapped: unhex(wrapped) },
    })),
  };
}

/** The accounts of all of them. */
export const foreignSecrets = (): Promise<Secrets> => loadSecrets(new URL('secrets.json', DATA).pathname);

export const SESSIONS = [
  ['ntlm-sealed', true, 'LAB\\alice'],
  ['ntlm-signed', false, 'LAB\\alice'],
  ['spnego-ntlm-sealed', true, 'LAB\\alice'],
  ['kerberos-aes256-sealed', true, 'LAB.TEST\\alice'],
  ['kerberos-aes256-signed', false, 'LAB.TEST\\alice'],
  ['kerberos-aes128-sha2-sealed', true, 'LAB.TEST\\alice'],
] as const;
