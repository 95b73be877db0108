/** Tokens in the tree: each byte in one leaf, names and values, and input that means harm. */
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../src/core/recording.js';
import { formatNode } from '../../src/filter/format.js';
import { createSecurityContext, loadSecrets, SECURITY_FIELDS } from '../../src/security/index.js';
import { SHARED } from '../cli.js';
import { isHere, REAL, TRAFFIC } from '../traffic.js';
import { dissect, nodes, partitionFaults } from './tree.js';
import { type Seen, walk } from './walk.js';

const value = (r: Recording, name: string) => Array.from(nodes(r.roots)).find((n) => n.field.name === name)?.value;
const values = (r: Recording, name: string) =>
  Array.from(nodes(r.roots)).flatMap((n) => (n.field.name === name ? [n.value] : []));

async function seenIn(folder: string, file: string): Promise<Seen> {
  const secrets = resolve(folder, file.replace(/\.pcap.*/, '.secrets.json'));
  return walk(resolve(folder, file), existsSync(secrets) ? await loadSecrets(secrets) : null);
}

describe('tokens of captures', () => {
  const files = [TRAFFIC, REAL]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((f) => /^(?!net-).*\.pcap(ng)?(\.gz)?$/.test(f))
        .map((f) => [folder, f] as const),
    );
  it.each(files)('%s/%s: every byte in one leaf, none left over, nothing odd', async (folder, file) => {
    const seen = await seenIn(folder, file);
    for (const token of seen.tokens) {
      const r = dissect(token.bytes, token.authType, token.context);
      expect(partitionFaults(r)).toEqual([]);
      expect(r.notes).toEqual([]);
      expect(Array.from(nodes(r.roots)).filter((n) => n.role === 'undissected')).toEqual([]);
      for (const node of nodes(r.roots))
        if (node.field.name !== 'auth_value' && node.role !== 'padding') expect(SECURITY_FIELDS).toContain(node.field);
    }
  });

  it.skipIf(SHARED === null)('of Windows say who came from where (NTLM)', async () => {
    const { tokens } = await seenIn(REAL, 'ntlm-privacy.pcapng.gz');
    const [challenge, auth] = tokens.slice(1, 3).map((t) => dissect(t.bytes, t.authType));
    expect(value(challenge, 'ntlmssp.challenge.target_info.dns_computer_name')).toBe('DC1.domain.local');
    expect(value(auth, 'ntlmssp.messagetype')).toBe(3);
    expect(value(auth, 'ntlmssp.auth.domain')).toBe('DOMAIN');
    expect(value(auth, 'ntlmssp.auth.username')).toBe('Administrator');
    expect(value(auth, 'ntlmssp.auth.hostname')).toBe('WIN10');
    expect(value(auth, 'ntlmssp.negotiatekeyexch')).toBe(true);
    expect(value(auth, 'ntlmssp.ntlmv2_response.ntproofstr')).toHaveLength(16);
  });

  it.skipIf(SHARED === null)(
    'of Windows: answers are bytes with children and times are times, as tshark 4.0 prints them (NTLM)',
    async () => {
      const { tokens } = await seenIn(REAL, 'auth3.pcap');
      const challenge = dissect(tokens[1].bytes, tokens[1].authType);
      const auth = dissect(tokens[2].bytes, tokens[2].authType);
      const column = (r: Recording, name: string) =>
        Array.from(nodes(r.roots)).flatMap((n) => (n.field.name === name ? [formatNode(n)] : []));
      const time = 'Jul 19, 2020 18:26:24.970538900 UTC';
      expect(column(challenge, 'ntlmssp.challenge.target_info.timestamp')).toEqual([time]);
      expect(column(auth, 'ntlmssp.ntlmv2_response.time')).toEqual([time]);
      expect(column(auth, 'ntlmssp.ntlmv2_response.timestamp')).toEqual([time]);
      for (const name of ['ntlmssp.auth.ntresponse', 'ntlmssp.ntlmv2_response']) {
        const [answer, ...more] = column(auth, name);
        expect(answer).toMatch(/^eabacea9e12c184981777ec734233d120101000000000000ad9f291cfa5dd6019d30b4ea511b594e/);
        expect(more).toEqual([]);
      }
      expect(column(auth, 'ntlmssp.blob.length')).toHaveLength(3);
    },
  );

  it.skipIf(SHARED === null)('of SPNEGO are bytes with what they hold below them, once each', async () => {
    const { tokens } = await seenIn(TRAFFIC, 'spnego-ntlm-privacy.pcap');
    const inits = tokens
      .map((t) => dissect(t.bytes, t.authType))
      .filter((r) => value(r, 'spnego.mechTypes') !== undefined);
    expect(inits.length).toBeGreaterThan(0);
    for (const r of inits) {
      expect(value(r, 'spnego.mechTypes')).toBe(values(r, 'spnego.MechType').length);
      const [token, ...more] = values(r, 'spnego.mechToken') as Uint8Array[];
      expect(Buffer.from(token).toString('latin1', 0, 8)).toBe('NTLMSSP\0');
      expect(more).toEqual([]);
    }
  });

  it.skipIf(SHARED === null)('of Windows open with the password (NTLM)', async () => {
    const seen = await seenIn(REAL, 'ntlm-privacy.pcapng.gz');
    expect(seen.contexts[0].info).toMatchObject({ user: 'DOMAIN\\Administrator', keyed: true, micVerified: true });
    expect(seen.calls.flatMap((c) => c.verified).every((v) => v === true)).toBe(true);
    expect(seen.sealedBytes).toBe(33984);
  });

  it.skipIf(SHARED === null)('show what the keys open, and no key (Kerberos)', async () => {
    const { tokens } = await seenIn(TRAFFIC, 'spnego-krb5-privacy.pcap');
    const r = dissect(tokens[0].bytes, tokens[0].authType, tokens[0].context);
    expect(r.sources.map((s) => s.name)).toEqual(['PDU', 'Decrypted ticket', 'Decrypted authenticator']);
    expect(values(r, 'kerberos.CNameString')).toEqual(['nadja', 'nadja']);
    expect(value(r, 'spnego.MechType')).toBe('1.2.840.113554.1.2.2');
    const keys = Array.from(nodes(r.roots)).filter((n) => n.field.name === 'kerberos.keyvalue');
    expect(keys.length).toBeGreaterThan(0);
    for (const { value: key } of keys) expect(Buffer.from(key as Uint8Array).every((byte) => byte === 0)).toBe(true);
    const blind = dissect(tokens[0].bytes, tokens[0].authType);
    expect(blind.sources).toHaveLength(1);
  });

  it('hold no secret, with the right password and with a wrong one', async () => {
    const files = ['ntlm-privacy.pcap', 'krb5-privacy.pcap', 'wrong-password.pcap', 'spnego-krb5-privacy.pcap'];
    for (const file of files.filter(isHere)) {
      const seen = await seenIn(TRAFFIC, file);
      const trees = seen.tokens.map((t) => {
        const r = dissect(t.bytes, t.authType, t.context);
        const said = Array.from(nodes(r.roots), (n) => [n.display, typeof n.value === 'string' ? n.value : null]);
        return JSON.stringify([said, r.notes]);
      });
      const all = `${JSON.stringify([seen.notes, seen.contexts.map((c) => c.info)])}${trees.join('')}`;
      expect(all).not.toMatch(/Passw0rd|Eiche|Dienst-256/);
    }
  });

  it.skipIf(SHARED === null)('read the same with damaged bytes: no defect, each byte in one leaf', async () => {
    const seen = [await seenIn(TRAFFIC, 'spnego-krb5-privacy.pcap'), await seenIn(REAL, 'clr-client-probes.pcap')];
    const tokens = seen.flatMap((s) => s.tokens.slice(0, 12));
    const change = fc.record({
      token: fc.nat(tokens.length - 1),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      at: fc.array(fc.record({ where: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
        maxLength: 6,
      }),
    });
    fc.assert(
      fc.property(change, ({ token, cut, at }) => {
        const whole = tokens[token];
        const bytes = Uint8Array.from(whole.bytes.subarray(0, Math.ceil(whole.bytes.length * cut)));
        for (const { where, byte } of at) bytes[Math.floor(where * (bytes.length - 1))] = byte;
        const r = dissect(bytes, whole.authType, whole.context);
        expect(partitionFaults(r)).toEqual([]);
        expect(r.notes.filter((n) => n.code === 'bug')).toEqual([]);
        const context = createSecurityContext(whole.authType, 6, null);
        for (const note of context.token('client', bytes)) expect(note.code).toBe('security-malformed');
      }),
      { numRuns: 1500 },
    );
  });
});

