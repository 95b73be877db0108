/** `--names` and `--registry`: hosts, classes and interfaces by the names that people know them by. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hostNames } from '../../src/cli/host-names.js';
import { registryNames } from '../../src/cli/registry.js';
import { clrscope, ROOT } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const sample = `${ROOT}samples/managed-object/capture.pcap`;
const CLSID = '07d4bedc-5143-1193-e6c3-f3391a2b8f1f';

describe('--names', () => {
  const hosts = file(
    'hosts',
    '# a table\n10.20.0.10 client.lab c1  # ours\n10.20.0.20\tserver\n10.20.0.20 other\n\u001b[31m\n::1\n',
  );

  it('shows hosts by name in text; JSON keeps addresses', () => {
    expect(hostNames('10.20.0.20 server\n10.20.0.20 other # x\nFE80::1 six').get('fe80::1')).toBe('six');
    const { out } = clrscope(['calls', '--names', hosts, sample]);
    expect(out).toContain('client.lab → server:135');
    expect(out).not.toContain('10.20.0.10 →');
    expect(clrscope(['--names', hosts, '-Y', 'frame.number == 28', sample]).out).toContain(
      'server:49664 → client.lab:55308',
    );
    const json = ['calls', '-T', 'ndjson', sample];
    expect(clrscope([...json, '--names', hosts]).out).toBe(clrscope(json).out);
  });

  it('is never steered by them', () => {
    const evil = file('evil', '10.20.0.10 \u001b[2Jx\n');
    expect(clrscope(['calls', '--names', evil, sample]).out).not.toContain('\u001b');
    expect(clrscope(['calls', '--names', join(folder, 'nowhere'), sample])).toMatchObject({ code: 2, out: '' });
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
