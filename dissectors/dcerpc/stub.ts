/**
 * Decodes a stub by its operation's tables: ORPCTHIS or ORPCTHAT, parameters, return value, and behind them the
 * verification trailer. Where implementations differ in layout, the readings are tried without recording first.
 */
import type { StateStore } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';
import type { ErrorInfo } from '../dcom/error-info.js';
import { MANAGED_TYPE, managedOf, managedReturn, managedText } from '../dcom/managed.js';
import type { Objref } from '../dcom/objref.js';
import { extensionsOf, ORPCTHAT, ORPCTHIS } from '../dcom/this-that.js';
import { holdsVariants } from '../dcom/variant.js';
import { hresultName, statusName } from '../names/hresult.js';
import type { Params, RpcInterface, RpcOperation, Side } from '../ndr/interface.js';
import { NdrReader, type StubFindings, type StubScope } from '../ndr/read.js';
import type { Member, NdrValue } from '../ndr/types.js';
import {
  atVerificationTrailer,
  findVerificationTrailer,
  readVerificationTrailer,
  type VerificationTrailer,
} from './verification.js';

const THIS = field('dcom.this', 'ORPCTHIS');
const THAT = field('dcom.that', 'ORPCTHAT');
const HRESULT = field('dcom.hresult', 'HRESULT', 'uint32', { hex: true });
const STATUS = field('dcerpc.error_status', 'Return value', 'uint32', { hex: true });
const STUB = field('dcerpc.stub_data', 'Stub data', 'bytes');
export const STUB_FIELDS = [THIS, THAT, HRESULT, STATUS, STUB, MANAGED_TYPE];

/** What a stub held; partly, where reading failed. */
export interface StubReading extends StubFindings {
  readonly params: Params;
  /** Return value of a response, unsigned. */
  result: number | null;
  causality: string | null;
  /** ORPCTHIS or ORPCTHAT; null where there is none. */
  header: NdrValue;
  /** What a failed call tells in an extension. */
  errorInfo: ErrorInfo | null;
  /** Whether reading came to the stub's end, and no bytes were left on the way. */
  isWhole: boolean;
  /** Bytes from the stub's start up to a verification trailer: the padding in front of that still counts. */
  length: number;
  trailer: VerificationTrailer | null;
  /** OBJREFs that name an IPID. */
  readonly objrefs: Objref[];
}

/** A reading of which nothing was read yet. */
export function newReading(length = 0): StubReading {
  const nothing = { result: null, causality: null, header: null, errorInfo: null, trailer: null, ccw: null };
  return { params: {}, ...nothing, isWhole: false, length, objrefs: [] };
}

/** Which way a stub goes, and what is known of how it is laid out. */
export interface StubFormat {
  readonly side: Side;
  readonly orpc: boolean;
  readonly ndr64: boolean;
  /** NDR64: whether ORPC headers were seen in NDR64 form on this association; null while unknown. */
  readonly orpc64: boolean | null;
  /** How the server was seen to lay out CCW_PTRs; null while it was not. */
  readonly ccw: string | null;
  readonly capture: StateStore;
}

/** How a stub is laid out: its transfer syntax, and which of several layouts it is that implementations use. */
export interface StubLayout {
  readonly ndr64: boolean;
  /** ORPC headers in NDR64 (go-msrpc) rather than NDR (MS-DCOM 2.2.13). */
  readonly orpc64: boolean;
  /** Alignment counts from the end of the ORPC header (scapy) rather than from the stub's start. */
  readonly fromHeader: boolean;
  /** By-reference numbers of a VARIANT have two referents (go-msrpc) rather than one (MS-OAUT 2.2.29.2). */
  readonly twice: boolean;
  /** How CCW_PTRs are laid out where the bytes leave it open, as the server was seen to do; null where it was not. */
  readonly ccw: string | null;
}

/** The layout of the specification. */
export function plainLayout({ ndr64, ccw }: Pick<StubFormat, 'ndr64' | 'ccw'>): StubLayout {
  return { ndr64, orpc64: false, fromHeader: false, twice: false, ccw };
}

/**
 * Reads the stub that fills the cursor's region. Fails like any reading does, inside the caller's frame; what was
 * read until then is in `into`.
 */
