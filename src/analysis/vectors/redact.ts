/**
 * Masks what looks like a secret in decoded values, by name: text of members and parameters called like a password,
 * token or key, and `Password=…` in connection strings. It is a help and no guarantee: text that nothing around it
 * calls a secret stays.
 */

const SUSPICIOUS = /passw|pwd|passphrase|secret|token|credential|api_?key|private_?key|access_?key|connectionstring/i;
const ASSIGNED = /(?:password|pwd|secret|token|api_?key|accountkey)\s*=\s*("[^"]*"|'[^']*'|[^;&\s"']+)/gi;
/** Members that hold the same bytes in another form. */
const RAW = new Set(['hex', 'bytes', 'data', 'records', 'sha256', 'readable', 'summary']);
/** Shorter text is not looked for elsewhere: it would mask half of the document. */
const SHORTEST = 4;

/** The document with secrets masked by as many asterisks; null where there is none in it. */
export function redact(document: unknown): unknown {
  const secrets = new Set<string>();
  collect(document, secrets);
  if (secrets.size === 0) return null;
  return mask(
    document,
    [...secrets].sort((a, b) => b.length - a.length),
  );
}

function collect(document: unknown, secrets: Set<string>): void {
  const todo: { value: unknown; named: boolean }[] = [{ value: document, named: false }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { value, named } = next;
    if (typeof value === 'string') {
      if (named && value.length >= SHORTEST) secrets.add(value);
      for (const [, found] of value.matchAll(ASSIGNED)) if (found.length >= SHORTEST) secrets.add(found);
    } else if (Array.isArray(value)) for (const v of value) todo.push({ value: v, named });
    else if (typeof value === 'object' && value !== null)
      for (const [key, v] of Object.entries(value)) {
        if (RAW.has(key) || (named && TYPES.has(key))) continue;
        todo.push({ value: v, named: named || SUSPICIOUS.test(key) });
      }
  }
}

/** Members of a VALUE that say what it is, not what it holds. */
const TYPES = new Set(['type', 'assembly', 'vt', 'layout', 'features', 'kind']);

function mask(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    let text = value;
    for (const secret of secrets) text = text.replaceAll(secret, '*'.repeat(secret.length));
    return text;
  }
  if (Array.isArray(value)) return value.map((v) => mask(v, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !RAW.has(key))
      .map(([key, v]) => [key, mask(v, secrets)]),
  );
}
