/** Connections that rest until a message is about a pipe: the calls are the same, and what led to none is counted. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import { pass } from '../../src/analysis/pass.js';
import type { Limits } from '../../src/core/limits.js';
import { callToJson } from '../../src/output/calls/json.js';
import { pduSummary } from '../../src/output/tree/summary.js';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { pcapFile } from '../bytes.js';
import { allCaptures } from '../fuzz/way.js';
import { type Said, SMB1_PIPES, SMB2_PIPES, SMB3_ENCRYPTED } from './golden.js';
import {
  BIND,
  captureOf,
  closeRequest,
  closeResponse,
  compound,
  concat,
  createRequest,
  createResponse,
  errorBody,
  le16,
  le32,
  nbss,
  OTHER_FILE,
  openPipe,
  read,
  rpcRequest,
  smb2,
  treeConnect,
  write,
  writeRequest,
} from './support.js';

interface Options {
  readonly secrets?: Secrets | null;
  readonly limits?: Partial<Limits>;
}

/** What comes of a capture: calls, PDUs as lines with their warnings, and how many messages were passed over. */
async function came(input: string | Uint8Array, callsAlone: boolean, { secrets = null, limits = {} }: Options = {}) {
  const calls: string[] = [];
  const lines: string[] = [];
  const { passedOver } = await pass(
    input,
    protocols({ secrets, limits }),
    { callsAlone, limits },
    {
      pdu: (p) =>
        void lines.push(`${p.transport.frames} ${p.protocol} ${pduSummary(p)} ${JSON.stringify(p.recording.notes)}`),
      call: (call, number) => void calls.push(JSON.stringify(callToJson(call, number, 'capture', { full: true }))),
    },
  );
  return { calls, lines, passedOver };
}

/** The same with all PDUs and with those of calls alone. */
async function both(input: string | Uint8Array, options?: Options) {
  const [all, rested] = [await came(input, false, options), await came(input, true, options)];
  expect(rested.calls).toEqual(all.calls);
  return { all, rested };
}

const made = (said: readonly Said[]): Uint8Array => pcapFile(captureOf(said));
/** Somebody connects to a disk, opens a file there and reads from it. */
const FILE = [...treeConnect(1), ...openPipe('a file', 1), ...read(2, Uint8Array.of(1, 2, 3))];
/** Pipes, on another tree than those of the disk; a call in one. */
const PIPES = treeConnect(2, { tree: 2 });
const opened = (o: { tree?: number; id: number; name?: string; body?: Uint8Array }): Said[] => [
  [0, nbss(smb2(5, createRequest(o.name ?? 'srvsvc'), o))],
  [1, nbss(smb2(5, o.body ?? createResponse(), { ...o, answer: true }))],
];
const CALL = [write(100, BIND), write(101, rpcRequest(1))];
const CALL_IN_PIPES = [BIND, rpcRequest(1)].map(
  (data, i): Said => [0, nbss(smb2(9, writeRequest(data), { id: 100 + i, tree: 2 }))],
);

