import { describe, expect, it } from 'vitest';
import { Collector, compileFilter, FilterError } from '../../src/filter/index.js';
import { frameOf } from '../frame.js';
import { bindFrame, F, node, TABLE } from './trees.js';

const frame = bindFrame();
const matches = (text: string): boolean => compileFilter(text, TABLE).matches(frame);

function errorOf(text: string): FilterError {
  try {
    compileFilter(text, TABLE);
  } catch (e) {
    if (e instanceof FilterError) return e;
    throw e;
  }
  throw new Error(`"${text}" compiles`);
}

/** Filters that find the frame, by what they show of wireshark-filter(4). */
const TRUE: Readonly<Record<string, readonly string[]>> = {
  'presence of fields, protocols and prefixes': [
    'tcp.srcport',
    'dcerpc',
    'tcp',
    'dcom.dualstringarray',
    'ip.addr',
    '!udp or ip'.replace('udp', 'dcerpc.opnum'),
  ],
  'numbers in any base': [
    'dcerpc.cn_flags == 3',
    'dcerpc.cn_flags == 0x3',
    'dcerpc.cn_flags == 0b11',
    'tcp.dstport == 0207',
    'tcp.dstport == 0o207',
    "dcerpc.pkt_type == '\\x0b'",
    'dcom.vt.i2 == -5',
    'dcom.oxid == 0xb5c018689dc8086e',
    'dcom.oxid > 13000000000000000000',
  ],
  'operators as words': [
    'tcp.dstport eq 135',
    'tcp.dstport ne 136',
    'tcp.dstport gt 1 and tcp.dstport lt 136',
    'tcp.dstport ge 135 && tcp.dstport le 135',
  ],
  'names of values': ['dcerpc.pkt_type == "Bind"', 'dcerpc.pkt_type == bind', 'dcerpc.pkt_type in {Request, Bind}'],
  '4.x: != is no pair equal': [
    'ip.addr != 1.2.3.4',
    'not ip.addr != 192.168.56.101',
    'ip.addr ~= 192.168.56.101',
    'ip.addr any_ne 192.168.56.101',
    'ip.addr !== 192.168.56.101',
    'not ip.addr === 192.168.56.101',
    'ip.addr === 192.168.56.0/24',
  ],
  'any and all': [
    'any tcp.port == 135',
    'not all tcp.port == 135',
    'all tcp.port > 100',
    'any ip.addr != 192.168.56.101',
    'not any tcp.port == 136',
  ],
  'an absent field holds nothing': [
    'not dcerpc.opnum == 3',
    'not dcerpc.opnum != 3',
    'not dcerpc.opnum ~= 3',
    'not all dcerpc.opnum > 1',
    'dcerpc.opnum not in {3}',
    'not count(dcerpc.opnum) == 0',
  ],
  'sets and ranges': [
    'tcp.port in {1, 135}',
    'tcp.dstport in {100..200}',
    'tcp.dstport in {1 135}',
    'ip.src in {10.0.0.0/8, 192.168.56.100..192.168.56.110}',
    'tcp.port not in {80, 443}',
    'dcom.dualstringarray.network_addr in {"DC1", "a".."b"}',
    'tcp.dstport in {tcp.dstport}',
  ],
  'precedence: comparison, not, and, xor, or': [
    'tcp or tcp.dstport == 1 and dcerpc.opnum',
    '!tcp.dstport == 1 and tcp',
    'tcp xor dcerpc.opnum',
    'not (tcp ^^ dcerpc)',
    '(((tcp)))',
    'not not tcp',
    '!!tcp',
  ],
  'masks and sums': [
    'dcerpc.cn_flags & 2',
    'not dcerpc.cn_flags & 0x80',
    'dcerpc.cn_flags & 3 == 3',
    '(dcerpc.cn_flags & 3) == 3',
    'tcp.dstport + 1 == 136',
    'tcp.dstport * 2 - 70 == 200',
    '{tcp.dstport + 1} * 2 == 272',
    'tcp.dstport % 2 == 1',
    'not tcp.dstport / 0 == 1',
    '-tcp.dstport == -135',
    'ip.src & 255.255.255.0 == 192.168.56.0',
    'frame.time_epoch + 1 > 1694504295.7',
    'dcom.oxid + 1 == 0xb5c018689dc8086f',
  ],
  slices: [
    'tcp.payload[0:2] == 30:35',
    'tcp.payload[0-1] == "05"',
    'tcp.payload[-4:] == "MEOW"',
    'tcp.payload[:2] == 3035',
    'tcp.payload[0,-1] == 30:57',
    'tcp.payload[2:][0:2] == 30-30',
    'not tcp.payload[17:9] == 00',
    'ip.src[3] == 66',
    'dcom.dualstringarray.network_addr[0:2] == "DC"',
    'dcom.dualstringarray.network_addr[0] == 44',
    'dcerpc[0] == 30',
  ],
  'contains and matches': [
    'tcp.payload contains "MEOW"',
    'tcp.payload contains 4d:45',
    'not tcp.payload contains "meow"',
    'tcp.payload matches "meow"',
    'tcp.payload ~ "^05.*w$"',
    'not tcp.payload matches "(?-i)meow"',
    'dcerpc contains "0b"',
    'dcom.dualstringarray.network_addr contains "DC"',
    'dcom.dualstringarray.network_addr matches "^192.*\\\\[4"',
    'dcom.dualstringarray.network_addr matches r"^192.*\\[4"',
    'dcom.dualstringarray.network_addr contains DC1',
  ],
  functions: [
    'len(tcp.payload) == 20',
    'len(tcp.srcport) == 2',
    'count(ip.addr) == 2',
    'lower(dcom.dualstringarray.network_addr) == "dc1"',
    'upper(dcom.dualstringarray.network_addr) == "DC1"',
    'string(ip.src) matches r"\\.102$"',
    'string(dcerpc.cn_flags) == "3"',
    'max(tcp.port) == 49725',
    'min(tcp.srcport, tcp.dstport, 7) == 7',
    'abs(dcom.vt.i2) == 5',
  ],
  times: [
    'frame.time >= "2023-09-12 07:38:14.75"',
    'frame.time == "2023-09-12T09:38:14.756299+02:00"',
    'frame.time < "Sep 12, 2023 07:38:15"',
    'frame.time > 2023-09-12T07:38:14Z',
    'frame.time_epoch == 1694504294.756299',
    'frame.time_epoch > 1694504294',
    'frame.time >= 2023-09-12',
  ],
  'addresses and GUIDs': [
    'ip.src == 192.168.56.0/24',
    'ip.src == 192.168.56.77/24',
    'not ip.src == 192.168.57.0/24',
    'ipv6.src == 2001:db8::/32',
    'ipv6.src == 2001:0db8::0001',
    'ipv6.src != ::1',
    'dcerpc.cn_bind_to_uuid == 99FCFEC4-5260-101B-bbcb-00aa0021347a',
    'dcerpc.cn_bind_to_uuid == "{00000143-0000-0000-c000-000000000046}"',
  ],
  'fields against fields': [
    'tcp.srcport > tcp.dstport',
    'tcp.srcport == tcp.port',
    'not tcp.srcport != tcp.port',
    'not ip.src == ip.dst',
    'len(tcp.payload) < tcp.dstport',
  ],
  'booleans and floats': [
    'tcp.flags.syn == 0',
    'tcp.flags.syn == false',
    'not tcp.flags.syn == True',
    'dcom.vt.r8 == 0.5',
    'dcom.vt.r8 < 1',
    'dcom.vt.r8 > 1e-3',
  ],
  'chains and literals on the left': ['100 < tcp.dstport < 200', '135 == tcp.dstport', 'not 100 > tcp.dstport'],
};

