/** Why jobs were set aside, as `queue` says it. */
import { expect, test } from 'vitest';
import { namedReason } from '../../src/cli/queue/queue-job.js';

const of = (capture: string, reason: string) => namedReason({ capture, files: [`/data/${capture}`] }, reason);

test('a reason stands behind the name of its capture, once', () => {
  const why = 'it is not a capture';
  expect(of('a.pcap', '/data/a.pcap: it is not a capture')).toEqual({ name: '/data/a.pcap', why });
  expect(of('a.pcap', 'a.pcap: it is not a capture')).toEqual({ name: 'a.pcap', why });
  // a name may be a word of any reason
  const killed = 'the process that read it was ended by SIGKILL';
  expect(of('read', killed)).toEqual({ name: 'read', why: killed });
  const foreign = '-o x: it was not written by clrscope export';
  expect(of('export', foreign)).toEqual({ name: 'export', why: foreign });
});

test('however long its name is, and whatever stands in it', () => {
  const long = `\u001b${'long'.repeat(1000)}.pcap`;
  for (const begin of ['', `\\u001b${long.slice(1)}: `, `/data/\\u001b${long.slice(1)}: `]) {
    const { name, why } = of(long, `${begin}it is not a capture`);
    expect(why).toBe('it is not a capture');
    expect(name).toMatch(/^(\/data\/)?\\u001b(long)+l?o?n?…$/);
  }
  expect(of('a.pcap', 'reason'.repeat(1000)).why).toHaveLength(400);
});
