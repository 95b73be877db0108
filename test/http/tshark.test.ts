/** What tshark 4.0 shows of real conversations is what we show: values and bytes of http.*, message by message. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../src/core/node.js';
import { TSHARK } from '../columns.js';
import { CAPTURES, framesOf, hasShared, lengthsOf, messageOf, SHARED, streamsOf } from './support.js';

const FIELDS = [
  ...['http.request.method', 'http.request.uri', 'http.request.version', 'http.request.full_uri'],
  ...['http.response.version', 'http.response.code', 'http.response.phrase'],
  ...['http.host', 'http.content_type', 'http.content_length_header', 'http.content_length', 'http.user_agent'],
  ...['http.server', 'http.date', 'http.connection', 'http.transfer_encoding', 'http.chunk_size', 'http.chunk_data'],
];
/** All headers. */
const LINES = ['http.request.line', 'http.response.line'];

function valuesOf(nodes: readonly Node[], name: string): string[] {
  return nodes.flatMap((n) => [...(n.field.name === name ? [shown(n)] : []), ...valuesOf(n.children, name)]);
}

function shown({ value }: Node): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return String(value).replace('\r\n', '\\r\\n');
}

/** tshark's columns by frame, each the list of its values. */
function theirs(name: string): Map<number, string[][]> {
  const columns = ['frame.number', ...FIELDS, ...LINES].flatMap((f) => ['-e', f]);
  const file = `${SHARED}/${name}.pcap`;
  const { stdout } = spawnSync('tshark', [
    '-n',
    '-r',
    file,
    '-Y',
    'http',
    '-T',
    'fields',
    '-E',
    'aggregator=|',
    ...columns,
  ]);
  const rows = stdout.toString().split('\n').slice(0, -1);
  return new Map(
    rows.map((row) => {
      const [frame, ...values] = row.split('\t');
      return [Number(frame), values.map((v) => (v === '' ? [] : v.split('|')))];
    }),
  );
}

// with segments out of order tshark takes other frames together
const IN_ORDER = CAPTURES.filter((name) => name !== 'net-http-ooo');

describe.skipIf(TSHARK !== '4.0' || !hasShared)('tshark 4.0', () => {
  it.each(IN_ORDER)('has the same values in %s', (name) => {
    const rows = theirs(name);
    let messages = 0;
    for (const sent of streamsOf(name)) {
      let start = 0;
      for (const length of lengthsOf(sent.bytes, [sent.bytes.length])) {
        const { roots } = messageOf(sent.bytes.slice(start, start + length)).recording;
        const frame = framesOf(sent, start, start + length).at(-1) as number;
        start += length;
        const row = rows.get(frame) ?? [];
        expect([frame, ...FIELDS.map((f) => valuesOf(roots, f))]).toEqual([frame, ...row.slice(0, FIELDS.length)]);
        LINES.forEach((f, i) => {
          expect(row[FIELDS.length + i]).toEqual(valuesOf(roots, f));
        });
        messages++;
      }
    }
    expect(messages).toBe(rows.size);
  });
});
