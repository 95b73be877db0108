/** Protocols made up for tests: PDUs whose length is told at once, later, never, or turns out to be none. */
import type { TransportPdu } from '../../src/core/context.js';
import { type Measuring, NOT_YET, type StreamProtocol, TO_THE_END } from '../../src/core/dissector.js';
import { concat } from '../bytes.js';

const MAGIC = 0xab;
/** How a toy says its length; `passed` and `passedLate` are of those that nobody wants. */
export const Kind = { known: 1, untilZero: 2, toTheEnd: 3, chunked: 4, passed: 5, passedLate: 6 } as const;
export type ToyKind = keyof typeof Kind;
export const HEADER = 4;
/** A chunk of this size there is not. */
export const BAD_CHUNK = 0xff;

function untilZero(b: Uint8Array, at: number, end: number, measuring: Measuring): number {
  for (let i = Math.max(measuring.at, HEADER); at + i < end; i++) if (b[at + i] === 0) return i + 1;
  measuring.at = end - at;
  return NOT_YET;
}

function chunked(b: Uint8Array, at: number, end: number, measuring: Measuring): number {
  measuring.at = Math.max(measuring.at, HEADER);
  while (at + measuring.at < end) {
    const size = b[at + measuring.at];
    if (size === BAD_CHUNK) return 0;
    measuring.at += 1 + size;
    if (size === 0) return measuring.at;
  }
  return NOT_YET;
}

/** Header: a magic byte, the kind, and the length where it is told, high byte first. */
export function toyProtocol(maxLength = 60_000, name = 'toy', magic = MAGIC): StreamProtocol {
  const claims = (b: Uint8Array, at: number): boolean => b[at] === magic && b[at + 1] >= 1 && b[at + 1] <= 6;
  return {
    name,
    transport: 'ncacn_ip_tcp',
    headerLength: HEADER,
    maxLength,
    opens: claims,
    claims,
    mayBegin: (b, at) => b[at] === magic,
    pduLength(b, at, end, measuring) {
      switch (b[at + 1]) {
        case Kind.untilZero:
        case Kind.passedLate:
          return untilZero(b, at, end, measuring);
        case Kind.toTheEnd:
          return TO_THE_END;
        case Kind.chunked:
          return chunked(b, at, end, measuring);
        default:
          return (b[at + 2] << 8) | b[at + 3];
      }
    },
    passes: (b, at) => b[at + 1] === Kind.passed || b[at + 1] === Kind.passedLate,
  };
}

/** A PDU with `n` bytes behind its header, all from 1 to 127. */
export function toyPdu(kind: ToyKind, n: number, magic = MAGIC): Uint8Array {
  const body = Uint8Array.from({ length: n }, (_, i) => 1 + ((i * 7 + n) % 127));
  const head = (length: number) => [magic, Kind[kind], length >> 8, length & 255];
  if (kind === 'known' || kind === 'passed') return concat(head(HEADER + n), body);
  if (kind === 'toTheEnd') return concat(head(0), body);
  if (kind !== 'chunked') return concat(head(0), body, [0]);
  const chunks = [head(0)];
  for (let at = 0; at < n; at += 50) chunks.push([Math.min(50, n - at), ...body.slice(at, at + 50)]);
  return concat(...chunks, [0]);
}

/** A protocol of which all PDUs have nine bytes, and begin with eight times the same. */
export const nine: StreamProtocol = {
  name: 'nine',
  transport: 'nns',
  headerLength: 9,
  maxLength: 9,
  opens: isNine,
  claims: isNine,
  mayBegin: (b, at, length) => b.subarray(at, at + Math.min(8, length)).every((byte) => byte === 9),
  pduLength: () => 9,
};

function isNine(b: Uint8Array, at: number): boolean {
  return b.subarray(at, at + 8).every((byte) => byte === 9);
}

export const ninePdu = (last: number): Uint8Array => Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9, last);

export const hexOf = (b: Uint8Array): string => Buffer.from(b).toString('hex');
/** PDUs as they came out: bytes, and `…` behind those that are cut. */
export const hexOfAll = (pdus: readonly TransportPdu[]): string[] =>
  pdus.map(({ bytes, length }) => hexOf(bytes) + (bytes.length < length ? '…' : ''));
