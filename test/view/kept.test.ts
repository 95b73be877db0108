/** PDUs as the page keeps them are described as those that were kept whole. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describer, listen, type PlainPdu, pduToJson } from '../../src/index.js';
import { Capture } from '../../src/view/worker/capture.js';
import { ROOT, SHARED } from '../cli.js';

function capturesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .map((name) => `${folder}/${name}`);
}

const captures = [`${ROOT}samples`, ...(SHARED === null ? [] : [`${SHARED}/captures`])]
  .filter(existsSync)
  .flatMap(capturesIn);

/** PDUs of one capture that are looked at. */
const MOST = 300;

test.each(captures)('%s', async (path) => {
  const capture = new Capture({ file: new File([readFileSync(path)], 'capture') });
  await capture.read(() => {});
  const all: PlainPdu[] = [];
  await listen(path, { plain: (plain) => void all.push(plain), pdu: () => all.length < MOST });
  const described = describer();
  for (const [at, plain] of all.entries()) {
    const kept = await capture.kept.get(at + 1, (pdu) => capture.pduRows.sight(pdu), described);
    // large ones are not kept, and others behind them
    if (kept === null) continue;
    const [told, wanted] = [described.pdu(kept, true), described.pdu(plain, true)];
    expect(pduToJson(told, true), `PDU ${at + 1}`).toEqual(pduToJson(wanted, true));
    expect(told.call?.requestFrame).toEqual(wanted.call?.requestFrame);
  }
});

test('nearly all of a large capture take little', async () => {
  const path = `${ROOT}samples/managed-object/capture.pcap`;
  const capture = new Capture({ file: new File([readFileSync(path)], 'capture') });
  const { pdus } = await capture.read(() => {});
  expect(capture.kept.wholeCount).toBeLessThan(pdus / 4);
});
