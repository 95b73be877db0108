/** `--decrypted`: what secrets opened, in captures that need none. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { readFile } from '../capture/support.js';
import { clrscope, ROOT, SHARED } from '../cli.js';
import { KNOWN } from '../encode/support.js';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const truth = `${ROOT}samples/truth/`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'clrscope-decrypted-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

interface Sealed {
  readonly capture: string;
  readonly secrets: string;
}

/** Captures of a folder that secrets lie beside. */
function sealedIn(folder: string): Sealed[] {
  const files = readdirSync(folder);
  return files
    .filter((name) => name.endsWith('.secrets.json'))
    .map((name) => {
      const capture = files.find(
        (f) =>
          /^\.pcap(ng)?(\.gz)?$/.test(f.slice(name.length - '.secrets.json'.length)) &&
          f.startsWith(name.slice(0, -'.secrets.json'.length)),
      );
      return { capture: `${folder}${capture}`, secrets: folder + name };
    });
}

/** Calls without what depends on frames and protection. */
function calls(...args: string[]): unknown[] {
  const lines = clrscope(['calls', '-q', '-T', 'ndjson', ...args])
    .out.split('\n')
    .slice(0, -1);
  return lines.map((line) => {
    const { capture: _, frames: __, auth: ___, warnings: ____, ...call } = JSON.parse(line);
    return call;
  });
}

function decrypted(how: string, { capture, secrets }: Sealed, ...more: string[]): string {
  const file = join(dir, `${how}.pcapng`);
  const { code, out } = clrscope(['-q', '--secrets', secrets, `--decrypted=${how}`, ...more, '-w', file, capture]);
  expect([code, out]).toEqual([0, '']);
  return file;
}

const FOLDERS = [truth, ...(SHARED === null ? [] : ['real/', 'smb/', 'traffic/'].map((f) => `${SHARED}captures/${f}`))];

describe('--decrypted', () => {
  it.skipIf(SHARED !== null)('all of ../shared/captures: not here', (context) => context.skip());

  for (const sealed of FOLDERS.flatMap(sealedIn)) {
    const { capture, secrets } = sealed;
    it(`gives the calls of ${capture.slice(capture.lastIndexOf('/') + 1)} without secrets`, () => {
      const wanted = calls('--secrets', secrets, capture);
      expect(wanted.length).toBeGreaterThan(1);
      expect(calls(decrypted('pdu', sealed))).toEqual(wanted);
      expect(calls(decrypted('tcp', sealed))).toEqual(wanted);
    });
  }

  const sample: Sealed = { capture: `${truth}ntlm-privacy.pcap`, secrets: `${truth}ntlm-privacy.secrets.json` };

  it('is written for the owner alone, and holds nothing sealed', async () => {
    const file = decrypted('pdu', sample);
    expect(statSync(file).mode & 0o77).toBe(0);
    const sealed = calls(file).filter((call) => JSON.stringify(call).includes('sealed'));
    expect(sealed).toEqual([]);
    expect((await readFile(file)).packets.every(({ link }) => link === 252)).toBe(true);
  });

  it('leaves what has no key, and says how much', () => {
    const file = join(dir, 'none.pcapng');
    const { code, err } = clrscope(['--decrypted', '-w', file, sample.capture]);
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/\d+ PDUs stay sealed: --secrets FILE opens what is sealed\n$/),
    ]);
    expect(calls(file)).toEqual(calls(sample.capture));
  });

  it('takes filters, conversations, pcap and comments', () => {
    const filter = ['-Y', 'dcerpc.opnum == 3'];
    const wanted = calls('--secrets', sample.secrets, ...filter, sample.capture);
    const strip = (all: unknown[]): unknown[] => all.map((one) => ({ ...(one as object), call: 0 }));
    expect(strip(calls(...filter, decrypted('tcp', sample, '--whole', ...filter)))).toEqual(strip(wanted));
    expect(calls(decrypted('tcp', sample, '-F', 'pcap'))).toEqual(calls('--secrets', sample.secrets, sample.capture));
    const args = ['-T', 'fields', '-e', 'frame.comment', decrypted('pdu', sample, '--comment')];
    expect(clrscope(args).out).toMatch(/^Response {2}call \d+ {2}IManagedObject\.GetSerializedBuffer\(\) → /m);
  });

  it('channels of NegotiateStream: remoting as it went through them', () => {
    const auth = { user: 'alice', domain: 'LAB', password: 'Sealed-7' };
    const call = { type: 'Shop.Orders, Shop', method: 'Note', args: [{ type: 'System.String', value: 'hush' }] };
    const connection = {
      ...{ transport: 'nrtp_tcp', server: { address: 'fd00::20', port: 8085 }, client: { address: 'fd00::10' } },
      ...{ secure: true, auth, calls: [{ uri: 'orders.rem', call, return: { returnValue: null } }] },
    };
    const sealed = { capture: join(dir, 'nns.pcap'), secrets: join(dir, 'nns.json') };
    writeFileSync(sealed.capture, encodeDocument({ kind: 'scenario', connections: [connection] }, KNOWN));
    writeFileSync(sealed.secrets, JSON.stringify({ accounts: [auth] }));
    const wanted = calls('--secrets', sealed.secrets, sealed.capture);
    expect(JSON.stringify(wanted)).toContain('hush');
    for (const how of ['pdu', 'tcp']) expect(calls(decrypted(how, sealed))).toEqual(wanted);
  });

  it.skipIf(!hasTshark)('tshark dissects both as DCE/RPC, with right checksums', () => {
    const tshark = (file: string, filter: string, ...more: string[]): string[] =>
      spawnSync('tshark', ['-r', file, '-Y', filter, ...more], { encoding: 'utf8' })
        .stdout.split('\n')
        .slice(0, -1);
    const opnums = ['-T', 'fields', '-e', 'dcerpc.opnum'];
    const wanted = tshark(sample.capture, 'dcerpc.pkt_type == 0', ...opnums);
    expect(wanted.length).toBeGreaterThan(10);
    for (const how of ['pdu', 'tcp']) {
      const file = decrypted(how, sample);
      expect(tshark(file, 'dcerpc.pkt_type == 0', ...opnums)).toEqual(wanted);
      expect(tshark(file, '_ws.malformed || dcerpc.encrypted_stub_data')).toEqual([]);
      const sums = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
      expect(
        tshark(file, 'tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags', ...sums),
      ).toEqual([]);
    }
  });

  it('invalid: another word, and without -w', () => {
    const other = clrscope(['--decrypted=smb', '-w', join(dir, 'x'), sample.capture]);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/pdu or tcp, not "smb"/)]);
    const alone = clrscope(['--decrypted', sample.capture]);
    expect([alone.code, alone.err]).toEqual([2, expect.stringMatching(/--decrypted goes with -w/)]);
  });
});
