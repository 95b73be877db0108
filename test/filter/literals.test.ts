import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { field } from '../../src/core/node.js';
import { formatValue, ipv6Column } from '../../src/filter/format.js';
import { parseBytes, parseInteger, parseIpv4, parseIpv6, parseSeconds, parseTime } from '../../src/filter/literals.js';

describe('literals', () => {
  it.each([
    ['10', 10],
    ['-10', -10],
    ['0x1F', 31],
    ['0b101', 5],
    ['0o17', 15],
    ['017', 15],
    ['0', 0],
    ['08', null],
    ['1_0', null],
    ['0x', null],
    ['', null],
    ['18446744073709551615', 18446744073709551615n],
  ])('integer %s', (text, value) => expect(parseInteger(text)).toBe(value));

  it.each(['1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4/33', '1.2.3.4/', ' 1.2.3.4'])('no IPv4 address: %s', (text) => {
    expect(parseIpv4(text)).toBeNull();
  });

  it.each([
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['fe80::ffff:10.0.0.1', (0xfe80n << 112n) | 0xffff0a000001n],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
  ])('IPv6 %s', (text, value) => {
    expect(parseIpv6(text)).toEqual({ value, bits: 128 });
    expect(parseIpv6(ipv6Column(value))?.value).toBe(value);
  });

  it.each([
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::1/129',
    '1.2.3.4::',
    '1:2:3:4:5:6:7::8',
  ])('no IPv6 address: %s', (text) => {
    expect(parseIpv6(text)).toBeNull();
  });

  it.each([
    ['::', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ])('RFC 5952: %s', (text, shown) => expect(ipv6Column(parseIpv6(text)!.value)).toBe(shown));

  it.each([
    ['05:00:0b', '05000b'],
    ['05-00-0b', '05000b'],
    ['0500.0b03', '05000b03'],
    ['05.00.0b', '05000b'],
    ['05000b', '05000b'],
    ['0x05', '05'],
    ['8', '08'],
  ])('bytes %s', (text, hex) => expect(Buffer.from(parseBytes(text)!).toString('hex')).toBe(hex));

  it.each(['', '0', 'zz', '050', '05:0b-00', '05:'].filter((t) => t !== '0'))('no bytes: %j', (text) => {
    expect(parseBytes(text)).toBeNull();
  });

  it.each([
    ['2023-09-12 07:38:14.756299', 1_694_504_294_756_299_000n],
    ['2023-09-12T07:38:14.756299Z', 1_694_504_294_756_299_000n],
    ['2023-09-12T09:38:14.756299+02:00', 1_694_504_294_756_299_000n],
    ['Sep 12, 2023 07:38:14.756299000 UTC', 1_694_504_294_756_299_000n],
    ['1970-01-01', 0n],
    ['1969-12-31 23:59:59.5', -500_000_000n],
    ['2023-13-01', null],
    ['2023-02-29', null],
    ['2023-01-01 24:00', null],
    ['07:38', null],
  ])('time %s', (text, value) => expect(parseTime(text)).toBe(value));

  it('a time without a zone is local time, and printed so', () => {
    try {
      process.env.TZ = 'Europe/Berlin';
      expect(parseTime('2026-11-21 03:27:12.4')).toBe(parseTime('2026-11-21 02:27:12.4Z'));
      expect(parseTime('Jul  1, 2026 04:00:00')).toBe(parseTime('2026-07-01 02:00:00Z'));
      const shown = (text: string) => formatValue(field('frame.time', '', 'time'), parseTime(text)!);
      expect(shown('2026-11-21 02:27:12.4Z')).toBe('Nov 21, 2026 03:27:12.400000000 CET');
      expect(shown('2026-07-01 22:30:00Z')).toBe('Jul  2, 2026 00:30:00.000000000 CEST');
      // as Wireshark prints this one, wherever it runs
      expect(formatValue(field('ntlmssp.ntlmv2_response.time', '', 'time'), 0)).toBe(
        'Jan  1, 1970 00:00:00.000000000 UTC',
      );
      process.env.TZ = 'Asia/Tokyo';
      // no English has a name for it: the time zone database does
      if (existsSync('/usr/share/zoneinfo/Asia/Tokyo'))
        expect(shown('1950-08-01 00:00Z')).toBe('Aug  1, 1950 10:00:00.000000000 JDT');
      process.env.TZ = 'CET-1CEST,M3.5.0,M10.5.0/3';
      expect(parseTime('2026-11-21 03:27:12.4')).toBe(parseTime('2026-11-21 02:27:12.4Z'));
      expect(shown('2026-07-01 22:30:00Z')).toBe('Jul  2, 2026 00:30:00.000000000 CEST');
      // clocks show it twice, and never
      expect(parseTime('2026-10-25 02:30')).toBe(parseTime('2026-10-25 00:30Z'));
      expect(parseTime('2026-03-29 02:30')).toBe(parseTime('2026-03-29 01:30Z'));
      process.env.TZ = '<+0330>-3:30';
      expect(shown('2026-11-21 02:27:12.4Z')).toBe('Nov 21, 2026 05:57:12.400000000 +0330');
      process.env.TZ = '';
      expect(shown('1970-01-01')).toBe('Jan  1, 1970 00:00:00.000000000 UTC');
    } finally {
      process.env.TZ = 'UTC';
    }
  });

  it.each([
    ['1.5', 1_500_000_000n],
    ['-0.000000001', -1n],
    ['.5', 500_000_000n],
    ['1e-3', 1_000_000n],
    ['x', null],
    ['.', null],
  ])('seconds %s', (text, value) => expect(parseSeconds(text)).toBe(value));
});

describe('values as tshark prints them', () => {
  it.each([
    [field('a.b', '', 'uint8', { hex: true }), 3, '0x03'],
    [field('a.b', '', 'uint16', { hex: true }), 24, '0x0018'],
    [field('a.b', '', 'uint32', { hex: true }), 0x80004002, '0x80004002'],
    [field('a.b', '', 'int32', { hex: true }), -1, '0xffffffff'],
    [field('a.b', '', 'uint64', { hex: true }), 0x86en, '0x000000000000086e'],
    [field('a.b', '', 'bool'), true, '1'],
    [field('a.b', '', 'bool'), 0, '0'],
    [field('a.b', '', 'bytes'), Uint8Array.of(16, 0, 0, 0), '10000000'],
    [field('eth.src', '', 'bytes'), Uint8Array.of(8, 0, 0x27, 1, 2, 3), '08:00:27:01:02:03'],
    [field('a.b', '', 'ipv4'), Uint8Array.of(10, 0, 0, 255), '10.0.0.255'],
    [field('a.b', '', 'ipv4'), '10.0.0.255', '10.0.0.255'],
    [field('frame.time', '', 'time'), 1_694_504_294_756_299_000n, 'Sep 12, 2023 07:38:14.756299000 UTC'],
    [field('dcerpc.dg_server_boot', '', 'time'), 0, 'Jan  1, 1970 00:00:00.000000000 UTC'],
    [field('frame.time_epoch', '', 'time'), 1_694_504_294_756_299_000n, '1694504294.756299000'],
    [field('dcerpc.time', '', 'time'), 147_187_000n, '0.147187000'],
    [field('a.b', '', 'double'), 0.1, '0.1'],
    [field('a.b', '', 'double'), 1e20, '1e+20'],
    [field('a.b', '', 'float'), Math.fround(0.1), '0.1'],
    [field('a.b', '', 'double'), 1 / 3, '0.333333333333333'],
    [field('a.b', '', 'double'), -0, '-0'],
    [field('a.b', '', 'double'), Number.NaN, 'nan'],
  ])('%j', (f, value, text) => expect(formatValue(f, value)).toBe(text));
});
