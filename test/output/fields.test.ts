import { describe, expect, it } from 'vitest';
import { FieldsError, fieldList, fieldRows, parseFieldOptions } from '../../src/output/columns/fields.js';
import { bindFrame, F, node, TABLE } from '../filter/trees.js';
import { frameOf } from '../frame.js';

const row = (names: string[], ...options: string[]): string =>
  fieldRows(names, TABLE, parseFieldOptions(options)).row(bindFrame());

describe('-T fields', () => {
  it('prints values as tshark does', () => {
    expect(
      row([
        'frame.number',
        'frame.time_epoch',
        'ip.src',
        'dcerpc.cn_flags',
        'dcerpc.opnum',
        'dcom.oxid',
        'tcp.flags.syn',
      ]),
    ).toBe('4\t1694504294.756299000\t192.168.56.102\t0x03\t\t0xb5c018689dc8086e\t0');
  });

  it('joins several values of one frame', () => {
    expect(row(['tcp.port', 'dcom.dualstringarray.network_addr'])).toBe('49725,135\tDC1,192.168.56.101[49724]');
  });

  it.each([
    [['occurrence=f'], '49725\tDC1'],
    [['occurrence=l'], '135\t192.168.56.101[49724]'],
    [['separator=,', 'aggregator=/s', 'quote=d'], '"49725 135","DC1 192.168.56.101[49724]"'],
    [['separator=;', 'quote=s', 'occurrence=f'], "'49725';'DC1'"],
    [['separator=/s', 'quote=n', 'occurrence=f'], '49725 DC1'],
  ])('-E %j', (options, expected) => {
    expect(row(['tcp.port', 'dcom.dualstringarray.network_addr'], ...options)).toBe(expected);
  });

  it('quotes no empty columns', () => {
    expect(row(['frame.number', 'dcerpc.opnum'], 'quote=d', 'separator=,')).toBe('"4",');
  });

  it('prints a header and a byte order mark on request', () => {
    const names = ['frame.number', 'ip.addr'];
    const head = (...options: string[]): string => fieldRows(names, TABLE, parseFieldOptions(options)).head;
    expect(head()).toBe('');
    expect(head('header=y', 'separator=;')).toBe('frame.number;ip.addr\n');
    expect(head('header=y', 'bom=y')).toBe('\ufeffframe.number\tip.addr\n');
    expect(head('bom=y')).toBe('\ufeff');
  });

  it('keeps a row on one line and steers nothing, and keeps every other character', () => {
    const frame = frameOf(1, [[node(F.address, 'a\tb\nc"d\\e\u0001é\r\u001b[2J\u202e\u{e0041}')]]);
    const rows = fieldRows(['dcom.dualstringarray.network_addr'], TABLE, parseFieldOptions([]));
    expect(rows.row(frame)).toBe('a\\tb\\nc"d\\e\\u0001é\\r\\u001b[2J\\u202e\\udb40\\udc41');
  });

  it('prints a protocol with its line of the tree', () => {
    expect(row(['dcerpc'])).toBe('dcerpc');
  });

  it('says which fields it needs', () => {
    expect([...fieldRows(['ip.addr', 'dcerpc'], TABLE, parseFieldOptions([])).fieldNames].sort()).toEqual([
      'dcerpc',
      'ip.dst',
      'ip.src',
    ]);
  });

  it('names every unknown column, and what it may be', () => {
    const wrong = (): unknown => fieldRows(['no.such.field', 'ip.src', 'dcerpc.opnun'], TABLE, parseFieldOptions([]));
    expect(wrong).toThrow(FieldsError);
    expect(wrong).toThrow(/no\.such\.field\n.*dcerpc\.opnun \(is it dcerpc\.opnum/);
    expect(() => fieldRows([], TABLE, parseFieldOptions([]))).toThrow(FieldsError);
  });

  it.each(['foo=bar', 'header', 'header=x', 'quote=x', 'occurrence=', 'separator=', 'separator=ab', '=y'])(
    'rejects -E %s',
    (option) => {
      expect(() => parseFieldOptions([option])).toThrow(FieldsError);
    },
  );

  it('lists every field', () => {
    const list = fieldList(TABLE);
    expect(list).toContain('dcerpc.cn_flags\tuint8\tdcerpc.cn_flags');
    expect(list).toContain('ip.addr\tipv4\tip.addr (ip.src, ip.dst)');
    expect(list).toEqual([...list].sort());
  });
});
