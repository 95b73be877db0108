/** What a pass learnt of a PDU or a call is a value: described elsewhere and in any order, it says what it did on the spot. */
import { existsSync, readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { dcerpc, describer, type PlainCall, type PlainPdu, plainCall, plainDcerpc } from '../../dissectors/index.js';
import { CallList } from '../../src/analysis/calls.js';
import { type Connection, StateStore, type TransportPdu } from '../../src/core/context.js';
import type { LimitName } from '../../src/core/limits.js';
import { scan } from '../../src/engine/scan.js';
import { callToJson } from '../../src/output/call-json.js';
import { pduToJson } from '../../src/output/pdu-json.js';
import { renderTree } from '../../src/output/tree.js';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { ROOT, SHARED } from '../cli.js';

const samples = readdirSync(`${ROOT}samples`).map((name) => `${ROOT}samples/${name}/capture.pcap`);
const shared = ['traffic', 'smb', 'real'].flatMap((folder) => {
  const path = `${SHARED}captures/${folder}/`;
  return existsSync(path) ? readdirSync(path).map((name) => path + name) : [];
});
const captures = [...samples, ...shared.filter((f) => /\.pcap(ng)?(\.gz)?$/.test(f))].filter((f) => existsSync(f));

/** The secrets beside a capture; anew for each pass, which has so much patience with lost streams and no more. */
async function secretsOf(file: string): Promise<Secrets | null> {
  const path = [file.replace(/\.pcap.*$/, '.secrets.json'), file.replace(/[^/]*$/, 'secrets.json')].find(existsSync);
  return path === undefined ? null : loadSecrets(path);
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

  test.each(captures)('%s', { timeout: 300_000 }, async (file) => {
    const pdus: { text: string; plain: PlainPdu }[] = [];
    const calls: { text: string; plain: PlainCall }[] = [];
    const texts: string[] = [];
    const bounds = { record: true };
    await scan(file, dcerpc({ secrets: await secretsOf(file) }), bounds, {
      onPdu(pdu) {
        const tree = renderTree(pdu.recording.roots, { color: false, width: 120 });
        texts.push(JSON.stringify(pduToJson(pdu, true)) + tree);
      },
    });
    const list = new CallList((call) => {
      calls.push({ text: JSON.stringify(callToJson(call, 1, '')), plain: plainCall(call) });
    });
    await scan(
      file,
      plainDcerpc({ secrets: await secretsOf(file) }),
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
  const protocol = dcerpc();
  const start = (capture: StateStore) => {
    const run = protocol.start(capture);
    return { ...run, dissect: (pdu: TransportPdu) => all.push(pdu) };
  };
  await scan(file, { ...protocol, start }, { record: false }, { onPdu() {} });
  return all;
}

/** Some are lost, cut, changed, sent twice or swapped. */
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

describe.each([{}, TIGHT])('attack: damaged PDUs with bounds %j', (limits) => {
  test.each(samples)('%s', { timeout: 300_000 }, async (file) => {
    const pdus = await transported(file);
    const describing = describer({ limits });
    for (let seed = 1; seed <= 4; seed++) {
      const list = damaged(pdus, seed);
      const [one, two] = [await secretsOf(file), await secretsOf(file)];
      const spot = dcerpc({ secrets: one, limits }).start(new StateStore());
      const texts = afresh(list).map((pdu) => JSON.stringify(pduToJson(spot.dissect(pdu, true), false)));
      const pass = plainDcerpc({ secrets: two, limits }).start(new StateStore());
      const plain = afresh(list).map((pdu) => pass.dissect(pdu, false).plain);
      for (const [i, value] of shuffled(plain, seed)) {
        // twice: what describes it leaves it as it is
        for (const given of [value, structuredClone(value)])
          expect(JSON.stringify(pduToJson(describing.pdu(given, true), false)), `PDU ${i} of ${seed}`).toBe(texts[i]);
      }
    }
  });
});
