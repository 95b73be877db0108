/** A step of a build: the declarations that the package's entries reach, in a folder of their own. No other is shipped. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const types = join(dist, 'types');
rmSync(types, { recursive: true, force: true });
const files = new Set(['index', 'nrbf', 'interfaces', 'platform/web'].map((name) => join(dist, 'src', `${name}.d.ts`)));
for (const file of files) {
  cpSync(file, join(types, relative(dist, file)));
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.js['"]/g))
    files.add(join(dirname(file), `${path}.d.ts`));
}
