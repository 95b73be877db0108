/** Tickets that a client forwards in the clear within its authenticator (RFC 4120 5.8.1, RFC 4121 4.1.1). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pdus } from '../../src/library.js';
import { clrscope } from '../cli.js';
import { TSHARK, tsharkColumns } from '../columns.js';
import { nodes } from '../security/tree.js';
import { FORWARDING, SERVICE_KEY, TOKENS } from './made-tokens.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-'));
afterAll(() => rmSync(folder, { recursive: true }));
const capture = join(folder, 'kerberos.pcap');
const made = TOKENS.find(({ name }) => name === 'kerberos');
writeFileSync(capture, made?.bytes() ?? new Uint8Array());

/** Session's key and subkey, which the program shows nowhere. */
const KEYS = /f0e1d2c3b4a5968778695a4b3c2d1e0f|0f1e2d3c4b5a69788796a5b4c3d2e1f0/g;
const FIELDS = [
  ...['etype', 'cipher', 'checksum', 'gssapi.len', 'gssapi.bdn', 'gssapi.dlgopt', 'gssapi.dlglen', 'tickets'],
  ...['ticket_info', 'keytype', 'keyvalue', 'prealm', 'name_string', 'KerberosString', 'SNameString', 'flags'],
  ...['authtime', 'starttime', 'endtime', 'renew_till', 'srealm', 'caddr', 'addr_type', 'addr_ip', 'addr_ipv6'],
  ...['nonce', 'timestamp', 'usec'],
].map((name) => `kerberos.${name}`);

/** A keytab (MIT's format 0x0502) with the service's key. */
function keytab(): Uint8Array {
  const u16 = (n: number): number[] => [n >> 8, n & 255];
  const text = (s: string): number[] => [...u16(s.length), ...Buffer.from(s)];
  const names = [...u16(2), ...text('DOM.TEST'), ...text('RPCSS'), ...text('srv.dom.test')];
  const key = [...u16(23), ...u16(SERVICE_KEY.length), ...SERVICE_KEY];
  const entry = [...names, 0, 0, 0, 1, 0, 0, 0, 0, 3, ...key];
  return Uint8Array.of(5, 2, 0, 0, ...u16(entry.length), ...entry);
}

/** The last of several values: those of the ticket that is used stand in front, and tshark has more of it. */
const LAST = ['-E', 'occurrence=l'];

it.skipIf(TSHARK !== '4.0')('tshark with the keys shows the same, but the keys', () => {
  const keys = join(folder, 'service.keytab');
  writeFileSync(keys, keytab());
  const only = (rows: string[][]): string[] =>
    rows.find(([port, etype]) => port === String(FORWARDING) && etype !== '') ?? [];
  const asked = ['tcp.srcport', ...FIELDS];
  const theirs = only(tsharkColumns(capture, asked, ['-K', keys, '-o', 'kerberos.decrypt:TRUE', ...LAST]));
  const { out } = clrscope([
    ...['read', '--secrets', keys, '-T', 'fields', capture, ...LAST],
    ...asked.flatMap((field) => ['-e', field]),
  ]);
  const ours = only(out.split('\n').map((line) => line.split('\t')));
  const told = (row: readonly string[]) =>
    Object.fromEntries(asked.map((field, i) => [field, row[i].replace(KEYS, '0'.repeat(32))]));
  expect(told(theirs)['kerberos.ticket_info']).toBe('1');
  expect(told(ours)).toEqual(told(theirs));
});

it('keys in the clear are shown nowhere', async () => {
  let count = 0;
  for await (const { recording } of pdus(capture, { secrets: made?.secrets ?? undefined, record: true })) {
    for (const source of recording.sources) expect(Buffer.from(source.bytes).toString('hex')).not.toMatch(KEYS);
    for (const { field, value } of nodes(recording.roots))
      if (field.name === 'kerberos.keyvalue') {
        count++;
        expect(value).toEqual(new Uint8Array(16));
      }
  }
  // ticket, authenticator and reply of each connection, and the one of the ticket that is forwarded
  expect(count).toBeGreaterThan(12);
});
