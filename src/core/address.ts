/** Addresses as people write them. */

/** IPv4: four decimal numbers with dots (RFC 1123 2.1). Reads 4 bytes at `at`. */
export function ipv4Text(b: Uint8Array, at: number): string {
  return `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`;
}

/** IPv6 as RFC 5952 writes it: lower case, the longest run of zero groups (two or more) as `::`. Reads 16 bytes. */
export function ipv6Text(b: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((b[at + i] << 8) | b[at + i + 1]);
  // RFC 5952 5: addresses that carry an IPv4 address by a well-known prefix keep its dots.
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) return `::ffff:${ipv4Text(b, at + 12)}`;
  let best = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === 0) j++;
    if (j - i > length) {
      best = i;
      length = j - i;
    }
    i = Math.max(i, j - 1);
  }
  const hex = groups.map((g) => g.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + length).join(':')}`;
}

/** A host and a port: `10.0.0.1:135`, `[::1]:135`. */
export function endpointText(host: string, port: number | string): string {
  return host.includes(':') && !host.includes(' ') ? `[${host}]:${port}` : `${host}:${port}`;
}

const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4 = new RegExp(String.raw`^${BYTE}(?:\.${BYTE}){3}$`);
const IPV4_END = new RegExp(String.raw`:${BYTE}(?:\.${BYTE}){3}$`);

/** Whether text is an address: IPv4, or IPv6 (RFC 4291 2.2), also with a zone (RFC 4007 11). */
export function isAddress(text: string): boolean {
  if (!text.includes(':')) return IPV4.test(text);
  const halves = text
    .replace(/%[\w.:-]+$/, '')
    .replace(IPV4_END, ':0:0')
    .split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
}

/** The 4 or 16 bytes of an address in text. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.').map(Number));
  const mapped = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = mapped
    ? `${mapped[1]}${((Number(mapped[2]) << 8) | Number(mapped[3])).toString(16)}:${((Number(mapped[4]) << 8) | Number(mapped[5])).toString(16)}`
    : text;
  const [head, tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array(Math.max(0, zeros)).fill('0'), ...after].map((g) => Number.parseInt(g, 16));
  return Uint8Array.from({ length: 16 }, (_, i) => groups[i >> 1] >> (i % 2 === 0 ? 8 : 0));
}
