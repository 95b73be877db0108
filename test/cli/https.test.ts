/** Captures behind addresses of TLS. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { clrscope, ROOT, started } from '../cli.js';
import { listening, type Served, sendFile } from '../web-server.js';

const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const SECRET = 'Very-Secret';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-https-'));
afterAll(() => rmSync(folder, { recursive: true }));

const served: Served[] = [];
afterEach(async () => {
  for (const server of served.splice(0)) await server.close();
});

const sample: RequestListener = (request, response) => sendFile(request, response, readFileSync(SAMPLE));

async function serve(): Promise<Served> {
  const server = await listening(sample);
  served.push(server);
  return server;
}

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('https', { timeout: 60_000 }, () => {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=clrscope', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];

  async function serveTls(answer = sample): Promise<Served> {
    if (!existsSync(cert)) spawnSync('openssl', [...made, ...name]);
    const own = { key: readFileSync(key), cert: readFileSync(cert) };
    const server = await listening(answer, (listener) => createTlsServer(own, listener), 'https');
    served.push(server);
    return server;
  }

  it('is read where its certificate is trusted', async () => {
    const { url } = await serveTls();
    const args = ['calls', '-T', 'ndjson', `${url}/capture.pcap`];
    const { code, out } = await started(args, { NODE_EXTRA_CA_CERTS: cert }).ended;
    expect(code).toBe(0);
    expect(out === clrscope(['calls', '-T', 'ndjson', SAMPLE]).out).toBe(true);
  });

  it('is not where it is not, and what to do is said', async () => {
    const { url } = await serveTls();
    const { code, err } = await started(['calls', `${url}/x.pcap`]).ended;
    expect([code, err]).toEqual([2, expect.stringContaining('NODE_EXTRA_CA_CERTS=FILE names a certificate that is')]);
  });

  it('is not left for http', async () => {
    const plain = await serve();
    const location = `${plain.url}/x.pcap?${SECRET}`;
    const { url } = await serveTls((_, response) => response.writeHead(307, { location }).end());
    const { code, err } = await started(['calls', `${url}/x`], { NODE_EXTRA_CA_CERTS: cert }).ended;
    expect([code, err]).toEqual([2, expect.stringContaining('it leads from https:// to http://')]);
    expect(err).not.toContain(SECRET);
    expect(plain.asked).toEqual([]);
  });

  it('is not http', async () => {
    const { url } = await serve();
    const { code, err } = await started(['calls', url.replace('http:', 'https:')]).ended;
    expect([code, err]).toEqual([2, expect.stringContaining('it does not speak TLS with us')]);
  });
});
