/** Headers in front of a packet's content: so many are looked behind, and more are said. */
import { describe, expect, it } from 'vitest';
import { dissectFrame } from '../../dissectors/index.js';
import { Recording } from '../../src/core/recording.js';
import { concat, ethernet, ipv4, ipv6, udp } from '../bytes.js';

const LOOPBACK = new Uint8Array(16);

function layers(bytes: Uint8Array): { names: string[]; notes: string[] } {
  const recording = new Recording(true);
  dissectFrame({ number: 1, sec: 0, nsec: 0, link: 1, bytes, length: bytes.length }, recording);
  return { names: recording.roots.map((n) => n.field.name), notes: recording.notes.map((n) => n.code) };
}

describe('headers in front of a payload', () => {
  const packet = ipv4('10.0.0.1', '10.0.0.2', 17, udp(1, 2, new Uint8Array(8)));
  it.each([
    [16, true],
    [17, false],
    [16_000, false],
  ])('%d VLAN tags', (n, isRead) => {
    const { names, notes } = layers(ethernet(packet, 0x0800, Array<number>(n).fill(0x8100)));
    expect(names.includes('udp')).toBe(isRead);
    expect(names.length).toBeLessThan(25);
    expect(notes).toEqual(isRead ? [] : ['too-many-tags']);
  });

  it.each([
    [15, true],
    [1000, false],
  ])('%d IPv6 extension headers', (n, isRead) => {
    const options = Array.from({ length: n }, (_, i) => [i === n - 1 ? 17 : 60, 0, 1, 4, 0, 0, 0, 0]);
    const inner = concat(...options, udp(1, 2, new Uint8Array(8)));
    const { names, notes } = layers(ethernet(ipv6(LOOPBACK, LOOPBACK, 60, inner), 0x86dd));
    expect(names.includes('udp')).toBe(isRead);
    expect(notes).toEqual(isRead ? [] : ['too-many-extensions']);
  });
});
