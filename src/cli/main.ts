#!/usr/bin/env node
/** Where the program starts. For its version nothing of it is loaded. */
import { writeSync } from 'node:fs';
import { loadAlone } from './start.js';
import { version } from './version.js';

function isVersionTold(argv: readonly string[]): boolean {
  if (argv.length !== 1 || argv[0] !== '--version') return false;
  try {
    return writeSync(1, `${version()}\n`) > 0;
  } catch {
    // the program knows what to say of a closed pipe and of a full disk
    return false;
  }
}

const argv = process.argv.slice(2);
if (!isVersionTold(argv)) loadAlone().main(argv);
