/** What a pass learnt of a PDU or a call is a value: described elsewhere and in any order, it says what it did on the spot. */

import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import {
  describer,
  type PlainCall,
  type PlainPdu,
  plainCall,
  plainProtocols,
  protocols,
} from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { CallList } from '../../src/analysis/calls.js';
import { type Connection, StateStore, type TransportPdu } from '../../src/core/context.js';
import type { LimitName } from '../../src/core/limits.js';
import { scan } from '../../src/engine/scan.js';
import { callToJson } from '../../src/output/calls/json.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { renderTree } from '../../src/output/tree/tree.js';
import type { Secrets } from '../../src/security/index.js';
import { concat, u16 } from '../bytes.js';
import { allCaptures, type Capture } from '../fields/captures.js';
import { NO_CARRIERS, started } from '../started.js';

const captures = allCaptures();

/** Secrets anew for each pass, which has so much patience with lost streams and no more. */
async function secretsOf({ secrets }: Capture): Promise<Secrets | null> {
  const known = await secrets();
  return known === null ? null : { ...known };
}

/** All that is said of a PDU and of its call by now. */
function textOf(pdu: Pdu): string {
  const { recording, call } = pdu;
  const tree = renderTree(recording.roots, { color: false, width: 120 });
  return JSON.stringify([pduToJson(pdu, true), call === null ? null : callToJson(call, 1, ''), tree]);
}

/** Always the same numbers. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function shuffled<T>(list: readonly T[], seed: number): [number, T][] {
  const next = random(seed);
  const all = [...list.entries()];
  for (let i = all.length - 1; i > 0; i--) {
    const j = next(i + 1);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

describe('in random order, in another thread', () => {
  const worker = new Worker(new URL('./describe.mjs', import.meta.url));
  afterAll(() => worker.terminate());
  const ask = (question: { pdu: PlainPdu } | { call: PlainCall }): Promise<string> => {
    const answer = new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    worker.postMessage(question);
    return answer.finally(() => worker.removeAllListeners('error'));
  };

  test.each(captures)('$name', { timeout: 300_000 }, async (capture) => {
    const { file } = capture;
    const pdus: { text: string; plain: PlainPdu }[] = [];
    const calls: { text: string; plain: PlainCall }[] = [];
    const texts: string[] = [];
    await scan(
      file,
      protocols({ secrets: await secretsOf(capture) }),
      { record: true },
      {
        onPdu: (pdu) => void texts.push(textOf(pdu)),
      },
    );
    const list = new CallList((call) => {
      calls.push({ text: JSON.stringify(callToJson(call, 1, '')), plain: plainCall(call) });
    });
    await scan(
      file,
      plainProtocols({ secrets: await secretsOf(capture) }),
      { record: false },
      {
        onPdu({ pdu, plain }) {
          pdus.push({ text: texts[pdus.length], plain });
          list.add(pdu);
        },
      },
    );
    list.end();
    expect(pdus).toHaveLength(texts.length);
    for (const [i, { text, plain }] of shuffled(pdus, 1)) expect(await ask({ pdu: plain }), `PDU ${i}`).toBe(text);
    for (const [i, { text, plain }] of shuffled(calls, 2)) expect(await ask({ call: plain }), `call ${i}`).toBe(text);
  });
});

/** The PDUs of a capture as the streams hand them out. */
async function transported(file: string): Promise<TransportPdu[]> {
  const all: TransportPdu[] = [];
  const protocol = protocols();
  const start = (capture: StateStore) => {
    const run = protocol.start(capture, NO_CARRIERS);
    return { ...run, dissect: (pdu: TransportPdu) => void all.push(pdu) };
  };
  await scan(file, { ...protocol, start }, { record: false }, { onPdu() {} });
  return all;
}