describe('calls and what is said with them are the same', () => {
  const captures = allCaptures().filter((file) => /smb|pipe|real|mixed/.test(file));
  test.each(captures)('%s', async (file) => {
    const { all, rested } = await both(file);
    // of what was left out nothing was a call's, and all of it is counted
    expect(all.lines).toEqual(expect.arrayContaining(rested.lines));
    expect(rested.lines.filter((l) => l.includes(' DCERPC '))).toEqual(all.lines.filter((l) => l.includes(' DCERPC ')));
    expect(rested.passedOver - all.passedOver).toBe(all.lines.length - rested.lines.length);
  });

  test.each([SMB1_PIPES, SMB2_PIPES, SMB3_ENCRYPTED].map((said, i) => [i, said] as const))(
    'golden %i',
    async (_, said) => {
      const { all, rested } = await both(made(said));
      expect(rested.lines).toEqual(all.lines);
    },
  );

  test('sealed pipes that a password opens', async () => {
    const DATA = new URL('data/', import.meta.url);
    const secrets = await loadSecrets(new URL('secrets.json', DATA).pathname);
    const { all, rested } = await both(gunzipSync(readFileSync(new URL('smb311-gcm.pcap.gz', DATA))), { secrets });
    expect(rested.lines).toEqual(all.lines);
    expect(all.calls).toHaveLength(2);
  });

  it('however the bytes are cut into segments', async () => {
    const said = [...FILE, ...PIPES, ...opened({ tree: 2, id: 9 }), ...CALL_IN_PIPES, ...read(3, new Uint8Array(300))];
    const expected = await came(made(said), true);
    expect(expected.lines.filter((l) => l.includes('Tree Connect'))).toHaveLength(4);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
        let n = 0;
        const cut = said.flatMap(([from, bytes]): Said[] => {
          const parts: Said[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes[n++ % sizes.length];
            parts.push([from, bytes.slice(at, at + size)]);
            at += size;
          }
          return parts;
        });
        const { rested } = await both(made(cut));
        expect(rested.passedOver).toBe(expected.passedOver);
        expect(rested.calls).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a connection rests', () => {
  test('where files alone are moved: logons, trees and files are counted', async () => {
    const { all, rested } = await both(made(FILE));
    expect([all.lines.length, all.passedOver]).toEqual([2, 4]);
    expect(rested).toEqual({ calls: [], lines: [], passedOver: 6 });
  });

  test('where pipes are connected to for something else than pipes', async () => {
    const referrals = concat(le16(57), le16(0), le32(0x00060194), new Uint8Array(16).fill(255), new Uint8Array(32));
    const { rested } = await both(
      made([
        ...PIPES,
        [0, nbss(smb2(11, referrals, { id: 7, tree: 2 }))],
        [1, nbss(smb2(11, errorBody(), { id: 7, tree: 2, answer: true, status: 0xc0000225 }))],
        [0, nbss(smb2(13, le32(4), { id: 8 }))],
        ...FILE,
      ]),
    );
    expect(rested).toEqual({ calls: [], lines: [], passedOver: 11 });
  });

  /** CREATION_TIME of a file, in the answer to its CREATE. */
  const ofFile = createResponse();
  ofFile.set(le32(0x01d9_0000), 12);

  test('where files are opened of trees that were not seen: files were made at some time', async () => {
    const other = nbss(smb2(5, createResponse(OTHER_FILE), { id: 3, answer: true }));
    const file = opened({ id: 2, name: 'folder\\file', body: ofFile });
    const { rested } = await both(made([...file, [0, nbss(smb2(6, closeRequest(), { id: 4 }))], [1, other]]));
    expect(rested.passedOver).toBe(3);
    // the pipe keeps its name, and files that were opened before it are not told
    const { rested: woken } = await both(made([...file, ...opened({ id: 5, name: 'srvsvc' }), ...CALL]));
    expect(woken.calls).toHaveLength(1);
    expect(woken.lines.join()).not.toContain('folder');
    expect(woken.lines.join()).toContain('Create Request, File: srvsvc');
  });

  test('where what is opened is not there, or the answer is yet to come', async () => {
    const { rested } = await both(
      made([
        ...opened({ id: 2, name: 'nothing', body: errorBody() }).map(
          ([from, b], i): Said =>
            i === 0 ? [from, b] : [1, nbss(smb2(5, errorBody(), { id: 2, answer: true, status: 0xc0000034 }))],
        ),
        [0, nbss(smb2(5, createRequest('later'), { id: 3 }))],
        [1, nbss(smb2(5, errorBody(), { id: 3, answer: true, status: 0x103 }))],
        [1, nbss(smb2(5, createResponse(), { id: 3, answer: true }))],
        ...CALL,
      ]),
    );
    expect(rested.lines.join()).toContain('Create Request, File: later');
    expect(rested.lines.join()).not.toContain('nothing');
    expect(rested.calls).toHaveLength(1);
  });

  test('and wakes at what is written into what may be a pipe', async () => {
    const all = compound(
      smb2(5, createRequest('srvsvc'), { id: 2 }),
      smb2(
        9,
        concat(
          le16(49),
          le16(112),
          le32(BIND.length),
          new Uint8Array(8),
          new Uint8Array(16).fill(255),
          new Uint8Array(16),
          BIND,
        ),
        { id: 3, related: true },
      ),
    );
    const { rested } = await both(
      made([
        [0, all],
        [0, nbss(smb2(6, closeRequest(), { id: 4 }))],
        [1, nbss(smb2(6, closeResponse(), { id: 4, answer: true }))],
      ]),
    );
    expect(rested.lines.join()).toContain('DCERPC Bind');
  });

  test('until it would keep too much', async () => {
    const trees = (n: number) => Array.from({ length: n }, (_, i) => treeConnect(1, { tree: i + 1, id: i })).flat();
    expect((await both(made(trees(32)))).rested.lines).toEqual([]);
    const { all, rested } = await both(made([...trees(33), ...FILE]));
    expect(rested).toEqual(all);
    // of the capture
    const limits = { smbBytes: 3000 };
    const { rested: small } = await both(made(trees(8)), { limits });
    expect(small.lines.length).toBeGreaterThan(8);
  });

  test('and does not take another share for the disk that had its number before bytes were lost', async () => {
    const packets = captureOf([
      ...FILE,
      [0, nbss(smb2(9, new Uint8Array(60), { id: 20, tree: 1 }))],
      [0, nbss(smb2(16, new Uint8Array(40), { id: 21, tree: 1 }))],
      ...opened({ id: 22, tree: 1 }),
      ...CALL,
    ]);
    const lost = 3 + FILE.length;
    const { rested } = await both(pcapFile(packets.filter((_, i) => i !== lost)));
    expect(rested.calls).toHaveLength(1);
  });
});