export function readStub(c: Cursor, op: RpcOperation, format: StubFormat, layout: StubLayout, into: StubReading): void {
  const start = c.pos;
  // where reading fails, all of the stub is its length all the same
  into.length = (format.side === 'request' ? findVerificationTrailer(c) : c.end) - start;
  readLayout(c, op, format, layout, into);
  into.length = c.pos - start;
  readRest(c, format.side, start, into);
}

/** Whether one of the layouts of a syntax reads the stub that fills the cursor's region without rest. */
export function readsWhole(c: Cursor, op: RpcOperation, format: StubFormat): boolean {
  return layouts(c, op, format).some((layout) => fits(c, op, format, layout));
}

/** Whether the stub can be this operation's, by its bytes alone: it decodes without rest and looks typical. */
function looksLike(c: Cursor, op: RpcOperation, format: StubFormat): boolean {
  if (op.plausible === undefined) return false;
  const reading = newReading();
  return fits(c, op, format, chooseLayout(c, op, format), reading) && op.plausible(reading.params, format.side);
}

/** Finds an interface among those known whose operation `opnum` the stub looks like. */
export function guessInterface(
  c: Cursor,
  opnum: number,
  known: Iterable<RpcInterface>,
  format: StubFormat,
): RpcInterface | null {
  for (const iface of known) {
    const op = iface.ops[opnum];
    if (op !== undefined && looksLike(c, op, { ...format, orpc: iface.orpc })) return iface;
  }
  return null;
}

/**
 * Stub bytes of an operation of which only the name is known, if that: ORPC header, a leaf, and the HRESULT that
 * ends every answer of an ORPC method (MS-DCOM 1.3.1: they all return one).
 */
export function readOpaqueStub(c: Cursor, format: StubFormat, into: StubReading): void {
  const start = c.pos;
  if (format.orpc && format.side === 'request' && c.left >= 32) readPlainHeader(c, format, into);
  else if (format.orpc && format.side === 'response' && c.left >= 8) readPlainHeader(c, format, into);
  const end = format.side === 'request' ? findVerificationTrailer(c) : c.end;
  const returns = format.orpc && format.side === 'response' && end - c.pos >= 4 && (end - start) % 4 === 0;
  const body = end - c.pos - (returns ? 4 : 0);
  if (body > 0) c.raw(STUB, body);
  into.isWhole = body <= 0;
  if (returns) into.result = c.u32(HRESULT, hresultName);
  into.length = c.pos - start;
  if (c.left > 0) into.trailer = readVerificationTrailer(c);
}

function readPlainHeader(c: Cursor, format: StubFormat, into: StubReading): void {
  const layout = plainLayout(format);
  readHeader(c, format.side, scopeOf(format, layout, into), layout, into);
}

/** The first layout that reads the stub without rest; where none does, that of the association, or the specification. */
export function chooseLayout(c: Cursor, op: RpcOperation, format: StubFormat): StubLayout {
  const candidates = layouts(c, op, format);
  if (candidates.length === 1) return candidates[0];
  const ofAssociation = candidates.find(({ orpc64 }) => orpc64 === format.orpc64);
  const ofSpecification = candidates.find(({ orpc64 }) => !orpc64)!;
  return candidates.find((layout) => fits(c, op, format, layout)) ?? ofAssociation ?? ofSpecification;
}

function layouts(c: Cursor, op: RpcOperation, format: StubFormat): StubLayout[] {
  const plain = plainLayout(format);
  if (!format.orpc) return [plain];
  const list = [plain];
  if (format.ndr64) {
    const plain64 = { ...plain, orpc64: true };
    if (format.orpc64 ?? endsAsNull64(c, format.side)) list.unshift(plain64);
    else list.push(plain64);
  }
  // alignment matters only behind extensions, whose pointer ends the header
  const pointer = c.peek32(format.side === 'request' ? 28 : 4);
  if (pointer > 0) list.push({ ...plain, fromHeader: true });
  const members = format.side === 'request' ? op.request : op.response;
  return holdsVariants(members) && mayHoldReferences(c) ? [...list, ...list.map((l) => ({ ...l, twice: true }))] : list;
}

/**
 * Whether an ORPC header without extensions can end here as it does in NDR64, with eight zero bytes for the pointer.
 * NDR reads an Invoke of that form without arguments too, as a call of DISPID 0; of its own form NDR64 reads none.
 */
