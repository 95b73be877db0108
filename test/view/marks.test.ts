/**
 * What the page is told of every PDU, sealed ones with secrets too: its JSON is what `read -T json --full` prints, and
 * the bytes of its nodes are found in the file.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadSecrets, type PduJson } from '../../src/index.js';
import { marksOf } from '../../src/view/details/marks.js';
import { nodesOn, rowsOf } from '../../src/view/details/nodes.js';
import { Capture } from '../../src/view/worker/capture.js';
import { Details, type PduDetail } from '../../src/view/worker/details.js';
import { clrscope, ROOT, SHARED } from '../cli.js';

const folders = [
  ...readdirSync(`${ROOT}samples`).map((name) => `${ROOT}samples/${name}/`),
  ...(SHARED === null ? [] : ['real', 'remoting', 'smb', 'traffic'].map((name) => `${SHARED}captures/${name}/`)),
];
const captures = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .map((name) => [folder.slice(folder.lastIndexOf('/', folder.length - 2) + 1) + name, folder + name] as const),
);

/**
 * Their PDUs wait to be printed, for bytes that were missing or for others in their frame: what they then say of their
 * call was learnt from those. The page says what was known when they were read.
 */
const WAITED: ReadonlySet<string> = new Set([
  ...['remoting/net-http-ooo.pcap', 'remoting/net-ooo.pcap', 'smb/smb2-odd.pcap', 'traffic/net-ooo.pcap'],
]);

/** Secrets that lie beside a capture: `NAME.secrets.json` or, in a sample's folder, `secrets.json`. */
function secretsOf(path: string): string | null {
  const own = path.replace(/\.pcap.*$/, '.secrets.json');
  return [own, path.replace(/[^/]*$/, 'secrets.json')].find((name) => existsSync(name)) ?? null;
}

test.each(captures)('%s', async (name, path) => {
  const secrets = secretsOf(path);
  const told = secrets === null ? [] : ['--secrets', secrets];
  const printed = JSON.parse(clrscope(['read', '-q', '-T', 'json', '--full', ...told, path]).out) as PduJson[];
  const given = secrets === null ? undefined : await loadSecrets(secrets);
  const capture = new Capture({ url: path, name: 'capture', size: 0 }, given);
  await capture.read(() => {});
  const details = new Details(capture);
  const stored = readFileSync(path);
  const file = path.endsWith('.gz') ? gunzipSync(stored) : stored;
  // what was read late, from behind missing bytes, is printed where it belongs
  const order = capture.pduRows.inOrder();
  expect(order).toHaveLength(printed.length);
  for (const [i, expected] of printed.entries()) {
    const detail = await details.pdu(order[i] + 1);
    expect(detail?.json).toEqual(WAITED.has(name) ? { ...expected, summary: detail?.json.summary } : expected);
    if (detail !== null) expectFound(detail, file);
  }
  expect(await details.pdu(printed.length + 1)).toBeNull();
});

/** Every node's path leads to it, and its bytes stand in the file where the page marks them. */
function expectFound({ json, sources }: PduDetail, file: Uint8Array): void {
  for (const { node, path, level } of rowsOf(json.tree, () => true)) {
    const { name, source, offset, length } = node;
    const way = nodesOn(json.tree, path);
    if (way.length !== level || way.at(-1) !== node) expect.fail(`${path} does not lead to ${name}`);
    if (source === undefined || offset === undefined || length === undefined) continue;
    const marks = marksOf(sources, source, offset, offset + length);
    if (!marks.isSame) {
      // made of others as a whole: of those something is marked
      if (length > 0 && marks.file.length === 0) expect.fail(`nothing is marked for ${path}`);
      continue;
    }
    const bytes = sources[source].bytes.subarray(offset, offset + length);
    const marked = Buffer.concat(marks.file.map(({ start, end }) => file.subarray(start, end)));
    // what was not captured is in no file; what was captured out of order stands in the order of the file
    if (marked.length > length) expect.fail(`${path} marks ${marked.length} bytes instead of ${length}`);
    if (marks.file.length === 1 && marked.length === length && !marked.equals(bytes))
      expect.fail(`${path} marks other bytes`);
  }
}