/** A request or response without a verifier in two fragments; others as they are. */
function fragments(pdu: TransportPdu, seed: number): TransportPdu[] {
  const { bytes, connection } = pdu;
  const isDatagram = connection.transport === 'ncadg_ip_udp';
  const type = bytes[isDatagram ? 1 : 2];
  const header = isDatagram ? 80 : 24 + (bytes[3] & 0x80 ? 16 : 0);
  if ((type !== 0 && type !== 2) || bytes[isDatagram ? 78 : 10] > 0 || bytes.length < header + 2) return [pdu];
  const cut = header + 1 + (seed % (bytes.length - header - 1));
  const isLittle = (bytes[4] & 0x10) !== 0;
  return [bytes.slice(0, cut), concat(bytes.slice(0, header), bytes.slice(cut))].map((part, i) => {
    if (isDatagram) {
      part[2] = (part[2] & ~2) | 4 | (i * 2);
      part.set(u16(part.length - header, isLittle), 74);
      part.set(u16(i, isLittle), 76);
    } else {
      part[3] = (part[3] & ~3) | (i + 1);
      part.set(u16(part.length, isLittle), 8);
    }
    return { ...pdu, bytes: part, length: part.length };
  });
}

/** Some are lost, cut, changed, sent twice, swapped or sent in fragments. */
function damaged(pdus: readonly TransportPdu[], seed: number): TransportPdu[] {
  const next = random(seed);
  const out: TransportPdu[] = [];
  for (const pdu of pdus) {
    let bytes = pdu.bytes.slice();
    const at = 16 + next(Math.max(1, bytes.length - 16));
    const kind = next(12);
    if (kind === 0) continue;
    if (kind === 1) bytes = bytes.slice(0, at);
    else if (kind === 2) bytes[at] = next(256);
    else if (kind === 3) bytes[2] = next(20);
    else if (kind === 4) bytes[3] = next(256);
    const changed = { ...pdu, bytes, afterGap: kind === 5 };
    if (kind === 6) out.push(changed, { ...changed, bytes: bytes.slice() });
    else if (kind === 7) out.splice(out.length - 1, 0, changed);
    else if (kind > 8) out.push(...fragments(changed, at));
    else out.push(changed);
  }
  return out;
}

/** The same PDUs on connections of which nothing is known yet. */
function afresh(pdus: readonly TransportPdu[]): TransportPdu[] {
  const connections = new Map<number, Connection>();
  return pdus.map((pdu) => {
    const { id } = pdu.connection;
    const connection = connections.get(id) ?? { ...pdu.connection, state: new StateStore() };
    connections.set(id, connection);
    return { ...pdu, connection };
  });
}

/** Bounds that are met all the time. */
const TIGHT: Partial<Record<LimitName, number>> = {
  ...{ contexts: 2, openCalls: 3, earlyAnswers: 1, assemblies: 1, securityContexts: 1, stubBytes: 3000 },
  ...{ activities: 2, ipids: 3, depth: 8 },
};

describe.each([
  [{}, 1],
  [TIGHT, 2],
] as const)('attack: damaged PDUs with bounds %j', (limits, seed) => {
  test.each(captures.filter((c) => !c.isShared && !c.name.includes('every')))(
    '$name',
    { timeout: 300_000 },
    async (capture) => {
      const pdus = await transported(capture.file);
      const describing = describer({ limits });
      const isWhole = seed === 1 && capture.name === 'made/datagrams';
      const list = isWhole ? pdus.flatMap((pdu, i) => fragments(pdu, 7 * i)) : damaged(pdus, seed);
      const [one, two] = [await secretsOf(capture), await secretsOf(capture)];
      const spot = started(protocols({ secrets: one, limits }));
      // nothing comes of messages about files
      const texts = afresh(list).flatMap((transport) => {
        const pdu = spot.dissect(transport, true);
        return pdu === undefined ? [] : [textOf(pdu)];
      });
      const pass = started(plainProtocols({ secrets: two, limits }));
      const plain = afresh(list).flatMap((pdu) => pass.dissect(pdu, false)?.plain ?? []);
      for (const [i, value] of shuffled(plain, seed)) {
        expect(textOf(describing.pdu(value, true)), `PDU ${i}`).toBe(texts[i]);
        // what describes it leaves it as it is
        expect(textOf(describing.pdu(structuredClone(value), true)), `PDU ${i}, again`).toBe(texts[i]);
      }
    },
  );
});
