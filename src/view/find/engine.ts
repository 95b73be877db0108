/** What Find asks of the engine: where bytes stand in the sources of all PDUs that are shown, decrypted ones too. */
import { among } from '../worker/among.js';
import type { Capture } from '../worker/capture.js';
import { shares } from '../worker/now-and-then.js';
import { type Match, matchesIn } from './matches.js';

/** Bytes of a PDU. */
export interface Found extends Match {
  readonly pdu: number;
}

/** Places that are told. */
const MOST = 100_000;

/**
 * Looks for bytes in the PDUs that the filter leaves.
 * @param tell hears how much of the capture was looked through, 0 to 1
 * @param isWanted is asked now and then; when it says no, what was found so far is told
 * @returns places in the order of the PDUs; `isMore` where looking ended before the capture did
 */
export async function find(
  capture: Capture,
  patterns: readonly Uint8Array[],
  tell: (share: number) => void,
  isWanted: () => boolean,
): Promise<{ readonly found: readonly Found[]; readonly isMore: boolean }> {
  const found: Found[] = [];
  const isShown = among(capture.pdus, capture.pduRows.length);
  let isMore = false;
  let pdu = 0;
  await capture.again(
    {
      pdu: ({ recording }) => {
        if (isShown(pdu++)) for (const match of matchesIn(recording.sources, patterns)) found.push({ pdu, ...match });
        isMore = found.length > MOST || !isWanted();
        return !isMore;
      },
      progress: shares(tell),
    },
    // sources are kept with trees
    { record: true },
  );
  return { found: found.slice(0, MOST), isMore };
}
