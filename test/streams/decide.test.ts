/** Whose a stream is: told by its first bytes, in as many segments as they come, each connection by its own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DCERPC_STREAM } from '../../dissectors/dcerpc/pdu.js';
import { NRTP_STREAM } from '../../dissectors/remoting/frame.js';
import { ACK, concat, dcerpcPdu, ipv4, SYN, tcp } from '../bytes.js';
import { nrtp } from '../remoting/messages.js';
import { run } from './support.js';
import { hexOf, hexOfAll, nine, ninePdu, toyPdu, toyProtocol } from './toy.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const up = (at: number, bytes?: Uint8Array, flags = ACK, port = 50_000) =>
  ipv4(A, B, 6, tcp(port, 900, 1001 + at, bytes, flags));
const down = (at: number, bytes?: Uint8Array, flags = ACK, port = 50_000) =>
  ipv4(B, A, 6, tcp(900, port, 5001 + at, bytes, flags));
const hello = (port = 50_000) => [
  up(-1, undefined, SYN, port),
  ipv4(B, A, 6, tcp(900, port, 5000, undefined, SYN | ACK, 1001)),
];
type Way = typeof up;
const bytewise = (bytes: Uint8Array, way: Way = up, port = 50_000): Uint8Array[] =>
  [...bytes.keys()].map((i) => way(i, bytes.slice(i, i + 1), ACK, port));
const toys = { link: 101, protocols: [nine, toyProtocol()] };
const real = { link: 101, protocols: [DCERPC_STREAM, NRTP_STREAM] };

describe('first bytes one by one', () => {
  const messages = {
    dcerpc: dcerpcPdu(60, { seed: 1 }),
    nrtp: nrtp({ uri: 'a', content: new Uint8Array(40).fill(1) }),
  };

  it.each(Object.entries(messages))('%s, sent by the client', (name, bytes) => {
    const { pdus, notes } = run([...hello(), ...bytewise(concat(bytes, bytes))], real);
    expect(hexOfAll(pdus)).toEqual([hexOf(bytes), hexOf(bytes)]);
    expect(pdus[0].connection.protocol).toBe(name);
    expect(pdus[0].connection.midstream).toBe(false);
    expect(notes).toEqual([]);
  });

  it.each(Object.entries(messages))('%s, in both directions, a byte in turns', (name, bytes) => {
    const [a, b] = [bytewise(bytes), bytewise(bytes, down)];
    const { pdus, notes } = run([...hello(), ...a.flatMap((packet, i) => [packet, b[i]])], real);
    expect(hexOfAll(pdus)).toEqual([hexOf(bytes), hexOf(bytes)]);
    expect(new Set(pdus.map((p) => p.direction)).size).toBe(2);
    expect(new Set(pdus.map((p) => p.connection)).size).toBe(1);
    expect(pdus[0].connection.protocol).toBe(name);
    expect(notes).toEqual([]);
  });

  it('of neither: nothing comes, and nothing is said', () => {
    for (const start of ['.NET', '.NET\x01\0\x03\0\0\0', '.NEX', '.', '\x05', '\x05\0', '\x05\0\0\x03\x10\0\0\0']) {
      const bytes = concat(Buffer.from(start, 'latin1'), new Uint8Array(60).fill(0x41));
      // what follows is not looked at any more
      const packets = [...hello(), ...bytewise(bytes), up(bytes.length, messages.dcerpc)];
      const { pdus, notes, closed } = run(packets, real);
      expect([pdus, notes, closed], start).toEqual([[], [], []]);
    }
  });

  it('too few to tell, and no more', () => {
    for (const bytes of [messages.nrtp.slice(0, 9), messages.dcerpc.slice(0, 3)]) {
      const { pdus, notes } = run([...hello(), up(0, bytes)], real);
      expect([pdus, notes]).toEqual([[], []]);
    }
  });
});

describe('two protocols', () => {
  it('each connection is of its own, however they are mixed and cut', () => {
    const list = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(list, list, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (as, bs, sizes) => {
        const toyPdus = as.map((n) => toyPdu('untilZero', n));
        const nines = bs.map(ninePdu);
        const packets = [...hello(1), ...hello(2)];
        const cutUp = (all: Uint8Array, port: number) => {
          const out: Uint8Array[] = [];
          for (let at = 0, i = port; at < all.length; at += sizes[i % sizes.length], i++)
            out.push(up(at, all.slice(at, at + sizes[i % sizes.length]), ACK, port));
          return out;
        };
        const [x, y] = [cutUp(concat(...toyPdus), 1), cutUp(concat(...nines), 2)];
        for (let i = 0; i < Math.max(x.length, y.length); i++) packets.push(...x.slice(i, i + 1), ...y.slice(i, i + 1));
        const { pdus, notes } = run(packets, toys);
        const of = (protocol: string) => hexOfAll(pdus.filter((p) => p.connection.protocol === protocol));
        expect(of('toy')).toEqual(toyPdus.map(hexOf));
        expect(of('nine')).toEqual(nines.map(hexOf));
        expect(new Set(pdus.map((p) => `${p.connection.protocol} ${p.connection.transport}`))).toEqual(
          new Set(['toy ncacn_ip_tcp', 'nine nns']),
        );
        expect(notes).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('a PDU shorter than what it takes to tell whose it is: it comes out, and those behind it', () => {
    const all = [toyPdu('known', 0), toyPdu('known', 1), toyPdu('known', 0), toyPdu('known', 20)];
    for (const size of [1, 2, 3, 5, 9, 40]) {
      const bytes = concat(...all);
      const packets = hello();
      for (let at = 0; at < bytes.length; at += size) packets.push(up(at, bytes.slice(at, at + size)));
      expect(hexOfAll(run(packets, toys).pdus), `segments of ${size}`).toEqual(all.map(hexOf));
    }
  });

  it('what waits in one direction is looked at once the other tells whose they are', () => {
    const [first, second, answer] = [toyPdu('known', 0), toyPdu('known', 30), toyPdu('known', 9)];
    const asked = concat(first, second);
    const packets = [...hello(), up(0, asked.slice(0, 2)), up(2, asked.slice(2, 6)), down(0, answer)];
    const { pdus, notes } = run([...packets, up(6, asked.slice(6))], toys);
    expect(hexOfAll(pdus)).toEqual([first, answer, second].map(hexOf));
    expect(notes).toEqual([]);
  });

  it('a stream that is one is not the other any more', () => {
    const { pdus } = run([...hello(), up(0, concat(toyPdu('known', 3), ninePdu(1), ninePdu(2)))], toys);
    expect(pdus.map((p) => p.connection.protocol)).toEqual(['toy']);
  });

  it('in the order in which they are listed', () => {
    const twice = [toyProtocol(60_000, 'first'), toyProtocol(60_000, 'second')];
    const { pdus } = run([...hello(), up(0, toyPdu('known', 3))], { link: 101, protocols: twice });
    expect(pdus[0].connection.protocol).toBe('first');
  });

  it('without a beginning: by the first segment that opens one', () => {
    const packets = [up(500, toyPdu('known', 3).slice(2)), up(505, toyPdu('known', 8)), down(9, ninePdu(1))];
    const { pdus } = run(packets, toys);
    expect(hexOfAll(pdus)).toEqual([hexOf(toyPdu('known', 8))]);
    expect(pdus[0].connection.midstream).toBe(true);
    expect(pdus[0].afterGap).toBe(true);
  });
});
