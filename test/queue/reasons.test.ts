/** Why jobs were set aside, as `queue` says it. */
import { expect, test } from 'vitest';
import { namedReason } from '../../src/cli/queue/queue-job.js';

test('a reason stands behind the name of its capture, once', () => {
  const of = (capture: string, reason: string): string =>
    namedReason({ capture, files: [`/data/${capture}`], folder: null, tries: 3, reason, at: null });
  expect(of('a.pcap', '/data/a.pcap: it is not a capture')).toBe('/data/a.pcap: it is not a capture');
  expect(of('a.pcap', 'a.pcap: it is not a capture')).toBe('a.pcap: it is not a capture');
  // a name may be a word of any reason
  expect(of('read', 'the process that read it was ended by SIGKILL')).toBe(
    'read: the process that read it was ended by SIGKILL',
  );
  expect(of('export', '-o x: it was not written by clrscope export')).toMatch(/^export: -o x: /);
});
