/**
 * One PDU, whole: its tree, its sources and its JSON. Trees are made when they are looked at, of what was kept of the
 * PDU; where that was too much, the capture is read once more, and PDUs around the one that was asked for are kept.
 */
import {
  type DataSource,
  describer,
  listen,
  locate,
  type Pdu,
  type PduJson,
  type Piece,
  type PlainPdu,
  pduToJson,
  type Range,
} from '../../index.js';
import type { Capture } from './capture.js';

/** A PDU as the page shows it. */
export interface PduDetail {
  readonly pdu: number;
  readonly json: PduJson;
  /** The bytes of each of `json.sources`, and where they come from; behind them those of other PDUs that they come from. */
  readonly sources: readonly SourceBytes[];
  /** The source that each of `json.warnings` is about, by index; -1 for none. */
  readonly warned: readonly number[];
  /** The frame that offered the presentation context of its call; null where it has none, or that was not seen. */
  readonly boundIn: number | null;
}

/** The bytes of a source, and how each of its bytes is found below it. */
export interface SourceBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Runs of the capture file; one for all of it, without byte-by-byte mapping, where `isDerived`. */
  readonly pieces: readonly Piece[];
  readonly isDerived: boolean;
  /** What it was made of: ranges of other sources, by index; none for what was captured. */
  readonly from: readonly { readonly source: number; readonly start: number; readonly end: number }[];
}

/** PDUs kept around the one that is looked at. */
const AROUND = 2000;
/** Bytes of them that are kept. */
const MOST_BYTES = 64 << 20;

export class Details {
  private around = new Map<number, PlainPdu>();

  constructor(private readonly capture: Capture) {}

  /** The PDU of a number, as a value that can be sent; null where there is none. */
  async pdu(pdu: number): Promise<PduDetail | null> {
    const described = await this.described(pdu);
    if (described === null) return null;
    const { sources, notes } = described.recording;
    return {
      pdu,
      json: pduToJson(described, true),
      sources: sourcesBytes(sources),
      boundIn: described.call?.interfaceFrom === 'bind' ? described.call.boundIn : null,
      warned: notes.map(({ source }) => sources.findIndex(({ name }) => name === source)),
    };
  }

  /** The PDU of a number with its tree; null where there is none. */
  async described(pdu: number): Promise<Pdu | null> {
    const plain = await this.plain(pdu);
    return plain === undefined ? null : describer(this.capture.options).pdu(plain, true);
  }

  /** What the PDU's description is made of; undefined where there is no such PDU. */
  private async plain(pdu: number): Promise<PlainPdu | undefined> {
    const { capture } = this;
    if (pdu > capture.pduRows.length) return undefined;
    const known = this.around.get(pdu);
    if (known !== undefined) return known;
    const kept = await capture.kept.get(pdu, (number) => capture.pduRows.sight(number), describer(capture.options));
    return kept ?? (await this.again(pdu));
  }

  /** Reads the capture once more, up to the PDU and some behind it. */
  private async again(pdu: number): Promise<PlainPdu | undefined> {
    const { input, turns, options } = this.capture;
    const around = new Map<number, PlainPdu>();
    let bytes = 0;
    let seen = 0;
    const plain = (next: PlainPdu): void => {
      const number = ++seen;
      if (Math.abs(number - pdu) > AROUND || (number !== pdu && bytes > MOST_BYTES)) return;
      bytes += next.transport.bytes.length;
      around.set(number, next);
    };
    await turns.first(() => listen(input, { plain, pdu: () => seen < pdu + AROUND }, options));
    this.around = around;
    return around.get(pdu);
  }
}

/** Sources and what they were made of. */
function sourcesBytes(sources: readonly DataSource[]): SourceBytes[] {
  const all = new Map<DataSource, number>();
  for (const source of sources) all.set(source, all.size);
  for (const source of all.keys())
    for (const { source: from } of rangesOf(source)) if (!all.has(from)) all.set(from, all.size);
  return [...all.keys()].map((source) => ({
    name: source.name,
    // a view would bring all of what it is a view of along
    bytes: source.bytes.slice(),
    pieces: locate({ source, start: 0, end: source.bytes.length }),
    isDerived: source.kind === 'derived',
    from: rangesOf(source).map(({ source: from, start, end }) => ({ source: all.get(from) ?? 0, start, end })),
  }));
}

function rangesOf(source: DataSource): readonly Range[] {
  return source.kind === 'joined' ? source.parts : source.kind === 'derived' ? [source.from] : [];
}
