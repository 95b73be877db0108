/** `--names` and `--registry`: hosts, classes and interfaces by the names that people know them by. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { registryNames } from '../../src/cli/registry.js';
import { Hosts, hostNames } from '../../src/core/hosts.js';
import { AUDIT_JSON } from '../../src/output/schemas/audit.js';
import { CALL_JSON } from '../../src/output/schemas/call.js';
import { MESSAGE_JSON } from '../../src/output/schemas/message.js';
import { PDU_JSON } from '../../src/output/schemas/pdu.js';
import { clrscope, ROOT } from '../cli.js';
import { namedCapture } from '../named-capture.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const sample = `${ROOT}samples/managed-object/capture.pcap`;
const CLSID = '07d4bedc-5143-1193-e6c3-f3391a2b8f1f';

const named = async (to: string, names: Readonly<Record<string, string>>): Promise<string> =>
  file(to, await namedCapture(sample, names));

describe('--names', () => {
  const hosts = file(
    'hosts',
    '# a table\n10.20.0.10 client.lab c1  # ours\n10.20.0.20\tserver\n10.20.0.20 other\n\u001b[31m\n::1\n',
  );

  it('shows hosts by name in text of every command; JSON has addresses and names', () => {
    for (const [args, text] of [
      [['calls'], 'client.lab → server:135'],
      [['-Y', 'frame.number == 28'], 'server:49664 → client.lab:55308'],
      [['-V', '-Y', 'frame.number == 28'], 'server:49664 → client.lab:55308'],
      [['follow', '--connection', '0'], 'client.lab:55708 → server:135'],
      [['objects'], 'from client.lab, across machines'],
      [['stats'], 'client.lab  server:49664'],
      [['audit'], 'client.lab → server:'],
      [['audit', '-T', 'html'], 'client.lab → server:'],
    ] as const) {
      const { out } = clrscope([...args, '--names', hosts, sample]);
      expect(out, args.join(' ')).toContain(text);
      expect(out).not.toContain('10.20.0.10 →');
    }
    const json = (...args: string[]) => JSON.parse(clrscope([...args, '-T', 'json', '--names', hosts, sample]).out);
    expect(json('calls')[0]).toMatchObject({
      client: { address: '10.20.0.10', name: 'client.lab' },
      server: { address: '10.20.0.20', port: 135, name: 'server' },
    });
    expect(json('read')[0]).toMatchObject({ src: '10.20.0.10:55708', srcName: 'client.lab', dstName: 'server' });
    const names = { '10.20.0.10': 'client.lab', '10.20.0.20': 'server' };
    for (const command of ['stats', 'audit']) expect(json(command)).toMatchObject({ names });
    expect(json('objects')[0]).toMatchObject({ names });
    expect(
      v.is(CALL_JSON, json('calls')[0]) && v.is(AUDIT_JSON, json('audit')) && v.is(PDU_JSON, json('read')[0]),
    ).toBe(true);
    expect(v.is(MESSAGE_JSON, json('follow', '--connection', '0')[0])).toBe(true);
  });

  it('takes the names of a capture', async () => {
    const capture = await named('names.pcapng', { '10.20.0.10': 'client.lab', '10.20.0.20': 'server' });
    expect(clrscope(['calls', '--names', capture, sample]).out).toBe(clrscope(['calls', '--names', hosts, sample]).out);
    const { code, err } = clrscope(['calls', '--names', sample, sample]);
    expect([code, err]).toEqual([2, expect.stringContaining('the capture names no address')]);
  });

  it("shows a capture's own names beside addresses", async () => {
    const capture = await named('own.pcapng', { '10.20.0.10': 'client.lab', '10.20.0.20': '10.20.0.99' });
    const { out } = clrscope(['calls', capture]);
    expect(out).toContain('client.lab (10.20.0.10) → 10.20.0.20:135');
    expect(clrscope(['calls', '--names', hosts, capture]).out).toContain('client.lab → server:135');
    const both = clrscope(['stats', capture, await named('other.pcapng', { '10.20.0.10': 'somebody-else' })]).out;
    expect(both).toContain('  10.20.0.10  ');
    expect(both).not.toContain('client.lab');
  });

  it('is never steered by them', async () => {
    const evil = file('evil', '10.20.0.10 \u001b[2Jx\n');
    expect(clrscope(['calls', '--names', evil, sample]).out).not.toContain('\u001b');
    expect(clrscope(['calls', '--names', join(folder, 'nowhere'), sample])).toMatchObject({ code: 2, out: '' });
    expect(clrscope(['calls', '--names', file('none', '# nothing'), sample])).toMatchObject({ code: 2, out: '' });
    const own = await named('evil.pcapng', { '10.20.0.10': 'a → 10.0.0.1:1', '10.20.0.20': '\u001b[2J' });
    expect(clrscope(['calls', own]).out).toBe(clrscope(['calls', sample]).out);
  });

  it('names of hosts are words with a letter', () => {
    expect(hostNames('10.20.0.20 server\n10.20.0.20 other # x\nFE80:0::1%eth0 six\nx y').get('fe80::1')).toBe('six');
    const hosts = new Hosts();
    const wrong = ['', '10.0.0.1', '1', 'a b', 'a\u202eb', 'a(b', 'a:1', 'x'.repeat(254), '::1'];
    hosts.learn('10.0.0.2', [...wrong, 'München_1.lab', 'second']);
    hosts.learn('10.0.0.2', ['third']);
    expect(hosts.endpoint({ address: '10.0.0.2', port: 135 })).toBe('München_1.lab (10.0.0.2):135');
    hosts.learn('::1', ['me']);
    expect([hosts.endpoint({ address: '::1', port: 1 }), hosts.endpoint({ address: '::2', port: 1 })]).toEqual([
      'me (::1):1',
      '[::2]:1',
    ]);
  });
});

describe('--registry', () => {
  const reg = `Windows Registry Editor Version 5.00\r
\r
[HKEY_CLASSES_ROOT\\CLSID\\{${CLSID.toUpperCase()}}]\r
@="The \\"Svc\\" class"\r
[HKEY_CLASSES_ROOT\\CLSID\\{${CLSID}}\\InprocServer32]\r
@="x.dll"\r
[HKEY_CLASSES_ROOT\\CLSID\\{${CLSID}}\\ProgID]\r
@="Svc.Component.1"\r
[HKEY_CLASSES_ROOT\\Interface\\{11111111-2222-3333-4444-555555555555}]\r
@="IOurs"\r
`;

  it.each([
    ['svc.json', JSON.stringify({ [`{${CLSID}}`]: 'Svc.Component.1' })],
    ['svc.tsv', `# UUID\tname\n${CLSID}\tSvc.Component.1\n`],
    ['svc.reg', reg],
    ['wide.reg', Buffer.from(`\ufeff${reg}`, 'utf16le')],
  ])('%s names the class of an activation', (name, content) => {
    const { out } = clrscope(['calls', '--registry', file(name, content), sample]);
    expect(out).toContain(`RemoteCreateInstance(CLSID ${CLSID} (Svc.Component.1) for`);
  });

  it.each([
    ['program.reg', `[HKEY_CLASSES_ROOT\\Svc.Component.1\\CLSID]\r\n@="{${CLSID}}"\r\n`],
    ['turned.json', JSON.stringify({ 'Svc.Component.1': CLSID })],
    ['turned.csv', `"name";"CLSID"\n"Svc.Component.1";"{${CLSID}}"\n`],
    ['turned.txt', `# Other ${CLSID}\nSvc.Component.1 = ${CLSID}\n`],
  ])('%s has the name in front', (_, text) => {
    expect([...registryNames(text.replace(/ =/, ''), 'x')]).toEqual([[CLSID, 'Svc.Component.1']]);
  });

  it('names classes in objects and audit too', () => {
    const table = file('all.tsv', `${CLSID} Svc.Component.1\n`);
    const run = (...args: string[]) => clrscope([...args, '--registry', table, sample]).out;
    expect(run('objects')).toContain(`class ${CLSID} (Svc.Component.1) made by`);
    expect(JSON.parse(run('objects', '-T', 'json'))[0].apartments[0].objects[0].className).toBe('Svc.Component.1');
    expect(run('audit')).toContain(`${CLSID} (Svc.Component.1) on 10.20.0.20`);
    expect(run('audit', '-T', 'html')).toContain(`${CLSID} (Svc.Component.1)`);
    expect(JSON.parse(run('audit', '-T', 'json')).inventory.classes[0]).toMatchObject({ name: 'Svc.Component.1' });
  });

  it('names interfaces that nobody knows, and none that is known', () => {
    expect([...registryNames(reg, 'x')]).toEqual([
      [CLSID, 'Svc.Component.1'],
      ['11111111-2222-3333-4444-555555555555', 'IOurs'],
    ]);
    const known = file('known.tsv', 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4 Nonsense\n');
    expect(clrscope(['calls', '--registry', known, sample]).out).toBe(clrscope(['calls', sample]).out);
  });

  it('is refused where it names nothing', () => {
    const { code, out, err } = clrscope(['calls', '--registry', file('empty.reg', 'nothing'), sample]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('no line of it has a UUID and a name');
  });
});
