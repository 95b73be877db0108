/**
 * Which rules fire on which capture, and nowhere else. Written by hand from the truth files: who authenticated how,
 * which operations were called, what their parameters hold.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TransportPdu } from '../../src/core/context.js';
import { SHARED } from '../cli.js';
import { isHere, REAL, TRAFFIC } from '../traffic.js';
import { auditOf, rulesOf } from './support.js';

/** Object identity, serialized buffer with an ObjRef to tcp://192.0.2.2, component info, remote messages, unsigned `v`. */
const MANAGED = 'IOI-001 IOI-002 IOI-005 IOI-008 IOI-009 IOI-012';
/** The same with activation and RemQueryInterface for IManagedObject in front. */
const WHOLE = `${MANAGED} IOI-014`;
/** No authentication at all: ServerAlive2, activation and calls. */
const OPEN = 'DCOM-001 DCOM-002 DCOM-011';
/** Streams with a tail of random bytes behind MessageEnd. */
const TAIL = 'IOI-011';

const sorted = (text: string): string => text.split(' ').filter(Boolean).sort().join(' ');

const TABLE: Readonly<Record<string, string>> = {
  // RemoteActivation of the old interface, twice
  'activation.pcap': `${OPEN} ${WHOLE} DCOM-013`,
  'big-endian-oaut-le.pcap': `DCOM-001 DCOM-002 ${MANAGED} ${TAIL}`,
  'big-endian-pure.pcap': `DCOM-001 DCOM-002 ${MANAGED} ${TAIL}`,
  'bind-nak.pcap': `${OPEN} ${WHOLE} RPC-008`,
  // GetObjectIdentity and nothing else
  'ccw-variants.pcap': 'DCOM-001 DCOM-002 IOI-008',
  'clear-big.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  'clear-ndr.pcap': `${OPEN} ${WHOLE}`,
  'clear-ndr64-orpc64.pcap': `${OPEN} ${WHOLE}`,
  'clear-ndr64.pcap': `${OPEN} ${WHOLE}`,
  'control-pdus.pcap': `DCOM-001 DCOM-002 ${MANAGED} ${TAIL}`,
  // IDispatch operations of IRemoteDispatch; one VARIANT holds a message
  'dispatch-impacket.pcap': 'DCOM-001 DCOM-002 IOI-012',
  'dispatch.pcap': `${OPEN} IOI-001 IOI-012 IOI-014`,
  // impacket: no header signing, no MIC
  'impacket-ntlm-integrity.pcap': `DCOM-003 DCOM-004 RPC-004 ${WHOLE} ${TAIL}`,
  'impacket-ntlm-privacy.pcap': `DCOM-004 RPC-004 ${WHOLE} ${TAIL}`,
  'interleaved.pcap': `DCOM-001 DCOM-002 ${MANAGED} ${TAIL}`,
  'krb5-integrity.pcap': `DCOM-003 ${WHOLE}`,
  'krb5-privacy.pcap': WHOLE,
  'multi-context.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  'net-base.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  'net-lost-header.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  'net-lost.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  // no bind, no activation, no identity: only remote messages are left
  'net-midstart.pcap': `DCOM-001 DCOM-002 IOI-001 IOI-012 ${TAIL}`,
  'net-multi-if.pcapng': `${OPEN} ${WHOLE} ${TAIL}`,
  'net-ooo.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  // the ends of the streams are cut off
  'net-snap.pcap': `${OPEN} IOI-001 IOI-008 IOI-009 IOI-014`,
  'ntlm-connect.pcap': `DCOM-001 DCOM-002 DCOM-004 ${WHOLE}`,
  'ntlm-integrity-vt.pcap': `DCOM-003 DCOM-004 ${WHOLE} ${TAIL}`,
  'ntlm-integrity.pcap': `DCOM-003 DCOM-004 ${WHOLE}`,
  // level packet is signed here, and below integrity all the same
  'ntlm-packet.pcap': `DCOM-001 DCOM-003 DCOM-004 ${WHOLE}`,
  'ntlm-privacy-ndr64.pcap': `DCOM-004 ${WHOLE}`,
  'ntlm-privacy-vt.pcap': `DCOM-004 ${WHOLE} ${TAIL}`,
  'ntlm-privacy.pcap': `DCOM-004 ${WHOLE}`,
  'ntlmv1-privacy.pcap': `DCOM-004 RPC-004 ${WHOLE} ${TAIL}`,
  'odd-bstr.pcap': `${OPEN} ${WHOLE} ${TAIL}`,
  'orpc-extents.pcap': `${OPEN} ${WHOLE}`,
  'spnego-krb5-privacy.pcap': WHOLE,
  'spnego-ntlm-privacy.pcap': `DCOM-004 ${WHOLE}`,
  'udp.pcap': `DCOM-001 DCOM-002 ${MANAGED} ${TAIL}`,
  'wrong-password-spnego.pcap': `DCOM-004 ${WHOLE}`,
  'wrong-password.pcap': `DCOM-004 ${WHOLE}`,
};

