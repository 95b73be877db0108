/**
 * What the description of each PDU is made of, in little memory. Nearly all PDUs lie in one piece of the file, and what
 * the capture told before them are a few values that many share; the call that one answers is told by the PDU that asked.
 * Others are kept as they are while there is room.
 */
import { type Describer, type PlainPdu, type PlainRpc, plainCall } from '../../index.js';
import { bytes, doubles, words } from './column.js';
import { endsOf, endsText } from './ends.js';
import type { Sight } from './pdu-rows.js';
import type { Texts } from './texts.js';

type PlainConnection = PlainRpc['connection'];
type Known = NonNullable<PlainRpc['known']>;

/** What many PDUs share: what was known before them, but for their calls. */
interface Shared {
  readonly known: Known;
  /** Whether the PDU before it of its call tells what its call was. */
  readonly answers: boolean;
}

/** How a PDU is kept: not at all, as a whole, or, from `SHARING` on, by the number of what it shares. */
const GONE = 0;
const WHOLE = 1;
const SHARING = 2;

/** Bytes of PDUs that are kept whole, and what one takes beside its bytes. */
const MOST_WHOLE = 64 << 20;
const COST = 4096;
/** Values that are shared. */
const MOST_SHARED = 1 << 16;
/** Characters of what is known of a connection: names of pipes may be long. */
const MOST_TEXT = 1000;
/** Seconds to which a double holds nanoseconds. */
const EXACT = 1e6;

export class KeptPdus {
  private readonly how = words();
  private readonly offset = doubles();
  private readonly length = words();
  /** The frame that offered the context of its call; 0 where there are several. */
  private readonly context = words();
  private readonly whole = new Map<number, PlainPdu>();
  private room = MOST_WHOLE;
  private readonly shared: Shared[] = [];
  private readonly sharedBy = new Map<string, number>();
  private readonly connections: KeptConnections;

  /** @param read reads bytes of the file; null where offsets are not those of the file, as it is compressed */
  constructor(
    private readonly read: ((offset: number, length: number) => Promise<Uint8Array>) | null,
    texts: Texts,
  ) {
    this.connections = new KeptConnections(texts);
  }

  /** How many are kept whole. */
  get wholeCount(): number {
    return this.whole.size;
  }

  /** Keeps the next PDU. */
  add(plain: PlainPdu, sight: Sight): void {
    const at = this.how.length;
    const how = this.share(plain, sight);
    this.how.set(at, how === null ? GONE : SHARING + how);
    if (how !== null) {
      this.offset.set(at, plain.transport.pieces[0].fileOffset);
      this.length.set(at, plain.transport.length);
      this.context.set(at, offeredIn(plain as PlainRpc) ?? 0);
      return;
    }
    const cost = plain.transport.bytes.length + COST;
    if (cost > this.room) return;
    this.room -= cost;
    this.how.set(at, WHOLE);
    this.whole.set(at, plain);
  }

  /**
   * A PDU, by its number from 1 on; null where it was not kept.
   * @param sightOf what the list knows of a PDU
   */
  async get(pdu: number, sightOf: (pdu: number) => Sight, describer: Describer): Promise<PlainPdu | null> {
    const at = pdu - 1;
    const how = this.how.get(at);
    if (how === WHOLE) return this.whole.get(at) ?? null;
    if (how === GONE || this.read === null || at >= this.how.length) return null;
    const { known, answers } = this.shared[how - SHARING];
    const { frame, time, direction, before, connection } = sightOf(pdu);
    const [offset, length] = [this.offset.get(at), this.length.get(at)];
    const bytes = await this.read(offset, length);
    const request = answers ? await this.get(before, sightOf, describer) : null;
    const call = request === null ? null : describer.pdu(request, false).call;
    const pieces = [{ at: 0, length, frame, fileOffset: offset }];
    return {
      transport: { direction, bytes, length, pieces, frames: [frame], time, afterGap: false },
      connection: this.connections.get(connection),
      known: {
        ...known,
        contexts: known.contexts.map((context) => ({ ...context, frame: this.context.get(at) || null })),
        // of its key, the way it went is what it shares with others
        key: callIdOf(bytes) * 2 + (known.key % 2),
        call: call === null ? null : plainCall(call),
      },
      ...{ security: [], tokenNotes: [], unprotected: null, limits: [] },
    };
  }

