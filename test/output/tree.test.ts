import { describe, expect, test } from 'vitest';
import { field, type Node, type Scalar } from '../../src/core/node.js';
import { fileSource } from '../../src/core/source.js';
import { renderTree } from '../../src/output/tree/tree.js';

const source = fileSource('PDU', new Uint8Array(32));
const leaf = (
  label: string,
  value: Scalar,
  display: string | null,
  type: 'uint8' | 'double' | 'string' | 'bytes',
): Node => ({
  field: field('a.field', label, type),
  source,
  start: 8,
  end: 10,
  value,
  display,
  role: 'data',
  children: [],
});
const line = (node: Node, width = 60): string => renderTree([node], { color: false, width });

describe('a line of the tree', () => {
  test('a number, what it means, and its bytes at the right edge', () => {
    const made = line(leaf('Opnum', 3, 'GetSerializedBuffer', 'uint8'));
    expect(made).toBe(`└─ Opnum: 3 (GetSerializedBuffer)${' '.repeat(18)}PDU 8..10\n`);
    expect(made).toHaveLength(60 + 1);
  });

  test('a negative zero has its sign', () => {
    expect(line(leaf('Value', -0, null, 'double'))).toMatch(/^└─ Value: -0 +PDU/);
  });

  test('a text that stands for its value takes its place', () => {
    expect(line(leaf('Name', 'x', 'shown', 'string'))).toMatch(/^└─ Name: shown +PDU 8\.\.10\n$/);
    expect(line(leaf('Name', 'x', '', 'string'))).toMatch(/^└─ Name: "x" +PDU/);
    expect(line(leaf('Data', Uint8Array.of(1), 'shown', 'bytes'))).toMatch(/^└─ Data: shown +PDU/);
  });

  test('value and meaning that are too long together are cut together', () => {
    const [, fits] = /: (.*?) {2,}/.exec(line(leaf('Opnum', 3, 'm'.repeat(31), 'uint8'))) ?? [];
    expect(fits).toBe(`3 (${'m'.repeat(31)})`);
    expect(line(leaf('Opnum', 3, 'm'.repeat(36), 'uint8'))).toMatch(/: 3 \(m+… {2}PDU 8\.\.10\n$/);
  });

  test('nothing of a label, a value or its meaning steers the terminal', () => {
    for (const node of [
      leaf('La\x1bbel', 3, 'means', 'uint8'),
      leaf('Label', 3, 'me\x1bans', 'uint8'),
      leaf('Label', 'v', 'me\x1bans', 'string'),
    ]) {
      const made = line(node);
      expect(made).not.toContain('\x1b');
      expect(made).toContain('\\u001b');
      expect(made).toMatch(/ {2,}PDU 8\.\.10\n$/);
    }
  });

  test('what begins with its name says it once', () => {
    expect(line(leaf('Protocol', 3, null, 'uint8'))).toMatch(/^└─ Protocol: 3 /);
    expect(line(leaf('Protocol', null, 'Protocol, all of it', 'uint8'))).toMatch(/^└─ Protocol, all of it +PDU/);
  });
});