/** Mono's remoting: nobody authenticates, and no assembly has a strong name; SOAP's names are not looked at. */
const REMOTING_TABLE: Readonly<Record<string, string>> = {
  // delegates and objects of the client, stack traces and ObjRefs to anybody, a DataSet with tables in binary form
  'http-binary.pcap': 'IOI-012 REM-001 REM-002 REM-003 REM-005',
  'http-odd-soap.pcap': 'REM-001',
  'http-odd.pcap': 'IOI-012 REM-001',
  'http-soap.pcap': 'REM-001 REM-002 REM-005',
  'http-threads.pcap': 'IOI-012 REM-001',
  'net-http-ooo.pcap': 'IOI-012 REM-001',
  'net-midstart.pcap': 'IOI-012 REM-001 REM-003',
  'net-ooo.pcap': 'IOI-012 REM-001 REM-003',
  'net-vlan.pcap': 'IOI-012 REM-001 REM-002',
  // whoever asked COM calls the object
  'story-com-to-tcp.pcap': 'DCOM-001 DCOM-002 IOI-002 IOI-005 IOI-012 REM-001',
  'tcp-cut-answer.pcap': 'IOI-012 REM-001',
  'tcp-cut-request.pcap': 'IOI-012 REM-001',
  'tcp-faults.pcap': 'IOI-010 IOI-012 REM-001',
  'tcp-large.pcap': 'IOI-012 REM-001',
  // a sponsor is registered, and a lease that has ended throws
  'tcp-leases.pcap': 'IOI-010 IOI-012 REM-001 REM-002',
  'tcp-objects.pcap': 'IOI-012 REM-001 REM-002',
  'tcp-oneway.pcap': 'IOI-012 REM-001',
  'tcp-soap.pcap': 'IOI-010 REM-001',
  'tcp-spec.pcap': 'IOI-012 REM-001',
  'tcp-threads.pcap': 'IOI-012 REM-001',
  'tcp-values.pcap': 'IOI-012 REM-001 REM-003',
};

/** Captures of others: certificate enrolment, MMC20 driven from afar, PROFINET, plain RPC. */
const REAL_TABLE: Readonly<Record<string, string>> = {
  'alter-only.pcap': 'DCOM-001',
  // sealed print spooler calls
  'auth3.pcap': 'DCOM-004',
  'clr-client-probes.pcap': 'DCOM-003 DCOM-004 DCOM-010 DCOM-011 DCOM-012',
  'bind-nak-truncated.pcap': '',
  'fragments-7187.pcap': '',
  'many-interfaces.pcap': '',
  'midstream-request.pcap': '',
  'no-frag-flag.pcap': '',
  'profinet.pcap': '',
  // all 346 endpoints of a host, to a client that did not authenticate
  'rpcdump.pcapng': 'RPC-007',
  'tcp-gap.pcap': '',
  'udp-connectionless.pcap': '',
};

