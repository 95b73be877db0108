/** MIT keytab files, version 2 (the page `keytab` of MIT Kerberos' file formats): keys of principals, big endian. */
import { utf8Text } from '#platform';

/** A key of a principal. */
export interface KeytabEntry {
  /** `service/host@REALM`. */
  readonly principal: string;
  /** RFC 3961 section 8 number. */
  readonly etype: number;
  /** Key version, null where unknown. */
  readonly kvno: number | null;
  readonly key: Uint8Array;
}

/** The entries, or a sentence saying what is wrong. */
export function parseKeytab(bytes: Uint8Array): KeytabEntry[] | string {
  if (bytes.length < 2 || bytes[0] !== 5) return 'it is not a keytab (the first byte of one is 05)';
  if (bytes[1] !== 2) return `it is a keytab of version ${bytes[1]}; version 2 is read`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: KeytabEntry[] = [];
  for (let at = 2; at + 4 <= bytes.length; ) {
    const size = view.getInt32(at);
    at += 4;
    // A negative size is a hole that a deleted entry left; zero ends a file that was made larger ahead.
    if (size === 0) break;
    const end = at + Math.abs(size);
    if (end > bytes.length)
      return `the entry at byte ${at - 4} claims ${size} bytes where ${bytes.length - at} are left`;
    if (size > 0) {
      const entry = parseEntry(view, at, end);
      if (entry === null) return `the entry at byte ${at - 4} is damaged`;
      entries.push(entry);
    }
    at = end;
  }
  return entries;
}

function parseEntry(view: DataView, start: number, end: number): KeytabEntry | null {
  let at = start;
  let damaged = false;
  const number = (length: 1 | 2 | 4): number => {
    if (at + length > end) {
      damaged = true;
      return 0;
    }
    const value = length === 1 ? view.getUint8(at) : length === 2 ? view.getUint16(at) : view.getUint32(at);
    at += length;
    return value;
  };
  const data = (): Uint8Array => {
    const length = number(2);
    if (at + length > end) damaged = true;
    if (damaged) return new Uint8Array(0);
    const value = new Uint8Array(view.buffer, view.byteOffset + at, length);
    at += length;
    return value;
  };
  const text = () => {
    const bytes = data();
    return utf8Text(bytes, 0, bytes.length);
  };

  const count = number(2);
  const realm = text();
  const components: string[] = [];
  for (let i = 0; i < count && !damaged; i++) components.push(text());
  number(4); // name type
  number(4); // when it was made
  let kvno = number(1);
  const etype = number(2);
  const key = data().slice();
  // Versions above 255 do not fit the byte: a 32-bit one follows, unless it is zero.
  if (!damaged && end - at >= 4) kvno = number(4) || kvno;
  return damaged ? null : { principal: `${components.join('/')}@${realm}`, etype, kvno, key };
}
