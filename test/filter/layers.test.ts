import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dissectFrame,
  type FrameContext,
  type FramePacket,
  LAYER_ALIASES,
  LAYER_FIELDS,
} from '../../dissectors/link/frame.js';
import type { Frame } from '../../src/core/frame.js';
import { field, type Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { compileFilter, FieldTable } from '../../src/filter/index.js';
import { defaultFieldOptions, fieldRows } from '../../src/output/columns/fields.js';
import { frameOf } from '../frame.js';

const REAL = path.resolve('../shared/captures/real');
const here = fs.existsSync(REAL);
const table = new FieldTable(LAYER_FIELDS, LAYER_ALIASES);

/** Packets of a classic little-endian capture with microseconds. */
function packetsOf(file: string): FramePacket[] {
  const b = fs.readFileSync(path.join(REAL, file));
  const found: FramePacket[] = [];
  for (let at = 24; at + 16 <= b.length; ) {
    const captured = b.readUInt32LE(at + 8);
    found.push({
      number: found.length + 1,
      sec: b.readUInt32LE(at),
      nsec: b.readUInt32LE(at + 4) * 1000,
      link: b.readUInt32LE(20),
      length: b.readUInt32LE(at + 12),
      bytes: b.subarray(at + 16, at + 16 + captured),
    });
    at += 16 + captured;
  }
  return found;
}

function viewOf(packet: FramePacket, context: FrameContext = {}): Frame<never> & { recording: Recording } {
  const recording = new Recording(true);
  dissectFrame(packet, recording, context);
  recording.finish();
  return { ...frameOf(packet.number, [recording.roots]), recording };
}

function packet(hex: string, link = 1, length?: number): FramePacket {
  const bytes = Buffer.from(hex.replace(/\s/g, ''), 'hex');
  return { number: 1, sec: 1, nsec: 5, link, bytes, length: length ?? bytes.length };
}

const columns = (p: FramePacket, names: string[], context: FrameContext = {}): string[] =>
  fieldRows(names, table, defaultFieldOptions()).row(viewOf(p, context)).split('\t');

const MAC = '000102030405 060708090a0b';
const IP4 = '4500 0033 0001 4000 4006 0000 0a000001 0a000002';
const TCP = '9c40 0087 00000005 00000009 5018 03e8 0000 0000';
const PDU = '0500000b10000000300000';

describe.skipIf(!here)('layers of real captures, against what tshark printed (../shared)', () => {
  const columnsOf = [
    'frame.number',
    'frame.time_epoch',
    'ip.src',
    'ip.dst',
    'tcp.srcport',
    'tcp.dstport',
    'udp.srcport',
  ];
  const files = here ? fs.readdirSync(REAL).filter((f) => f.endsWith('.pcap')) : [];

  it.each(files)('%s', (file) => {
    const rows = fieldRows(columnsOf, table, defaultFieldOptions());
    const packets = packetsOf(file);
    const truth = fs
      .readFileSync(path.join(REAL, file.replace('.pcap', '.rpc.tsv')), 'utf8')
      .trimEnd()
      .split('\n');
    for (const line of truth) {
      const want = line.split('\t').slice(0, columnsOf.length);
      expect(rows.row(viewOf(packets[Number(want[0]) - 1])).split('\t')).toEqual(want);
    }
  });
});

interface Case {
  capture: string;
  filter: string;
  frames: number[];
}

describe.skipIf(!here)('the filters of ../shared', () => {
  const cases: Case[] = here ? JSON.parse(fs.readFileSync(path.join(REAL, 'filters.json'), 'utf8')) : [];
  const ours = cases.filter((c) => !/dcerpc|dcom/.test(c.filter));
  // types as tshark -G fields has them
  const rpc = new FieldTable(
    [
      ...LAYER_FIELDS,
      ...['ver', 'pkt_type', 'cn_flags', 'auth_level', 'auth_type'].map((n) => field(`dcerpc.${n}`, n, 'uint8')),
      ...['opnum', 'cn_frag_len', 'cn_auth_len', 'cn_ack_result'].map((n) => field(`dcerpc.${n}`, n, 'uint16')),
      ...['cn_call_id', 'dg_seqnum'].map((n) => field(`dcerpc.${n}`, n, 'uint32')),
      ...['obj_id', 'cn_bind_to_uuid'].map((n) => field(`dcerpc.${n}`, n, 'guid')),
      field('dcom.iid', 'IID', 'guid'),
      field('dcom.hresult', 'HResult', 'uint32'),
      field('dcom.dualstringarray.network_addr', 'NetworkAddr', 'string'),
    ],
    LAYER_ALIASES,
  );

  it('compile, all of them', () => {
    expect(cases.length).toBeGreaterThan(90);
    for (const { filter } of cases) compileFilter(`dcerpc and not tcp.port in {139, 445} and (${filter})`, rpc);
  });

  it.each(ours)('$capture: $filter', ({ capture, filter, frames }) => {
    const rpcFrames = new Set(
      fs
        .readFileSync(path.join(REAL, capture.replace('.pcap', '.rpc.tsv')), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => Number(line.split('\t')[0])),
    );
    const compiled = compileFilter(`not tcp.port in {139, 445} and (${filter})`, table);
    const found = packetsOf(capture).filter((p) => rpcFrames.has(p.number) && compiled.matches(viewOf(p)));
    expect(found.map((p) => p.number)).toEqual(frames);
  });
});

describe('link layers', () => {
  const ports = ['ip.src', 'tcp.port'];
  const rest = `${IP4} ${TCP} ${PDU}`;

  it.each([
    ['Ethernet', 1, `${MAC} 0800 ${rest}`],
    ['802.1Q in 802.1ad', 1, `${MAC} 88a8 b064 8100 3001 0800 ${rest}`],
    ['802.2 SNAP', 1, `${MAC} 003b aaaa03 000000 0800 ${rest}`],
    ['null, little endian', 0, `02000000 ${rest}`],
    ['null, big endian', 0, `00000002 ${rest}`],
    ['loop', 108, `00000002 ${rest}`],
    ['raw', 101, rest],
    ['Linux cooked', 113, `0004 0001 0006 0001020304050000 0800 ${rest}`],
    ['Linux cooked 2', 276, `0800 0000 00000003 0001 00 06 0001020304050000 ${rest}`],
  ])('%s', (_, link, hex) => {
    expect(columns(packet(hex, link), ports)).toEqual(['10.0.0.1', '40000,135']);
  });

  it('tells tags apart', () => {
    const tagged = packet(`${MAC} 88a8 b064 8100 3001 0800 ${rest}`);
    expect(columns(tagged, ['ieee8021ad.id', 'ieee8021ad.priority', 'ieee8021ad.dei', 'ieee8021ah.etype'])).toEqual([
      '100',
      '5',
      '1',
      '0x8100',
    ]);
    expect(columns(tagged, ['vlan.id', 'vlan.priority', 'vlan.dei', 'vlan.etype'])).toEqual(['1', '1', '1', '0x0800']);
  });

  it('tells padding from a trailer', () => {
    const short = `${MAC} 0800 4500 0028 ${IP4.slice(10)} ${TCP}`;
    expect(columns(packet(`${short} 000000000000`), ['eth.padding', 'eth.trailer', 'tcp.len'])).toEqual([
      '000000000000',
      '',
      '0',
    ]);
    expect(columns(packet(`${short} 0102`), ['eth.padding', 'eth.trailer', 'tcp.payload'])).toEqual(['', '0102', '']);
  });
});

describe('IPv6', () => {
  const head = (next: string, length: string): string =>
    `${MAC} 86dd 6ab12345 ${length} ${next} 40 20010db8000000000000000000000001 fe800000000000000000ffff0a000001`;
  const udp = '1388 1770 000d 1234 68656c6c6f';

  it('finds the transport behind extension headers', () => {
    const p = packet(`${head('00', '001d')} 3c00010400000000 1100000000000000 ${udp}`);
    expect(columns(p, ['ipv6.flow', 'ipv6.tclass', 'ipv6.addr', 'udp.port', 'udp.payload'])).toEqual([
      '0x012345',
      '0x000000ab',
      '2001:db8::1,fe80::ffff:a00:1',
      '5000,6000',
      '68656c6c6f',
    ]);
  });

  it('shows a datagram in the fragment that completes it', () => {
    const p = packet(`${head('2c', '000d')} 1100 0010 00000007 68656c6c6f`);
    expect(columns(p, ['udp.port'])).toEqual(['']);
    const bytes = Buffer.from(udp.replace(/\s/g, ''), 'hex');
    const wholes = [{ bytes, length: bytes.length, layer: 'udp' }] as const;
    expect(columns(p, ['udp.port', 'udp.payload', 'ipv6.fraghdr.offset'], { wholes })).toEqual([
      '5000,6000',
      '68656c6c6f',
      '2',
    ]);
  });
});

describe('TCP', () => {
  const p = packet(`${MAC} 0800 ${IP4} ${TCP} ${PDU}`);

  it('prints numbers relative to what is known of the stream', () => {
    const names = ['tcp.seq', 'tcp.ack', 'tcp.nxtseq', 'tcp.seq_raw', 'tcp.stream', 'tcp.window_size'];
    expect(columns(p, names)).toEqual(['5', '9', '16', '5', '', '1000']);
    const context = { stream: 7, sequenceBase: 4, ackBase: 0xffffffff, windowShift: 8 };
    expect(columns(p, names, { conversations: [context] })).toEqual(['1', '10', '12', '5', '7', '256000']);
  });

  it('names the flags', () => {
    const names = ['tcp.flags', 'tcp.flags.push', 'tcp.flags.syn', 'tcp.flags.str', 'tcp.len'];
    expect(columns(p, names)).toEqual(['0x0018', '1', '0', '·······AP···', '11']);
  });

  it('finds bytes of the whole frame', () => {
    expect(
      compileFilter('frame[0:2] == 00:01 && frame contains 0b:10 && tcp[0:2] == 9c:40', table).matches(viewOf(p)),
    ).toBe(true);
  });
});

/** Bytes of the frame that are in no leaf or in several. */
function badBytes(recording: Recording, length: number): number {
  const covered = new Uint8Array(length);
  const todo: Node[] = [...recording.roots];
  for (let n = todo.pop(); n !== undefined; n = todo.pop()) {
    todo.push(...n.children);
    if (n.children.length === 0 && n.source === recording.sources[0])
      for (let i = n.start; i < n.end; i++) covered[i]++;
  }
  return covered.filter((n) => n !== 1).length;
}

describe('attacks', () => {
  it('never throws, and every byte stays in one leaf', () => {
    const base = Buffer.from(`${MAC}0800${IP4}${TCP}${PDU}`.replace(/\s/g, ''), 'hex');
    const link = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 999);
    const changes = fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(link, changes, fc.nat(base.length), fc.nat(100), fc.boolean(), (l, edits, cut, more, isRandom) => {
        const bytes = Uint8Array.from(base.subarray(isRandom ? 14 : 0, cut));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        const view = viewOf({ number: 1, sec: 0, nsec: 0, link: l, bytes, length: bytes.length + more });
        expect(badBytes(view.recording, bytes.length)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});
