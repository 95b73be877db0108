/** An address whose bytes come one now and then, without end, keeps no job for ever. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportCapture, exportTarget } from '../../src/cli/export/export.js';
import type { Job } from '../../src/cli/job.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { PATIENCE } from '../../src/platform/node/http/answer.js';
import { listening } from '../web-server.js';

test.each([{}, { 'content-length': 100_000 }])('told %o', async (head) => {
  const server = await listening((_, response) => {
    response.writeHead(200, head);
    const timer = setInterval(() => response.write('1'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-'));
  const { least } = PATIENCE;
  Object.assign(PATIENCE, { least: { bytes: 1000, milliseconds: 400 } });
  try {
    const job = { signal: new AbortController().signal, limits: DEFAULT_LIMITS, secrets: null } as Job;
    const own = { dissectors: [], idl: [], registry: [] };
    const target = exportTarget({ o: join(folder, 'tables'), format: 'ndjson' }, { secrets: null, own });
    const exporting = exportCapture({ name: server.url, files: [server.url] }, target, job);
    await expect(exporting).rejects.toThrow(/bytes came in 0\.4 seconds, where 1000 are the least/);
  } finally {
    Object.assign(PATIENCE, { least });
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