describe('wireshark-filter(4)', () => {
  for (const [what, filters] of Object.entries(TRUE)) {
    it.each(filters)(`${what}: %s`, (text) => {
      expect(matches(text)).toBe(true);
    });
  }

  it('says which fields it needs', () => {
    const { fieldNames } = compileFilter('ip.addr == 1.2.3.4 && dcerpc && len(tcp.payload) > 3', TABLE);
    expect([...fieldNames].sort()).toEqual(['dcerpc', 'ip.dst', 'ip.src', 'tcp.payload']);
  });

  it('keeps nothing of one frame for the next', () => {
    const filter = compileFilter('tcp.dstport == 135', TABLE);
    expect(filter.matches(frame)).toBe(true);
    expect(filter.matches(frameOf(5, []))).toBe(false);
    expect(filter.matches(frame)).toBe(true);
  });
});

/** A mistake, the text its caret points at, and a part of the reason. */
const MISTAKES: readonly (readonly [filter: string, at: string, reason: string])[] = [
  ['', '', 'empty'],
  ['dcerpc.opnum ==', '', 'ends too early'],
  ['tcp.dstport = 3', '= 3', 'not expected'],
  ['tcp.dstport == 3 4', '4', 'not expected'],
  ['(tcp', '', 'too early'],
  ['tcp)', ')', 'not expected'],
  ['and tcp', 'and', 'not expected'],
  ['tcp and', '', 'too early'],
  ['dcerpc.opnun == 3', 'dcerpc.opnun', 'dcerpc.opnum'],
  ['opnum', 'opnum', 'dcerpc.opnum'],
  ['DCERPC', 'DCERPC', 'is it dcerpc?'],
  ['tcp.dstport == "abc"', '"abc"', 'not an integer'],
  ['dcerpc.pkt_type == "Requst"', '"Requst"', 'none of the values'],
  ['dcerpc.cn_flags == 256', '256', 'ends at 255'],
  ['tcp.dstport == 1.5', '1.5', 'not an integer'],
  ['tcp.dstport == 08', '08', 'not an integer'],
  ['tcp.dstport contains 3', 'tcp.dstport', 'string(tcp.dstport)'],
  ['ip.src matches "a"', 'ip.src', 'string(ip.src)'],
  ['ip.src == 192.168.56', '192.168.56', 'not an IPv4 address'],
  ['ip.src == 10.0.0.0/33', '10.0.0.0/33', 'not an IPv4 address'],
  ['tcp.dstport == ip.src', 'ip.src', 'cannot be compared'],
  ['tcp.dstport[0] == 1', 'tcp.dstport', 'no bytes to slice'],
  ['tcp.payload == zz', 'zz', 'hexadecimal'],
  ['tcp.payload contains "\\d"', '\\d', 'escape'],
  ['tcp.payload matches "("', '"("', 'missing closing )'],
  ['tcp.payload matches "(?=a)"', '"(?=a)"', 'look-around'],
  ['tcp.payload contains "abc', '"abc', 'closing quote'],
  ['dcerpc.cn_bind_to_uuid == 99fcfec4', '99fcfec4', 'not a GUID'],
  ['frame.time > "yesterday"', '"yesterday"', 'not a time'],
  ['frame.time_epoch == 1e99999', '1e99999', 'not a time'],
  ['frame.time > 1e308', '1e308', 'not a time'],
  ['frame.time_epoch < -1e400', '-1e400', 'not a time'],
  ['frame.time_epoch in {0 .. 1e999}', '1e999', 'not a time'],
  ['max(frame.time_epoch, 1e400) == 1', '1e400', 'not a time'],
  ['dcerpc.opnum == 1e999', '1e999', 'not an integer'],
  ['dcom.vt.r8 == 1e999', '1e999', 'not a floating-point number'],
  ['dcom.vt.r8 + -1e999 == 0', '-1e999', 'not a floating-point number'],
  ['frame.time > "2023-02-30 00:00"', '"2023-02-30', 'not a time'],
  ['tcp.dstport in {}', '}', 'not expected'],
  ['tcp.dstport in {1..}', '}', 'not expected'],
  ['tcp.dstport in 135', '135', 'not expected'],
  ['count(tcp.dstport)', 'count(', 'compare'],
  ['nofunc(tcp.dstport) == 1', 'nofunc', 'no function'],
  ['lower(tcp.dstport) == "a"', 'tcp.dstport', 'takes a string'],
  ['"a" == "b"', '"a"', 'must be a field'],
  ['all tcp', 'all', 'before a comparison'],
  ['dcerpc.cn_bind_to_uuid & 3', 'dcerpc.cn_bind_to_uuid', 'cannot work on'],
  ['tcp.payload[] == 1', ']', 'A slice'],
  ['tcp.payload[4-2] == 1', '4-2', 'before its start'],
  ['tcp ; ip', ';', 'not expected'],
];