describe('NTLM messages that mean harm', () => {
  const u16 = (n: number) => [n & 255, n >> 8];
  const u32 = (n: number) => [...u16(n & 0xffff), ...u16(n >>> 16)];
  const start = (type: number) => [...Buffer.from('NTLMSSP\0', 'latin1'), ...u32(type)];
  const at = (length: number, offset: number) => [...u16(length), ...u16(length), ...u32(offset)];
  const auth = (payloads: readonly number[][], rest: readonly number[]) =>
    Uint8Array.from([...start(3), ...payloads.flat(), ...u32(1), ...rest]);

  it('leaves payloads out that overlap each other or the header', () => {
    const body = Array.from(Buffer.from('ALICEBOB', 'utf16le'));
    const bytes = auth([at(0, 0), at(0, 0), at(10, 64), at(8, 68), at(6, 20), at(0, 0)], body);
    const r = dissect(bytes, 10);
    expect(value(r, 'ntlmssp.auth.domain')).toBe('ALICE');
    expect(value(r, 'ntlmssp.auth.username')).toBeUndefined();
    expect(r.notes.map((n) => n.code)).toEqual(['overlap', 'overlap']);
    expect(partitionFaults(r)).toEqual([]);
  });

  it('says which payload ends behind the message', () => {
    const r = dissect(auth([at(0, 0), at(0, 0), at(4, 64), at(8, 0xfffffff0), at(0, 0), at(0, 0)], [65, 0, 66, 0]), 10);
    expect(value(r, 'ntlmssp.auth.domain')).toBe('AB');
    expect(r.notes.map((n) => n.code)).toEqual(['truncated']);
  });

  it('reads messages of clients older than VERSION and MIC', () => {
    const r = dissect(Uint8Array.from([...start(1), ...u32(0xb203)]), 10);
    expect(value(r, 'ntlmssp.negotiateflags')).toBe(0xb203);
    expect(partitionFaults(r)).toEqual([]);
  });

  it('reads attributes of an odd length, and the next ones', () => {
    const pairs = [...u16(1), ...u16(3), 65, 0, 66, ...u16(6), ...u16(4), ...u32(2), ...u16(0), ...u16(0)];
    const bytes = Uint8Array.from([
      ...start(2),
      ...at(0, 0),
      ...u32(0x800001),
      ...Array(16).fill(0),
      ...at(pairs.length, 48),
      ...pairs,
    ]);
    const r = dissect(bytes, 10);
    expect(value(r, 'ntlmssp.challenge.target_info.nb_computer_name')).toBe('A');
    expect(value(r, 'ntlmssp.challenge.target_info.flags')).toBe(2);
    expect(partitionFaults(r)).toEqual([]);
  });
});