  /** The number of what a PDU shares with others; null for one that must be kept whole, or not at all. */
  private share(plain: PlainPdu, { before, elapsed, connection }: Sight): number | null {
    if (this.read === null || !(Math.abs(elapsed) < EXACT) || !isSimple(plain)) return null;
    const { key: own, contexts, offers, protection, pointer, orpc64, ccw, call } = plain.known;
    const answers = call !== null;
    if (!this.connections.keep(connection, plain.connection) || (answers && !this.isTold(before))) return null;
    // frames would make them differ: that of one context stands beside
    const offered = offers?.map((list) => list.map(withoutFrame)) ?? null;
    const told = [contexts.map(withoutFrame), offered, protection, pointer, orpc64, ccw];
    const key = JSON.stringify([answers, own % 2, ...told]);
    const shared = this.sharedBy.get(key);
    if (shared !== undefined) return shared;
    if (this.shared.length >= MOST_SHARED) return null;
    this.sharedBy.set(key, this.shared.length);
    return this.shared.push({ known: { ...plain.known, call: null }, answers }) - 1;
  }

  /** Whether a PDU tells its call by itself. */
  private isTold(pdu: number): boolean {
    if (pdu === 0) return false;
    const how = this.how.get(pdu - 1);
    return how === WHOLE || (how !== GONE && !this.shared[how - SHARING].answers);
  }
}

/** Connections by the list's numbers: their ends, and texts of what else is known of them, which most of them share. */
class KeptConnections {
  private readonly ids = words();
  private readonly ends = words();
  private readonly others = words();
  /** The end that called when one was kept, from 1 on; 0 for one that was not. */
  private readonly clients = bytes();

  constructor(private readonly texts: Texts) {}

  /** Keeps what is known of a connection; false where that is much, or its ends have other roles than they had first. */
  keep(at: number, { id, ends, client, ...others }: PlainConnection): boolean {
    const first = this.clients.get(at);
    if (first !== 0) return first === client + 1;
    const text = JSON.stringify(others);
    if (text.length > MOST_TEXT) return false;
    this.ids.set(at, id);
    this.ends.set(at, this.texts.put(endsText(ends)));
    this.others.set(at, this.texts.put(text));
    this.clients.set(at, client + 1);
    return true;
  }

  get(at: number): PlainConnection {
    const client = (this.clients.get(at) - 1) as 0 | 1;
    const ends = endsOf(this.texts.get(this.ends.get(at)));
    return { id: this.ids.get(at), ends, client, ...JSON.parse(this.texts.get(this.others.get(at))) };
  }
}

/** Whether a PDU is in one piece, and asks for nothing but contexts, a pointer and the call that it answers. */
function isSimple(plain: PlainPdu): plain is PlainRpc & { readonly known: Known } {
  if (!('security' in plain) || plain.known === null) return false;
  const { transport, known, security, tokenNotes, unprotected, limits } = plain;
  const { bytes, length, pieces, frames, afterGap } = transport;
  const { activity, done, early, requests, responses } = known;
  const isInOnePiece = pieces.length === 1 && pieces[0].length === length && frames.length === 1 && !afterGap;
  const isAlone = [activity, done, early, requests, responses, unprotected].every((asked) => asked === null);
  const isPlain = security.length === 0 && tokenNotes.length === 0 && limits.length === 0;
  return isInOnePiece && bytes.length === length && isAlone && isPlain;
}

type Context = Known['contexts'][number];

const withoutFrame = (context: Context): Context => ({ ...context, frame: null });

/** The frame that offered all that a PDU asks of contexts; null where that were several. */
function offeredIn({ known }: PlainRpc): number | null {
  const [first, ...others] = known?.contexts ?? [];
  return first === undefined || others.some(({ frame }) => frame !== first.frame) ? null : first.frame;
}

/** The call id of a connection's PDU (C706 12.6.3.1). */
function callIdOf(bytes: Uint8Array): number {
  const isLittleEndian = (bytes[4] & 0x10) !== 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, isLittleEndian);
}
