/** `--decode-as`: what the user knows of connections whose bind was not captured. */
import { describe, expect, it } from 'vitest';
import { clrscope, ROOT, SHARED } from '../cli.js';

const sample = `${ROOT}samples/managed-object/capture.pcap`;
const operations = (args: string[], file: string): string[] =>
  clrscope(['calls', '-T', 'ndjson', ...args, file])
    .out.trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((c) => `${c.interface}.${c.operation} ${c.interfaceFrom}`);

describe('--decode-as', () => {
  it.skipIf(SHARED === null)('names operations by context id and by IPID, and says who said so', () => {
    const midstart = `${SHARED}captures/traffic/net-midstart.pcap`;
    const before = operations([], midstart);
    expect(before).toContain('null.Opnum3 unknown');
    const [unknown] = clrscope(['calls', '-T', 'ndjson', midstart])
      .out.split('\n')
      .filter((line) => line.includes('"interfaceFrom":"unknown"'))
      .map((line) => JSON.parse(line));
    for (const key of [String(unknown.contextId), unknown.object])
      expect(operations(['--decode-as', `${key}=imanagedobject`], midstart)).toContain(
        'IManagedObject.GetSerializedBuffer user',
      );
  });

  it('invalid: keys and interfaces that are none are refused', () => {
    for (const text of ['x=IManagedObject', '7', '7=', '7=12-34', '65536=IManagedObject', '7=IManagedObject=x']) {
      const { code, err } = clrscope(['calls', '--decode-as', text, sample]);
      expect(code).toBe(2);
      expect(err).toContain('--decode-as');
    }
  });

  it('invalid: an interface that nobody knows is refused, with the nearest name', () => {
    const { code, out, err } = clrscope(['calls', '--decode-as', '5=IManagedObjec', sample]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/no interface "IManagedObjec" \(is it IManagedObject\?\)/);
    expect(clrscope(['calls', '--decode-as', '5=IFoo', sample]).err).toMatch(/no interface "IFoo"[;(]/);
    expect(clrscope(['calls', '--decode-as', '5=12345678-1234-1234-1234-123456789abc', sample]).code).toBe(0);
  });
});
