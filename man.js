/** A step of a build: the manual page, out of the program's table of commands and options. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { programOf } from './dist/src/cli/program.js';
import { manPage } from './dist/src/cli/shell/man.js';
import { version } from './dist/src/cli/version.js';

const folder = fileURLToPath(new URL('man', import.meta.url));
const built = new Date(process.env.SOURCE_DATE_EPOCH ? Number(process.env.SOURCE_DATE_EPOCH) * 1000 : Date.now());
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/clrscope.1`, manPage(await programOf(true), version(), built.toISOString().slice(0, 10)));
