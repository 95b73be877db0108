/** Whole captures against what client and server logged: every stub's digest, every signature. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSecrets } from '../../src/security/index.js';
import { isHere, TRAFFIC } from '../traffic.js';
import { type SeenCall, sha256, walk } from './walk.js';

interface TruthCall {
  port: number;
  client_port: number;
  call_id: number;
  opnum: number;
  request_stub_sha256?: string | null;
  response_stub_sha256?: string | null;
  auth_level: number;
}

const CASES = [
  'ntlm-privacy',
  'ntlm-privacy-vt',
  'ntlm-privacy-ndr64',
  'ntlm-integrity',
  'ntlm-integrity-vt',
  'ntlm-packet',
  'ntlm-connect',
  'ntlmv1-privacy',
  'impacket-ntlm-privacy',
  'impacket-ntlm-integrity',
  'spnego-ntlm-privacy',
  'spnego-krb5-privacy',
  'krb5-privacy',
  'krb5-integrity',
  'wrong-password',
  'wrong-password-spnego',
];

describe('captures of other implementations', () => {
  for (const name of CASES)
    it.skipIf(!isHere(`${name}.pcap`))(
      `${name}: every stub decrypts to what was logged, and every signature checks`,
      async () => {
        const secrets = await loadSecrets(resolve(TRAFFIC, `${name}.secrets.json`));
        const seen = walk(resolve(TRAFFIC, `${name}.pcap`), secrets);
        const truth = JSON.parse(readFileSync(resolve(TRAFFIC, `${name}.json`), 'utf8')) as { calls: TruthCall[] };
        const byKey = new Map<string, SeenCall>();
        for (const call of seen.calls) {
          const [client, server] = call.connection.split(' ').map((end) => end.split(':')[1]);
          byKey.set(`${client} ${server} ${call.callId}`, call);
        }
        const wrong: string[] = [];
        for (const call of truth.calls) {
          const ours = byKey.get(`${call.client_port} ${call.port} ${call.call_id}`);
          const say = (what: string) =>
            wrong.push(`call ${call.call_id} opnum ${call.opnum} level ${call.auth_level}: ${what}`);
          if (ours === undefined) say('not seen');
          else {
            const digest = call.request_stub_sha256;
            if (ours.request === null || (digest && sha256(ours.request) !== digest)) say('request');
            if (
              call.response_stub_sha256 &&
              ours.response !== null &&
              sha256(ours.response) !== call.response_stub_sha256
            )
              say('response');
            if (call.response_stub_sha256 && ours.response === null) say('no response');
            if (call.auth_level > 3 && !ours.verified.every((v) => v === true)) say(`verified ${ours.verified}`);
          }
        }
        const infos = seen.contexts.map((c) => c.info);
        if (process.env.SHOW)
          console.log(name, seen.calls.length, JSON.stringify({ ...infos[0], flags: 0 }), JSON.stringify(seen.notes), [
            ...new Set(seen.calls.flatMap((c) => [...c.hows])),
          ]);
        expect(wrong).toEqual([]);
      },
    );
});
