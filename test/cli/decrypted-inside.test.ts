/** `--decrypted` of sealed PDUs inside of pipes and of channels of HTTP: a capture's own, put there by code. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import { pass } from '../../src/analysis/pass.js';
import { concat, latin1Bytes } from '../../src/core/bytes.js';
import { pcapFile } from '../bytes.js';
import { clrscope, ROOT } from '../cli.js';
import { guid } from '../fields/wire.js';
import type { Said } from '../smb/golden.js';
import {
  captureOf,
  compound,
  le16,
  le32,
  nbss,
  openPipe,
  readRequest,
  readResponse,
  smb1,
  smb2,
  transceiveRequest,
  treeConnect,
  writeRequest,
} from '../smb/support.js';
import { capture, pdu as rpc, type Side, Talk } from '../worst/talk.js';

const TRUTH = `${ROOT}samples/truth/ntlm-privacy`;
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const NONE = new Uint8Array(0);

interface Sealed {
  readonly side: Side;
  readonly bytes: Uint8Array;
}

let dir: string;
/** The PDUs of the connection that sealed most. */
let sealed: readonly Sealed[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'clrscope-inside-'));
  const byConnection = new Map<number, Sealed[]>();
  await pass(
    readFileSync(`${TRUTH}.pcap`),
    protocols(),
    {},
    {
      pdu({ transport: { connection, direction, bytes } }) {
        const pdus = byConnection.get(connection.id) ?? [];
        pdus.push({ side: direction === connection.client ? 0 : 1, bytes });
        byConnection.set(connection.id, pdus);
      },
    },
  );
  sealed = [...byConnection.values()].sort((a, b) => b.length - a.length)[0];
  expect(sealed.length).toBeGreaterThan(20);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Calls without what depends on frames and protection. */
function calls(...args: string[]): unknown[] {
  const { code, out } = clrscope(['calls', '-q', '-T', 'ndjson', ...args]);
  expect(code).toBe(0);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { capture: _, frames: __, auth: ___, warnings: ____, ...call } = JSON.parse(line);
      return call;
    });
}

function tshark(file: string, filter: string): string {
  return spawnSync('tshark', ['-r', file, '-Y', filter], { encoding: 'utf8' }).stdout;
}

/** Holds both ways of a capture against what secrets tell of it. Returns the file of clear connections. */
function check(name: string, bytes: Uint8Array): string {
  const file = join(dir, `${name}.pcap`);
  writeFileSync(file, bytes);
  const secrets = ['--secrets', `${TRUTH}.secrets.json`];
  const wanted = calls(...secrets, file);
  expect(wanted.length).toBeGreaterThan(5);
  expect(JSON.stringify(wanted)).not.toContain('sealed');
  const clear = (how: string): string => join(dir, `${name}-${how}.pcapng`);
  for (const how of ['pdu', 'tcp']) {
    const { err } = clrscope(['read', ...secrets, `--decrypted=${how}`, '--comment', '-w', clear(how), file]);
    expect(err).not.toContain('sealed');
    expect(calls(clear(how))).toEqual(wanted);
    const said = clrscope(['-T', 'fields', '-e', 'frame.comment', clear(how)]).out;
    expect(said).toMatch(/Response {2}call \d+ {2}\S+\.\w+\(/);
  }
  if (hasTshark) {
    const seen = (f: string, filter: string): number => tshark(f, filter).split('\n').length;
    // of channels of HTTP it sees nothing; and what is odd was so before
    expect(seen(clear('tcp'), 'dcerpc.pkt_type == 0')).toBeGreaterThanOrEqual(seen(file, 'dcerpc.pkt_type == 0'));
    expect(seen(clear('tcp'), '_ws.malformed')).toBe(seen(file, '_ws.malformed'));
    expect(tshark(clear('tcp'), 'dcerpc.encrypted_stub_data')).toBe('');
  }
  return clear('tcp');
}

/** A transaction's answer of SMB 2 (MS-SMB2 2.2.32). */
const transceiveResponse = (data: Uint8Array): Uint8Array =>
  concat(
    ...[le16(49), le16(0), le32(0x11c017), guid('11111111-2222-3333-4444-555555555555')],
    ...[le32(112), le32(0), le32(112), le32(data.length), le32(0), le32(0), data],
  );

const ANDX = concat([0xff, 0], le16(0));
const FID = le16(0x4001);
/** Data behind 12 words, in a message of SMB 1. */
const AT = 59;
const write1 = (mid: number, data: Uint8Array): Uint8Array =>
  smb1(0x2f, concat(ANDX, FID, le32(0), le32(0), le16(8), le16(0), le16(0), le16(data.length), le16(AT)), data, {
    mid,
  });
const read1 = (mid: number): Uint8Array =>
  smb1(0x2e, concat(ANDX, FID, le32(0), le16(4280), le16(0), le32(0), le16(0)), NONE, { mid });
const readAnswer1 = (mid: number, data: Uint8Array): Uint8Array =>
  smb1(0x2e, concat(ANDX, new Uint8Array(6), le16(data.length), le16(AT), le16(0), new Uint8Array(8)), data, {
    mid,
    answer: true,
  });
const NAME = latin1Bytes('\\PIPE\\\0');
const transaction1 = (mid: number, data: Uint8Array): Uint8Array =>
  smb1(
    0x25,
    concat(
      ...[le16(0), le16(data.length), le16(0), le16(4280), le16(0), le16(0), le32(0), le16(0)],
      ...[le16(0), le16(74), le16(data.length), le16(74), le16(2), le16(0x26), FID],
    ),
    concat(NAME, data),
    { mid },
  );
const transactionAnswer1 = (mid: number, data: Uint8Array): Uint8Array =>
  smb1(
    0x25,
    concat(
      ...[le16(0), le16(data.length), le16(0), le16(0), le16(55), le16(0)],
      ...[le16(data.length), le16(55), le16(0), le16(0)],
    ),
    data,
    { mid, answer: true },
  );

/** Bytes in pieces of uneven lengths. */
function pieces(bytes: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let at = 0, n = 7; at < bytes.length; at += n, n = 13 + ((n * 31) % 90)) all.push(bytes.subarray(at, at + n));
  return all;
}

