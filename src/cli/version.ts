/** Which release this is: package.json says it. */
import { readFileSync } from 'node:fs';

let known: string | null = null;

export function version(): string {
  known ??= read();
  return known;
}

function read(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
