/**
 * What the description of each PDU is made of, in little memory. Nearly all PDUs lie in one piece of the file, and what
 * the capture told before them are a few values that many share; the call that one answers is told by the PDU that asked.
 * Others are kept as they are while there is room.
 */
import { type Describer, type PlainPdu, type PlainRpc, plainCall } from '../../index.js';
import { doubles, words } from './column.js';
import type { Sight } from './pdu-rows.js';

/** What of a plain PDU many share. */
type Shared = Pick<PlainRpc, 'connection'> & { readonly known: NonNullable<PlainRpc['known']> };

/** How a PDU is kept: as a whole, not at all, or by the number of what it shares. */
const WHOLE = 0xffffffff;
const GONE = 0xfffffffe;

/** Bytes of PDUs that are kept whole, and what one takes beside its bytes. */
const MOST_WHOLE = 64 << 20;
const COST = 4096;
/** Values that are shared. */
const MOST_SHARED = 1 << 17;
/** Seconds to which a double holds nanoseconds. */
const EXACT = 1e6;

export class KeptPdus {
  private readonly how = words();
  private readonly offset = doubles();
  private readonly length = words();
  /** The PDU before it of its call, whose description tells the call; from 1 on, 0 where it needs none. */
  private readonly asked = words();
  private readonly whole = new Map<number, PlainPdu>();
  private room = MOST_WHOLE;
  private readonly shared: Shared[] = [];
  private readonly sharedBy = new Map<string, number>();
  private readonly ids = new WeakMap<object, number>();
  private lastId = 0;

  /** @param read reads bytes of the file; null where offsets are not those of the file, as it is compressed */
  constructor(private readonly read: ((offset: number, length: number) => Promise<Uint8Array>) | null) {}

  /** How many are kept whole. */
  get wholeCount(): number {
    return this.whole.size;
  }

  /** Keeps the next PDU. */
  add(plain: PlainPdu, { before, elapsed }: Sight): void {
    const at = this.how.length;
    const how = Math.abs(elapsed) < EXACT && this.isTold(before) ? this.share(plain, before) : null;
    this.how.set(at, how ?? GONE);
    if (how !== null) {
      this.offset.set(at, plain.transport.pieces[0].fileOffset);
      this.length.set(at, plain.transport.length);
      if ((plain as PlainRpc).known?.call != null) this.asked.set(at, before);
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
    const { connection, known } = this.shared[how];
    const [offset, length, asked] = [this.offset.get(at), this.length.get(at), this.asked.get(at)];
    const bytes = await this.read(offset, length);
    const request = asked === 0 ? null : await this.get(asked, sightOf, describer);
    const call = request === null ? null : describer.pdu(request, false).call;
    const { frame, time, direction } = sightOf(pdu);
    const pieces = [{ at: 0, length, frame, fileOffset: offset }];
    return {
      transport: { direction, bytes, length, pieces, frames: [frame], time, afterGap: false },
      connection,
      known: { ...known, callId: callIdOf(bytes), call: call === null ? null : plainCall(call) },
      ...{ security: [], tokenNotes: [], unprotected: null, limits: [] },
    };
  }

  /** Whether a PDU tells its call by itself. */
  private isTold(pdu: number): boolean {
    if (pdu === 0) return true;
    const how = this.how.get(pdu - 1);
    return how === WHOLE || (how !== GONE && this.asked.get(pdu - 1) === 0);
  }

  /** The number of what a PDU shares with others; null for one that must be kept whole, or not at all. */
  private share(plain: PlainPdu, before: number): number | null {
    if (this.read === null || !isSimple(plain, before)) return null;
    const { connection, known } = plain;
    const { contexts, pointer, orpc64, ccw } = known;
    const parts = [
      connection.id,
      connection.client,
      ...contexts.map((c) => this.idOf(c)),
      pointer && this.idOf(pointer),
    ];
    const key = `${parts} ${orpc64} ${ccw}`;
    const shared = this.sharedBy.get(key);
    if (shared !== undefined) return shared;
    if (this.shared.length >= MOST_SHARED) return null;
    this.sharedBy.set(key, this.shared.length);
    return this.shared.push({ connection, known: { ...known, call: null } }) - 1;
  }

  private idOf(value: object): number {
    const id = this.ids.get(value) ?? ++this.lastId;
    this.ids.set(value, id);
    return id;
  }
}

/** Whether a PDU is in one piece, and asks for nothing but contexts, a pointer and the call that it answers. */
function isSimple(plain: PlainPdu, before: number): plain is PlainRpc & Shared {
  if (!('security' in plain) || plain.known === null) return false;
  const { transport, known, security, tokenNotes, unprotected, limits } = plain;
  const { bytes, length, pieces, frames, afterGap } = transport;
  const { call, activity, offers, done, early, requests, responses } = known;
  const isInOnePiece = pieces.length === 1 && pieces[0].length === length && frames.length === 1 && !afterGap;
  const isAlone = [activity, offers, done, early, requests, responses, unprotected].every((asked) => asked === null);
  const isPlain = security.length === 0 && tokenNotes.length === 0 && limits.length === 0;
  return isInOnePiece && bytes.length === length && isAlone && isPlain && (call === null || before !== 0);
}

/** The call id of a connection's PDU (C706 12.6.3.1). */
function callIdOf(bytes: Uint8Array): number {
  const isLittleEndian = (bytes[4] & 0x10) !== 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, isLittleEndian);
}