const begun = (): Said[] => [...treeConnect(2), ...openPipe('epmapper', 3)];
const sent2 = (id: number, data: Uint8Array): Said[] => [[0, nbss(smb2(9, writeRequest(data), { id }))]];
const came2 = (id: number, data: Uint8Array): Said[] => [
  [0, nbss(smb2(8, readRequest(), { id }))],
  [1, nbss(smb2(8, readResponse(data), { id, answer: true }))],
];

/** How each PDU is put into messages; `id` is the first of ten. */
const WAYS: Readonly<Record<string, (pdu: Sealed, id: number) => Said[]>> = {
  'smb2-write-read': ({ side, bytes }, id) => (side === 0 ? sent2(id, bytes) : came2(id, bytes)),
  'smb2-pieces': ({ side, bytes }, id) =>
    pieces(bytes).flatMap((piece, i) => (side === 0 ? sent2(id + i, piece) : came2(id + i, piece))),
  'smb2-compound': ({ side, bytes }, id) => {
    if (side === 1) return [[1, nbss(smb2(8, readResponse(bytes), { id: id - 999, answer: true }))]];
    const read = smb2(8, readRequest(), { id: id + 1, related: true });
    return [[0, compound(smb2(9, writeRequest(bytes), { id }), read)]];
  },
  'smb2-transceive': ({ side, bytes }, id) =>
    side === 0
      ? [[0, nbss(smb2(11, transceiveRequest(bytes), { id }))]]
      : [[1, nbss(smb2(11, transceiveResponse(bytes), { id: id - 1000, answer: true }))]],
  'smb1-write-read': ({ side, bytes }, id) =>
    side === 0
      ? [[0, nbss(write1(id, bytes))]]
      : [
          [0, nbss(read1(id))],
          [1, nbss(readAnswer1(id, bytes))],
        ],
  'smb1-transaction': ({ side, bytes }, id) =>
    side === 0 ? [[0, nbss(transaction1(id, bytes))]] : [[1, nbss(transactionAnswer1(id - 1000, bytes))]],
};

describe('--decrypted of what is sealed', () => {
  for (const [name, way] of Object.entries(WAYS))
    it(`in pipes: ${name}`, () => {
      const said = sealed.flatMap((pdu, i) => way(pdu, 1000 * (i + 1)));
      check(name, pcapFile(captureOf(name.startsWith('smb2') ? [...begun(), ...said] : said)));
    });

  it('in channels of HTTP', () => {
    const packets: Uint8Array[] = [];
    const [out, into] = [new Talk(packets, 1), new Talk(packets, 2)];
    const request = (method: string): Uint8Array =>
      latin1Bytes(`${method} /rpc/rpcproxy.dll?srv.lab:593 HTTP/1.1\r\nHost: proxy\r\nContent-Length: 76\r\n\r\n`);
    const cookie = (n: number): Uint8Array => concat(le32(3), new Uint8Array(16).fill(n));
    const rts = (...commands: Uint8Array[]): Uint8Array =>
      rpc(20, 0, concat(le16(0), le16(commands.length), ...commands));
    const version = concat(le32(6), le32(1));
    const window = concat(le32(0), le32(65536));
    out.send(0, concat(request('RPC_OUT_DATA'), rts(version, cookie(1), cookie(100), window)));
    const more = [concat(le32(4), le32(9)), concat(le32(5), le32(9)), concat(le32(12), new Uint8Array(16))];
    into.send(0, concat(request('RPC_IN_DATA'), rts(version, cookie(1), cookie(101), ...more)));
    out.send(1, latin1Bytes('HTTP/1.1 200 Success\r\nContent-Length: 1073741824\r\n\r\n'));
    for (const { side, bytes } of sealed) (side === 0 ? into : out).send(side, bytes);
    const file = check('rpch', capture(packets));
    expect(JSON.stringify(calls(file))).toContain('"endpoint":"srv.lab:593"');
  });

  it('behind the greeting of port 593', () => {
    const packets: Uint8Array[] = [];
    const talk = new Talk(packets, 1);
    talk.send(1, latin1Bytes('ncacn_http/1.0'));
    for (const { side, bytes } of sealed) talk.send(side, bytes);
    expect(JSON.stringify(calls(check('greeted', capture(packets))))).toContain('"transport":"ncacn_http"');
  });
});
