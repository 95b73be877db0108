/**
 * Time stamps of pcapng packets: a 64-bit count of units since 1970, the unit told by the interface
 * (if_tsresol, if_tsoffset: draft-ietf-opsawg-pcapng 4.2). Without bigint for the units in use.
 */
import type { Packet } from '../packet.js';

/** How to read an interface's time stamps. */
export interface Clock {
  /** Units a second. */
  readonly units: number;
  /** Nanoseconds a unit where that is a whole number, else 0. */
  readonly nsecPerUnit: number;
  /** Whether the arithmetic stays exact in a double. */
  readonly exact: boolean;
  readonly big: bigint;
  /** Seconds to add (if_tsoffset). */
  readonly offset: number;
}

/**
 * @param resolution if_tsresol: a negative power of ten, or of two with the upper bit set; 6 is the default
 * @param offset if_tsoffset in seconds
 */
export function makeClock(resolution: number, offset: number): Clock {
  const power = resolution & 0x7f;
  const units = resolution & 0x80 ? 2 ** power : 10 ** power;
  const decimal = (resolution & 0x80) === 0;
  return {
    units,
    nsecPerUnit: decimal && power <= 9 ? 10 ** (9 - power) : 0,
    exact: decimal ? power <= 9 : power <= 23,
    big: (decimal ? 10n : 2n) ** BigInt(power),
    offset,
  };
}

/** Sets `sec` and `nsec` from the upper and lower half of a time stamp. */
export function fillTime(packet: Packet, clock: Clock, high: number, low: number): void {
  if (!clock.exact) {
    const stamp = (BigInt(high) << 32n) | BigInt(low);
    packet.sec = Number(stamp / clock.big) + clock.offset;
    packet.nsec = Number(((stamp % clock.big) * 1_000_000_000n) / clock.big);
    return;
  }
  const { units } = clock;
  // Long division in three digits: the rest stays below units (2^30), times 2^16 below 2^46, exact in a double.
  let rest = high % units;
  let sec = Math.floor(high / units);
  const middle = rest * 65536 + (low >>> 16);
  sec = sec * 65536 + Math.floor(middle / units);
  rest = middle % units;
  const lowest = rest * 65536 + (low & 0xffff);
  sec = sec * 65536 + Math.floor(lowest / units);
  rest = lowest % units;
  packet.sec = sec + clock.offset;
  packet.nsec = clock.nsecPerUnit !== 0 ? rest * clock.nsecPerUnit : Math.floor((rest * 1e9) / units);
}
