/** Every capture that shows fields: samples, those of `../shared` where they are, and made ones. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { ROOT, SHARED } from '../cli.js';
import { MADE as INTERFACES } from './made-interfaces.js';
import { MADE as LAYERS } from './made-layers.js';
import type { MadeCapture } from './wire.js';

/** A capture on the disk. */
export interface Capture {
  readonly name: string;
  readonly file: string;
  /** Only there where `../shared` is. */
  readonly isShared: boolean;
  readonly secrets: () => Promise<Secrets | null>;
}

async function secretsOf(file: string): Promise<Secrets | null> {
  return existsSync(file) ? loadSecrets(file) : null;
}

function samples(): Capture[] {
  return readdirSync(`${ROOT}samples`)
    .filter((folder) => existsSync(`${ROOT}samples/${folder}/capture.pcap`))
    .map((folder) => ({
      name: `samples/${folder}`,
      file: `${ROOT}samples/${folder}/capture.pcap`,
      isShared: false,
      secrets: () => secretsOf(`${ROOT}samples/${folder}/secrets.json`),
    }));
}

const CAPTURE = /\.pcap(?:ng)?(?:\.gz)?$/;

function shared(): Capture[] {
  if (SHARED === null) return [];
  return ['real', 'traffic', 'smb'].flatMap((folder) =>
    readdirSync(`${SHARED}captures/${folder}`)
      .filter((f) => CAPTURE.test(f))
      .map((f) => {
        const file = `${SHARED}captures/${folder}/${f}`;
        const secrets = () => secretsOf(file.replace(CAPTURE, '.secrets.json'));
        return { name: `${folder}/${f}`, file, isShared: true, secrets };
      }),
  );
}

/** Made captures stand in a folder that is gone when the file's tests are over. */
function written(all: readonly MadeCapture[]): Capture[] {
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return all.map(({ name, bytes, secrets = null }, i) => {
    const file = join(folder, `${i}.pcap`);
    writeFileSync(file, bytes());
    return { name: `made/${name}`, file, isShared: false, secrets: async () => secrets };
  });
}

/** All captures; call it once a file of tests. */
export function allCaptures(): Capture[] {
  return [...samples(), ...written([...LAYERS, ...INTERFACES]), ...shared()];
}

/** Samples and the made captures of layers, PDUs and tokens; tshark.test.ts compares those of interfaces. */
export function capturesOfLayers(): Capture[] {
  return [...samples(), ...written(LAYERS)];
}