function endsAsNull64(c: Cursor, side: Side): boolean {
  const at = side === 'request' ? 32 : 8;
  return c.peek32(at) === 0 && c.peek32(at + 4) === 0;
}

/** High byte of VT_BYREF (MS-OAUT 2.2.7), alone or with VT_ARRAY: without one, no VARIANT in the stub holds a reference. */
function mayHoldReferences(c: Cursor): boolean {
  return holdsByte(c, 0x40) || holdsByte(c, 0x60);
}

function holdsByte({ bytes, pos, end }: Cursor, byte: number): boolean {
  const at = bytes.indexOf(byte, pos);
  return at >= 0 && at < end;
}

/** Whether a layout reads the stub without rest. Nothing is recorded, and the cursor stays where it is. */
function fits(c: Cursor, op: RpcOperation, format: StubFormat, layout: StubLayout, into = newReading()): boolean {
  const whole = c.fork().frame(null, c.claimedLeft, (f) => {
    readLayout(f, op, format, layout, into);
    return f.left === 0 || (format.side === 'request' && atVerificationTrailer(f));
  });
  return whole === true;
}

function readLayout(c: Cursor, op: RpcOperation, format: StubFormat, layout: StubLayout, into: StubReading): void {
  const scope = scopeOf(format, layout, into);
  let base = c.pos;
  if (format.orpc) {
    readHeader(c, format.side, scope, layout, into);
    if (layout.fromHeader) base = c.pos;
  }
  const r = new NdrReader(c, layout.ndr64, scope, base);
  if (format.side === 'request') {
    readParams(r, op.request, format, into.params);
    return;
  }
  // a failed call may answer with its HRESULT alone
  const bare = op.returns !== 'nothing' && c.left === 4 && op.response.length > 0 && c.peek32() >= 0x80000000;
  if (!bare) readParams(r, op.response, format, into.params);
  if (op.returns === 'nothing') return;
  r.align(4);
  into.result = op.returns === 'hresult' ? c.u32(HRESULT, hresultName) : c.u32(op.status ?? STATUS, statusName);
  if (!c.isRecording || !format.orpc) return;
  const { managedType, thrown } = managedReturn(into.result, null, null);
  if (thrown) c.computed(MANAGED_TYPE, managedType, `throws ${managedType}`);
}

function scopeOf({ capture }: StubFormat, { ccw, twice }: StubLayout, found: StubReading): StubScope {
  return { capture, ccw, referencesTwice: twice, found };
}

/** Parameters, and in the tree of a COM call the managed type of each behind it. */
function readParams(r: NdrReader, members: readonly Member[], format: StubFormat, into: Params): void {
  const { c } = r;
  if (!c.isRecording || !format.orpc) {
    r.params(members, into);
    return;
  }
  r.params(members, into, (m) => {
    const managed = managedOf(m.type, into[m.name]);
    c.computed(MANAGED_TYPE, managed.managedType, managedText(managed));
  });
}

function readHeader(c: Cursor, side: Side, scope: StubScope, layout: StubLayout, into: StubReading): void {
  const request = side === 'request';
  const box: Record<string, NdrValue> = {};
  const r = new NdrReader(c, layout.ndr64 && layout.orpc64, scope, c.pos);
  const f: Field = request ? THIS : THAT;
  try {
    r.whole(request ? ORPCTHIS : ORPCTHAT, f, box, 'header');
  } finally {
    // the extensions behind it may be damaged
    into.header = box.header ?? null;
    into.causality = (into.header as { cid?: string } | null)?.cid ?? into.causality;
  }
  for (const { errorInfo } of extensionsOf(into.header)) into.errorInfo ??= errorInfo;
}

/** What stands behind the parameters: a verification trailer, or bytes that belong to nobody. */
function readRest(c: Cursor, side: Side, start: number, into: StubReading): void {
  into.isWhole = true;
  if (c.left === 0) return;
  if (side === 'request' && atVerificationTrailer(c)) {
    into.length = findVerificationTrailer(c) - start;
    into.trailer = readVerificationTrailer(c);
    return;
  }
  into.isWhole = false;
  into.length = c.end - start;
  c.note('stub-trailing-bytes', `${c.left} bytes behind the ${side}'s parameters`);
}
