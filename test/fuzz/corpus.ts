/** What the fuzzer mutates: samples, vectors, filters; and how its inputs are written to files and read again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { pcapFile } from '../bytes.js';
import { HOSTILE_FILTERS, hostileCapture, hostileFiles, hostileNrbf, hostilePackets } from './hostile.js';
import { scenesOf } from './scenes.js';
import { allCaptures, PROJECT, packetsIn, packetsOf, type RawPacket } from './way.js';

export interface Corpus {
  /** Short conversations, and the beginnings of whole captures. */
  readonly packets: (readonly RawPacket[])[];
  /** Capture files as they stand. */
  readonly files: Uint8Array[];
  readonly nrbf: Uint8Array[];
  readonly filters: string[];
  readonly keytabs: Uint8Array[];
  readonly secrets: Secrets;
}

/** Longest capture file and longest NRBF stream taken. */
const MAX_FILE = 70_000;
/** Packets of one whole capture. */
const MAX_PACKETS = 60;

const FILTERS = [
  'dcerpc.opnum == 3 && ip.addr == 10.0.0.0/8',
  'tcp.port in {135, 49664 .. 49700} or not dcerpc',
  'frame.number > 10 and frame.len <= 1500',
  'dcerpc.cn_bind_to_uuid == c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4',
  'nrbf contains "ObjRef" or dcom.bstr matches "(?i)hello[a-z]*"',
  'ip.src[0:2] == 0a:00 && len(ip.src) == 4',
  'upper(dcom.vt.bstr) ~ "^A|B{2,}(c+)+$"',
];

/** Reads all there is. */
export async function loadCorpus(): Promise<Corpus> {
  const corpus: Corpus = {
    packets: [],
    files: hostileFiles(),
    nrbf: hostileNrbf(),
    filters: [...FILTERS, ...HOSTILE_FILTERS],
    keytabs: [],
    secrets: await allSecrets(),
  };
  const seen = new Set<string>();
  for (const file of allCaptures()) {
    const bytes = readFileSync(file);
    if (bytes.length <= MAX_FILE) corpus.files.push(bytes);
    const packets = await packetsOf(file);
    if (packets.length > 0) corpus.packets.push(packets.slice(0, MAX_PACKETS));
    for (const scene of scenesOf(packets, seen)) if (scene.packets.length > 0) corpus.packets.push(scene.packets);
  }
  corpus.files.push(hostileCapture());
  corpus.packets.push(await packetsIn(hostileCapture()));
  for (const frames of hostilePackets())
    corpus.packets.push(
      frames.map((bytes, i) => ({ link: 1, bytes, length: bytes.length, sec: 1_700_000_000 + i, nsec: 0 })),
    );
  const shared = join(PROJECT, '../shared');
  for (const folder of [join(PROJECT, 'test/nrbf/vectors'), join(shared, 'nrbf/valid'), join(shared, 'nrbf/malformed')])
    for (const name of list(folder)) {
      if (!name.endsWith('.nrbf')) continue;
      const bytes = readFileSync(join(folder, name));
      if (bytes.length <= MAX_FILE && bytes.length > 0) corpus.nrbf.push(bytes);
    }
  const filters = join(shared, 'captures/real/filters.json');
  if (existsSync(filters))
    for (const { filter } of JSON.parse(readFileSync(filters, 'utf8')) as { filter: string }[])
      if (!corpus.filters.includes(filter)) corpus.filters.push(filter);
  for (const folder of folders())
    for (const name of list(folder))
      if (name.endsWith('.keytab')) corpus.keytabs.push(readFileSync(join(folder, name)));
  return corpus;
}

/** Folders with captures. */
function folders(): string[] {
  return [...new Set(allCaptures().map(dirname))];
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** The secrets of all samples as one. */
export async function allSecrets(): Promise<Secrets> {
  const files = folders().flatMap((folder) =>
    list(folder)
      .filter((n) => basename(n).endsWith('.secrets.json'))
      .map((n) => join(folder, n)),
  );
  const all = await Promise.all(files.map((file) => loadSecrets(file)));
  return { accounts: all.flatMap((s) => s.accounts), keys: all.flatMap((s) => s.keys) };
}

/** Packets as a capture file, for a regression; what is not Ethernet makes a file of its own link type. */
export function toPcap(packets: readonly RawPacket[]): Uint8Array {
  const link = packets[0]?.link ?? 1;
  return pcapFile(
    packets.map((p) => ({ bytes: p.bytes, sec: p.sec, fraction: Math.floor(p.nsec / 1000), length: p.length })),
    { link },
  );
}
