/** Bytes of the capture file around those of a PDU. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useRows } from '../parts/rows.js';
import { engine, summary } from '../state.js';
import type { SourceBytes } from '../worker/details.js';
import { byteOfFile } from './marks.js';

/** What of the file can be shown. */
interface FileBytes {
  readonly start: number;
  readonly end: number;
  byteAt(offset: number): number | undefined;
  /** Whether the file holds other bytes there than were read from it; then only those are known that the PDU has. */
  readonly isPacked: boolean;
}

/** Bytes that are asked for as one row. */
const ROW = 64;

/** @param isSeen nothing is asked for before */
export function useFileBytes(sources: readonly SourceBytes[], isSeen: boolean): FileBytes {
  const isPacked = useSignal(false);
  const [start, end] = useMemo(() => extentOf(sources), [sources]);
  useEffect(() => {
    if (!isSeen) return;
    let isWanted = true;
    void isOther(sources).then((is) => {
      if (isWanted) isPacked.value = is;
    });
    return () => {
      isWanted = false;
    };
  }, [sources, isSeen]);
  const row = useRows<Uint8Array>(
    async (from, to) => {
      const bytes = await engine.fileBytes(from * ROW, (to - from) * ROW);
      return Array.from({ length: to - from }, (_, i) => bytes.subarray(i * ROW, (i + 1) * ROW));
    },
    // another capture is another file
    summary.value?.name,
  );
  if (isPacked.value || !summary.value?.size) {
    const known = (offset: number): number | undefined => {
      const byte = byteOfFile(sources, offset);
      return byte === null ? undefined : sources[byte.source].bytes[byte.at];
    };
    return { start, end, byteAt: known, isPacked: isPacked.value };
  }
  return {
    start: 0,
    end: summary.value.size,
    byteAt: (offset) => row(Math.floor(offset / ROW))?.[offset % ROW],
    isPacked: false,
  };
}

/** Where the first byte of a PDU lies in the capture, and where the one behind its last. */
function extentOf(sources: readonly SourceBytes[]): [number, number] {
  let [start, end] = [Number.POSITIVE_INFINITY, 0];
  for (const { pieces } of sources)
    for (const { fileOffset, length } of pieces)
      if (fileOffset >= 0) [start, end] = [Math.min(start, fileOffset), Math.max(end, fileOffset + length)];
  return start < end ? [start, end] : [0, 0];
}

/** Whether the file has other bytes where a PDU's lie than these. */
async function isOther(sources: readonly SourceBytes[]): Promise<boolean> {
  const [captured] = sources.filter(({ from }) => from.length === 0);
  const piece = captured?.pieces.find(({ fileOffset }) => fileOffset >= 0);
  if (captured === undefined || piece === undefined) return false;
  const { at, length, fileOffset } = piece;
  const found = await engine.fileBytes(fileOffset, length);
  return found.length !== length || found.some((byte, i) => byte !== captured.bytes[at + i]);
}
