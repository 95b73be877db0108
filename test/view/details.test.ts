/** The page draws what `read -T json --full` prints: every node, value and byte of every PDU of the samples. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encode, type NodeJson, type PduJson, SCENARIOS, safe } from '../../src/index.js';
import { clrscope, ROOT } from '../cli.js';
import { type Drawn, type DrawnNode, drawnPdus } from './drawn.js';
import { describePage, openFromDisk } from './support.js';

const SAMPLES = readdirSync(`${ROOT}samples`)
  .filter((name) => name !== 'truth')
  .map((name) => [name, `${ROOT}samples/${name}/`] as const);

/** Sealed by Kerberos, whose keytab the secrets name. */
const KERBEROS = `${ROOT}samples/truth/krb5-privacy`;

/** PDUs that are looked at in one go. */
const BLOCK = 20;

describePage('the details of a PDU', () => {
  test.each(SAMPLES)(
    'are what is printed: %s',
    async (_name, folder) => {
      const secrets = `${folder}secrets.json`;
      await expectPrinted(`${folder}capture.pcap`, existsSync(secrets) ? [secrets] : []);
    },
    600_000,
  );

  test(
    'are what is printed: sealed by Kerberos',
    () => expectPrinted(`${KERBEROS}.pcap`, [`${KERBEROS}.secrets.json`, `${KERBEROS}.keytab`]),
    600_000,
  );

  test('are what is printed: counts without bytes, deep graphs, texts that would steer a terminal', async () => {
    const { document } = SCENARIOS.find(({ name }) => name === 'hostile')!;
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-hostile-'));
    try {
      writeFileSync(`${folder}/capture.pcap`, encode(document()));
      await expectPrinted(`${folder}/capture.pcap`, []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 600_000);
});

/**
 * Goes through all PDUs of a capture, and holds what is drawn of each against what is printed.
 * @param secrets a secrets file, and keytabs that it names; the page is given them when it shows a PDU already
 */
async function expectPrinted(file: string, secrets: readonly string[]): Promise<void> {
  const [told] = secrets;
  const more = told === undefined ? [] : ['--secrets', told];
  const printed = JSON.parse(clrscope(['read', '-q', '-T', 'json', '--full', ...more, file]).out) as PduJson[];
  const page = await openFromDisk(file, { viewport: { width: 1000, height: 2400 }, at: 'pdu=1' });
  if (told !== undefined) {
    await page.getByRole('button', { name: 'Secrets…' }).click();
    await page.getByLabel('Keytabs, or a secrets file').setInputFiles([...secrets]);
    await page.getByRole('button', { name: 'Open with these' }).click();
    await page.getByText(/of \d+ sealed calls opened/).waitFor();
    await page.keyboard.press('Escape');
  }
  for (let from = 1; from <= printed.length; from += BLOCK) {
    const to = Math.min(from + BLOCK - 1, printed.length);
    for (const [i, drawn] of (await drawnPdus(page, from, to)).entries()) expectSame(drawn, printed[from - 1 + i]);
  }
}

function expectSame({ tree, bytes, json }: Drawn, printed: PduJson): void {
  expect(JSON.parse(json)).toEqual(printed);
  expect(tree).toEqual(nodesOf(printed));
  expect(bytes.map(({ name }) => name)).toEqual(printed.sources.map(({ name, length }) => `${name} ${length}`));
  for (const { name, hex } of bytes) expect(hex, name).toHaveLength(2 * Number(name.slice(name.lastIndexOf(' '))));
  expectValues(printed, bytes);
}

/** The nodes of a PDU as the page should draw them. */
function nodesOf({ tree }: PduJson): DrawnNode[] {
  const text = (n: number | undefined): string | null => (n === undefined ? null : String(n));
  const nodes: DrawnNode[] = [];
  const add = ({ name, label, display, source, offset, length, children }: NodeJson, level: number): void => {
    nodes.push({
      ...{ level, field: name, source: text(source), start: text(offset) },
      end: offset === undefined ? null : text(offset + (length ?? 0)),
      text: safe(display.startsWith(`${label}, `) ? display : `${label} ${display}`),
      isLearnt: source === undefined,
    });
    for (const child of children) add(child, level + 1);
  };
  for (const root of tree as NodeJson[]) add(root, 1);
  return nodes;
}

/** Values that are bytes are the bytes that are drawn where the node says. */
function expectValues({ tree }: PduJson, bytes: Drawn['bytes']): void {
  const todo = [...tree];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const { source, offset = 0, length = 0, value, role } = node;
    if (source !== undefined && (role === 'undissected' || role === 'carried'))
      expect(bytes[source].hex.slice(2 * offset, 2 * (offset + length))).toBe(value);
    todo.push(...node.children);
  }
}
