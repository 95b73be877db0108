/** `--names FILE`: what hosts are called, as /etc/hosts says it. */
import { safe } from '../core/safe-text.js';
import type { Job } from './job.js';

/** The first name of each address. */
export function hostNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [address, name] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (name !== undefined && !names.has(address.toLowerCase())) names.set(address.toLowerCase(), name);
  }
  return names;
}

/** What a host is called in text: by its name, else by its address. */
export function hostText({ hosts }: Pick<Job, 'hosts'>, { address }: { readonly address: string }): string {
  const name = hosts.get(address);
  return name === undefined ? address : safe(name);
}
