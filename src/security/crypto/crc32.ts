/** CRC-32 of IEEE 802.3, as NTLM without extended session security signs with it (MS-NLMP 3.4.4.1). */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

export function crc32(b: Uint8Array): number {
  let c = -1;
  for (let i = 0; i < b.length; i++) c = (c >>> 8) ^ TABLE[(c ^ b[i]) & 255];
  return ~c >>> 0;
}