describe('other tokens', () => {
  it('a KRB-ERROR has times, and a time that does not exist leaves its bytes (RFC 4120 5.9.1)', () => {
    const error = (time: string) => {
      const stime = `a41118 0f ${Buffer.from(time, 'latin1').toString('hex')}`;
      const body = Buffer.from(`a003020105 a10302011e ${stime} a505020300fa2b a603020119`.replaceAll(' ', ''), 'hex');
      return dissect(Buffer.concat([Buffer.from([0x7e, body.length + 2, 0x30, body.length]), body]), 16);
    };
    const good = error('20230912073814Z');
    expect(value(good, 'kerberos.stime')).toBe(1694504294000000000n);
    expect([good.notes, value(good, 'kerberos.error_code')]).toEqual([[], 25]);
    const bad = error('20231312073814Z');
    expect([value(bad, 'kerberos.stime'), value(bad, 'kerberos.error_code')]).toEqual([undefined, 25]);
    expect(bad.notes).toHaveLength(1);
    expect(partitionFaults(bad)).toEqual([]);
  });

  it('Netlogon says which computer it is (MS-NRPC 2.2.1.3.1)', () => {
    const bytes = Buffer.from('0000000017000000LAB\0PC1\0'.replace('0000000017000000', ''), 'latin1');
    const dns = Buffer.from('\x03lab\x04test\0\x03pc1\0', 'latin1');
    const token = Buffer.concat([Buffer.from('0000000017000000', 'hex'), bytes, dns]);
    const r = dissect(token, 68);
    const names = ['nb_domain', 'nb_host', 'dns_domain', 'nb_host_utf8'];
    expect(names.map((name) => value(r, `netlogon.secchan.nl_auth_message.${name}`))).toEqual([
      ...['LAB', 'PC1', 'lab.test', 'pc1'],
    ]);
    expect(partitionFaults(r)).toEqual([]);
    expect(r.notes).toEqual([]);
    const context = createSecurityContext(68, 6, null);
    context.token('client', token);
    expect(context.info).toMatchObject({ type: 'Netlogon', user: 'LAB\\PC1$', workstation: 'PC1', keyed: false });
  });

  it('Netlogon: which names there are the flags say', () => {
    const all = ['nb_domain', 'nb_host', 'dns_domain', 'dns_host', 'nb_host_utf8'];
    const sent = ['LAB\0', 'PC1\0', '\x03lab\x04test\0', '\x03pc1\x03lab\0', '\x05pc\xc3\xa91\0'];
    const told = ['LAB', 'PC1', 'lab.test', 'pc1.lab', 'pcé1'];
    for (let flags = 0; flags < 32; flags++) {
      const wanted = all.filter((_, bit) => flags & (1 << bit));
      const text = sent.filter((_, bit) => flags & (1 << bit)).join('');
      const r = dissect(Buffer.concat([Buffer.from([0, 0, 0, 0, flags, 0, 0, 0]), Buffer.from(text, 'latin1')]), 68);
      expect(r.notes).toEqual([]);
      for (const [bit, name] of all.entries())
        expect(value(r, `netlogon.secchan.nl_auth_message.${name}`)).toBe(
          wanted.includes(name) ? told[bit] : undefined,
        );
    }
  });

  it('Netlogon: a name may go on as one before it does (RFC 1035 4.1.4)', () => {
    const token = (text: string) =>
      Buffer.concat([Buffer.from('000000000c000000', 'hex'), Buffer.from(text, 'latin1')]);
    // lab.test at 8; pc1 goes on there
    const r = dissect(token('\x03lab\x04test\0\x03pc1\xc0\x08'), 68);
    expect(value(r, 'netlogon.secchan.nl_auth_message.dns_host')).toBe('pc1.lab.test');
    expect([r.notes, partitionFaults(r)]).toEqual([[], []]);
    // round in circles, ahead, behind the end, a label that does not end
    for (const text of ['\x03lab\xc0\x08', '\x03lab\xc0\x20\0', '\xc0\xff', '\x03la', '\x41']) {
      const bad = dissect(token(text), 68);
      expect(bad.notes).toHaveLength(1);
      expect(partitionFaults(bad)).toEqual([]);
    }
  });

  it('Netlogon: a verifier of SHA-2 has 8 bytes of checksum, the confounder, and room (2.2.1.3.3; Samba)', () => {
    const head = `13001a00ffff0000${'11'.repeat(8)}`;
    const r = dissect(Buffer.from(`${head}${'22'.repeat(8)}${'33'.repeat(8)}${'00'.repeat(24)}`, 'hex'), 68);
    const hexOf = (name: string) => Buffer.from(value(r, `netlogon.secchan.${name}`) as Uint8Array).toString('hex');
    expect([hexOf('digest'), hexOf('nonce')]).toEqual(['22'.repeat(8), '33'.repeat(8)]);
    expect(partitionFaults(r)).toEqual([]);
    expect(Array.from(nodes(r.roots)).some((n) => n.role === 'undissected')).toBe(false);
  });

  it('Netlogon verifiers (2.2.1.3.2)', () => {
    const r = dissect(Buffer.from(`77007a00ffff0000${'11'.repeat(8)}${'22'.repeat(8)}${'33'.repeat(8)}`, 'hex'), 68);
    expect(value(r, 'netlogon.secchan.sealalg')).toBe(0x7a);
    expect(value(r, 'netlogon.secchan.nonce')).toHaveLength(8);
    expect(partitionFaults(r)).toEqual([]);
  });

  it('DER lengths without an end, too long, and behind the region', () => {
    for (const text of ['6080', '60850000000001', '60ff', 'a084ffffffff', 'a0', '', '6f0330808000']) {
      const r = dissect(Buffer.from(text, 'hex'), 9);
      expect(partitionFaults(r)).toEqual([]);
      expect(r.notes.every((n) => n.code === 'malformed')).toBe(true);
    }
  });

  it('an auth_type that nobody knows says so', () => {
    const context = createSecurityContext(99, 6, null);
    expect(context.token('client', Buffer.from('00'))).toEqual([]);
    expect(context.info).toMatchObject({ mechanism: 'unknown', noKey: 'auth_type 99 is not supported' });
  });
});

it('fields have one declaration for each name and type', () => {
  const types = new Map<string, string>();
  for (const f of SECURITY_FIELDS) {
    const known = types.get(f.name);
    if (known !== undefined) expect([f.name, known]).toEqual([f.name, f.type]);
    types.set(f.name, f.type);
  }
  expect(new Set(SECURITY_FIELDS).size).toBe(SECURITY_FIELDS.length);
});
