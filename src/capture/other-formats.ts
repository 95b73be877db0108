/** Files that are taken for captures: what they are, and what makes a capture of them. */
import { latin1Text } from '#platform';

/** What unpacks bytes that begin so. */
const PACKED: readonly (readonly [magic: string, name: string, unpack: string])[] = [
  ['BZh', 'bzip2', 'bzip2 -dc'],
  ['\xfd7zXZ\0', 'xz', 'xz -dc'],
  ['\x1f\x9d', 'compress', 'uncompress -c'],
];

/** Archives, by how they begin. */
const ARCHIVES = ['PK\x03\x04', '7z\xbc\xaf\x27\x1c', 'Rar!\x1a\x07'];

/** Captures of other programs, all of which Wireshark reads, by how they begin. */
const CONVERTIBLE: readonly (readonly [magic: string, name: string])[] = [
  ['TRSNIFF data', 'Sniffer'],
  ['XCP\0', 'NetXray or Sniffer for Windows'],
  ['VL\0\0', 'NetXray'],
  ['RTSS', 'NetXray'],
  ['\x01\x10\x4c\0', 'LANalyzer'],
  ['TR\0\x64', 'nettl of HP-UX'],
  ['\xaa\xaa\xaa\xaa', 'Accellent 5Views'],
  ['\x05VNF', 'Visual Networks'],
  ['ObserverPktBuffer', 'Observer'],
  ['iptrace ', 'iptrace of AIX'],
  ['\x7fver', 'OmniPeek'],
  ['+---------+', 'K12 of Tektronix, as text'],
];

/** What a file that begins so is instead of a capture, as `it is …` goes on; null where that is not known. */
export function otherFormat(b: Uint8Array): string | null {
  const text = latin1Text(b, 0, b.length);
  for (const [magic, name, unpack] of PACKED)
    if (text.startsWith(magic)) return `compressed with ${name}: ${unpack} FILE | clrscope - reads it`;
  if (ARCHIVES.some((magic) => text.startsWith(magic))) return 'an archive: unpack it first';
  for (const [magic, name] of CONVERTIBLE)
    if (text.startsWith(magic)) return `a capture of ${name}: editcap IN OUT.pcapng makes one of it that is read here`;
  if (/^0{3,8}:? +[\da-f]{2}/i.test(text)) return 'a hex dump: make a capture of it with text2pcap IN OUT.pcapng';
  if (text.startsWith('ElfFile\0') && b.length >= 16) return 'an event log of Windows (EVTX), which holds no packets';
  if (isEventTrace(b)) return 'an event trace of Windows (ETL): make a capture of it with etl2pcapng IN.etl OUT.pcapng';
  // the header record of MS-NRBF 2.6.1: a trace may look so too
  const isNrbf = text.startsWith('\0') && text.startsWith('\x01\0\0\0\0\0\0\0', 9);
  return isNrbf ? 'an NRBF stream: clrscope nrbf FILE reads it' : null;
}

/** A buffer of a trace: its size, how much of it is filled, and twice the same. */
function isEventTrace(b: Uint8Array): boolean {
  if (b.length < 16) return false;
  const dword = (at: number): number => (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
  const [size, saved, current] = [dword(0), dword(4), dword(8)];
  return size >= 1024 && size <= 1 << 24 && size % 1024 === 0 && saved >= 72 && saved <= size && current <= size;
}