describe('rules fire where they should and nowhere else', () => {
  test.each(Object.entries(TABLE).filter(([file]) => isHere(file)))('%s', async (file, rules) => {
    expect(rulesOf(await auditOf(`${TRAFFIC}/${file}`))).toBe(sorted(rules));
  });

  test('no capture is left out, but for further copies of net-base', () => {
    const all = readdirSync(TRAFFIC).filter((f) => /\.pcap(ng)?$/.test(f) && !f.startsWith('net-'));
    expect(all.filter((f) => TABLE[f] === undefined)).toEqual([]);
  });

  test.skipIf(SHARED === null).each(Object.entries(REMOTING_TABLE))('%s', async (file, rules) => {
    expect(rulesOf(await auditOf(`${SHARED}captures/remoting/${file}`))).toBe(rules);
  });

  test.skipIf(SHARED === null).each(Object.entries(REAL_TABLE))('%s', async (file, rules) => {
    expect(rulesOf(await auditOf(`${REAL}/${file}`))).toBe(sorted(rules));
  });

  test('sealed calls that are not opened: rules about contents are silent, and the report says why', async () => {
    const result = await auditOf(`${TRAFFIC}/ntlm-privacy.pcap`, false);
    // operation numbers and NTLM's messages are in the clear
    expect(rulesOf(result)).toBe('DCOM-004 IOI-001');
    expect(result.looked.sealed).toBe(16);
  });

  /** What client and server logged, as far as it decides rules by itself. */
  interface Truth {
    readonly calls: readonly {
      readonly operation: string;
      readonly fault?: unknown;
      readonly in: { readonly s?: { readonly bytes_len: number } } | null;
      readonly out: {
        readonly pBSTRGUID?: unknown;
        readonly infoArray?: { readonly elements: unknown[] } | null;
      } | null;
    }[];
    readonly missing_calls?: unknown[];
  }

  test.each(Object.keys(TABLE).filter((f) => isHere(f) && !/net-|wrong|control/.test(f)))(
    '%s as logged',
    async (file) => {
      const truth = JSON.parse(readFileSync(`${TRAFFIC}/${file.replace(/\.pcap.*$/, '.json')}`, 'utf8')) as Truth;
      const { findings } = await auditOf(`${TRAFFIC}/${file}`);
      const sights = (rule: string): number =>
        findings.filter((f) => f.rule.id === rule).reduce((sum, f) => sum + f.count, 0);
      const messages = truth.calls.filter((c) => c.operation.startsWith('RemoteDispatch') && c.in?.s?.bytes_len);
      expect(sights('IOI-001')).toBe(messages.length);
      const identities = truth.calls.filter(
        (c) => c.operation === 'GetObjectIdentity' && c.out?.pBSTRGUID !== undefined,
      );
      expect(sights('IOI-008')).toBe(identities.length);
      const told = truth.calls.some((c) => (c.out?.infoArray?.elements.length ?? 0) > 0);
      expect(sights('IOI-009') > 0).toBe(told);
    },
  );

  test('RPC-006: a byte of a signed request is changed', async () => {
    let damaged = false;
    const change = (pdu: TransportPdu): TransportPdu => {
      const isSigned = pdu.bytes.length > 100 && pdu.bytes[2] === 0 && (pdu.bytes[10] | (pdu.bytes[11] << 8)) > 0;
      if (damaged || !isSigned) return pdu;
      damaged = true;
      const bytes = pdu.bytes.slice();
      bytes[60] ^= 1;
      return { ...pdu, bytes };
    };
    const found = (await auditOf(`${TRAFFIC}/ntlm-integrity.pcap`, true, change)).findings;
    expect(found.filter((f) => f.rule.id === 'RPC-006').map((f) => f.count)).toEqual([1]);
  });

  /** Replaces bytes in PDUs that negotiate, as if another client had sent them. */
  const patched =
    (change: (b: Buffer) => void) =>
    (pdu: TransportPdu): TransportPdu => {
      if (pdu.bytes[2] < 11 || pdu.bytes[2] > 16) return pdu;
      const bytes = pdu.bytes.slice();
      change(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      return { ...pdu, bytes };
    };
  const weaknesses = async (file: string, change: (b: Buffer) => void): Promise<string[]> =>
    (await auditOf(`${TRAFFIC}/${file}`, false, patched(change))).findings
      .filter((f) => f.rule.id === 'DCOM-004')
      .map((f) => `${f.severity} ${f.evidence}`);

  test('DCOM-004: Kerberos with RC4', async () => {
    expect(await weaknesses('krb5-privacy.pcap', () => {})).toEqual([]);
    const rc4 = await weaknesses('krb5-privacy.pcap', (b) => {
      const etype = Buffer.from('a003020112', 'hex');
      for (let at = b.indexOf(etype); at >= 0; at = b.indexOf(etype, at + 1)) b[at + 4] = 23;
    });
    expect(rc4).toHaveLength(1);
    expect(rc4[0]).toMatch(/^medium Kerberos with rc4-hmac for /);
  });

  test('DCOM-004: NTLM without extended session security', async () => {
    expect(await weaknesses('ntlm-privacy.pcap', () => {})).toEqual(['medium LAB\\ioi authenticates by NTLMv2']);
    const old = await weaknesses('ntlm-privacy.pcap', (b) => {
      const at = b.indexOf('NTLMSSP\0\x03', 0, 'latin1');
      if (at >= 0) b.writeUInt32LE((b.readUInt32LE(at + 60) & ~0x80000) >>> 0, at + 60);
    });
    expect(old).toEqual(['high LAB\\ioi authenticates by NTLMv2, without extended session security']);
  });

  test.skipIf(!isHere('ntlmv1-privacy.pcap'))('DCOM-004: versions and the MIC', async () => {
    const findings = await weaknesses('ntlmv1-privacy.pcap', () => {});
    expect(findings).toEqual(['high LAB\\ioi authenticates by NTLMv1-ESS, without a MIC in its AUTHENTICATE message']);
  });
});