it('a protocol is present by its own node, not by fields of its name that others have', () => {
  const inside = frameOf(1, [[node(F.dcerpc, null, [node(F.src, Uint8Array.of(10, 0, 0, 1))])]]);
  const matching = ['ip', 'dcerpc', 'ip.src'].filter((name) => compileFilter(name, TABLE).matches(inside));
  expect(matching).toEqual(['dcerpc', 'ip.src']);
});

describe('mistakes', () => {
  it.each(MISTAKES)('%s', (text, at, reason) => {
    const e = errorOf(text);
    expect(e.reason).toContain(reason);
    expect(text.slice(e.position, e.position + Math.max(1, at.length))).toBe(at);
    const lines = e.message.split('\n');
    expect(lines[lines.length - 2].slice(lines[lines.length - 1].indexOf('^'))).toMatch(
      new RegExp(`^${at.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')}`),
    );
  });

  it('keeps the caret in its place in a long filter', () => {
    const text = `${'tcp.dstport == 135 or '.repeat(50)}tcp.dstport == 99999`;
    const lines = errorOf(text).message.split('\n');
    expect(lines[1].slice(lines[2].indexOf('^'))).toBe('99999');
    expect(lines[1].length).toBeLessThan(200);
  });
});

describe('attacks', () => {
  it('rejects deep nesting instead of overflowing', () => {
    expect(errorOf(`${'('.repeat(100_000)}tcp`).reason).toContain('Nested');
    expect(errorOf(`${'!'.repeat(100_000)}tcp`).reason).toContain('Nested');
  });

  it('takes long chains', () => {
    expect(
      matches(
        Array.from({ length: 20_000 }, () => 'tcp.dstport == 136')
          .join(' or ')
          .concat(' or tcp'),
      ),
    ).toBe(true);
  });

  it('survives any text', async () => {
    const fc = await import('fast-check');
    const words = [
      'tcp.dstport',
      'ip.src',
      '==',
      '(',
      ')',
      '{',
      '}',
      '..',
      '"a"',
      "'b'",
      '-',
      '&',
      '1',
      '0x',
      'in',
      'not',
      'any',
      '[',
      ':',
      'r"',
      '\\',
      ',',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 12 }),
        (parts) => {
          try {
            compileFilter(parts.join(' '), TABLE).matches(frame);
          } catch (e) {
            expect(e).toBeInstanceOf(FilterError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('memory', () => {
  it('does not grow with the fields that were met, only with their names', () => {
    const collector = new Collector();
    const entry = TABLE.get('tcp.dstport');
    if (entry !== undefined) collector.field(entry);
    for (let i = 0; i < 1000; i++)
      collector.collect(frameOf(i, [[node({ ...F.dstport }, i), node({ ...F.payload }, null)]]));
    expect((collector as unknown as { known: Map<unknown, unknown> }).known.size).toBe(2);
  });
});
