/** Times as protocols write them, in nanoseconds since 1970: what a node of type `time` holds. */

/** 100 ns between 1601 and 1970. */
const FILETIME_EPOCH = 116444736000000000n;
/** What Windows writes for a time that never comes. */
const NEVER = 0x7fffffffffffffffn;

/** The 8 bytes of a FILETIME (MS-DTYP 2.3.3), little endian. Zero, which stands for no time at all, stays zero. */
export function fileTime(b: Uint8Array): bigint {
  const ticks = new DataView(b.buffer, b.byteOffset, 8).getBigUint64(0, true);
  return ticks === 0n ? 0n : (ticks - FILETIME_EPOCH) * 100n;
}

/** What people read instead of a FILETIME that is none; empty for the others. */
export function fileTimeText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return 'no time specified';
  return nanoseconds === (NEVER - FILETIME_EPOCH) * 100n ? 'never' : '';
}

/**
 * A GeneralizedTime of DER (X.690 11.7), `20230912073814Z` or with a fraction. Null where the text is no such time,
 * or one that does not exist.
 */
export function generalizedTime(text: string): bigint | null {
  const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (m === null) return null;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number);
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries what does not exist (month 13, second 61) into the next unit, and takes year 50 for 1950
  const plain = new Date(ms).toISOString().replace(/\.\d+Z$|[-T:]/g, '');
  return plain === m.slice(1, 7).join('') ? BigInt(ms) * 1_000_000n + BigInt((m[7] ?? '').padEnd(9, '0')) : null;
}
