/** Calls: opened by requests, given what their halves told, paired with their answers, and over (C706 9.3, 12.6.3). */
import type { Cursor } from '../../src/core/cursor.js';
import type { Note } from '../../src/core/node.js';
import { type Call, emptyCall, type Half } from '../call.js';
import { bindingTexts } from '../dcom/dual-string-array.js';
import { learnEndpoints } from '../dcom/endpoints.js';
import { type Fact, NIL } from '../dcom/facts.js';
import { pointerOf } from '../dcom/ipids.js';
import { makeRoom } from '../limits.js';
import { agreementsOf, checkCounts } from '../ndr/agree.js';
import type { Side } from '../ndr/interface.js';
import { completeAnswer, factsOf } from '../outcome.js';
import { stubCursor } from '../pdu.js';
import { endCall, keepCall, openCall } from '../waiting.js';
import type { EarlyAnswer, PresentationContext } from './association.js';
import type { Body } from './body.js';
import { type Decoded, decodeStub, learnIpid, operationOf, serverOf, setInterface, tellInterface } from './decode.js';
import type { Fragment } from './fragment.js';
import { Pfc } from './pdu.js';
import { dropStub } from './retention.js';

/** Frames that an answer may be ahead of its request: one that is older is another call's. */
const EARLY_FRAMES = 256;

export const REQUEST_NOT_SEEN: Note = {
  code: 'request-not-seen',
  message: 'the request of this answer was not captured',
  offset: null,
  source: null,
};

/** A call of which nothing is known but what its header says. */
export function newCall(f: Fragment, contextId: number, opnum: number | null): Call {
  const context = f.association.contexts.get(contextId);
  const iface = context === undefined ? null : (f.session.interfaces.get(context.iid) ?? null);
  return {
    ...emptyCall(f.transport.connection),
    callId: f.header.callId,
    contextId,
    oneWay: (f.header.flags & Pfc.maybe) !== 0,
    opnum,
    iface,
    iid: context?.iid ?? null,
    interfaceFrom: context === undefined ? 'unknown' : 'bind',
    boundIn: context?.frame ?? null,
    operation: operationOf(iface, opnum),
    syntax: context?.syntax ?? 'NDR',
    warnings: context === undefined ? [] : warningsOf(context),
    nameOf: namesIn(f.session.interfaces),
  };
}

/** What a call should say of the context that it runs on. */
function warningsOf({ id, refused, isSyntaxGuessed }: PresentationContext): Note[] {
  const note = (code: string, message: string): Note[] => [{ code, message, offset: null, source: null }];
  if (refused !== null) return note('context-refused', `the server refused context ${id}: ${refused}`);
  if (!isSyntaxGuessed) return [];
  return note(
    'syntax-guessed',
    `the answer to the offer of context ${id} was not captured: which transfer syntax it speaks is a guess`,
  );
}

/** By itself, so that a call keeps the names alive and not the PDU that it began with. */
function namesIn(interfaces: Fragment['session']['interfaces']): Call['nameOf'] {
  return (iid) => interfaces.get(iid)?.name ?? iid;
}

/** A call's first fragment: it takes its place among the open calls. */
export function begin(f: Fragment, contextId: number, opnum: number, object: string | null): Call {
  const { association, header, transport, session, key } = f;
  for (const stubs of [association.requests, association.responses]) {
    dropStub(session.capture, stubs.get(key));
    stubs.delete(key);
  }
  const call = adoptEarly(f, newCall(f, contextId, opnum));
  const frame = transport.frames[transport.frames.length - 1];
  const before = association.calls.get(key);
  association.calls.delete(key);
  if (before !== call) {
    if (before?.open) {
      call.warnings.push(answerUnsure(before.requestFrame));
      before.warnings.push(answerUnsure(frame));
    }
    endCall(session.capture, before);
  }
  openCall(f, association.calls, key, call);
  if (header.flags & Pfc.maybe) call.open = false;
  call.object = object;
  call.request = { ...unread(f), pieces: [] };
  call.requestFrame = frame;
  f.pdu.begins = true;
  const told = session.decodeAs.get(object ?? '') ?? session.decodeAs.get(String(contextId));
  if (told !== undefined) setInterface(f, call, told, 'user');
  if (call.iid !== null || object === null) return call;
  const known = pointerOf(session.capture, object);
  if (known !== undefined) setInterface(f, call, known.iid, 'ipid');
  return call;
}

/** C706 9.3: a call identifier is that of one call at a time. `frame` is where the other one begins. */
function answerUnsure(frame: number | null): Note {
  const message = `its call id is that of the call of frame ${frame} too, and both wait for an answer: whose answer is whose is a guess`;
  return { code: 'answer-unsure', message, offset: null, source: null };
}

/** Where the answer came first, and not long ago, its call gets what the request tells. */
function adoptEarly(f: Fragment, fresh: Call): Call {
  const { association, transport, key } = f;
  const early = association.early.get(key);
  if (early === undefined) return fresh;
  if (transport.frames[0] - early.frame > EARLY_FRAMES) {
    association.early.delete(key);
    endCall(f.session.capture, early.call);
    return fresh;
  }
  const { call } = early;
  const { opnum, iface, iid, interfaceFrom, boundIn, operation } = fresh;
  Object.assign(call, { opnum, iface, iid, interfaceFrom, boundIn, operation });
  const at = call.warnings.findIndex(({ code }) => code === REQUEST_NOT_SEEN.code);
  if (at >= 0) call.warnings.splice(at, 1);
  return call;
}

/** A half that ended with the PDU at hand, without a stub that could be read. */
export function unread({ transport, header }: Fragment, frames = [...transport.frames], time = transport.time): Half {
  const { pieces } = transport;
  const { littleEndian } = header;
  const nothing = {
    stub: null,
    cut: null,
    isDecoded: false,
    message: null,
    layout: null,
    trailer: null,
    objrefs: NONE,
  };
  return { frames, time, littleEndian, pieces, ...nothing };
}

const NONE: Half['objrefs'] = [];

/** A half that is whole; `decoded` is null where it could not be read. */
export interface WholeHalf {
  readonly half: Half;
  readonly decoded: Decoded | null;
}

/** Reads the body that ends a half, or says why it cannot be read. It is not yet its call's: see `take`. */
export function readHalf(c: Cursor, f: Fragment, call: Call, side: Side, body: Body): WholeHalf {
  const { frames, damaged, bytes } = body;
  const time = (side === 'request' ? call.request?.time : undefined) ?? f.transport.time;
  // one that only lacks its end is read; not one of which bytes are sealed or lost in front or in the middle
  const decoded = damaged === null || damaged === 'truncated' ? decodeStub(body, f, call, side) : null;
  if (decoded === null) {
    if (damaged !== 'encrypted')
      f.pdu.note(
        'incomplete',
        `bytes of the ${side === 'request' ? side : 'answer'} are missing, so that what it carries was not decoded`,
      );
    tellInterface(c, call);
  }
  body.rest();
  if (decoded === null) return { half: unread(f, frames, time), decoded };
  const { pieces } = f.transport;
  const { littleEndian } = f.header;
  const { layout, reading } = decoded;
  const { trailer, objrefs, isWhole: isDecoded } = reading;
  const stub = damaged === null ? bytes.subarray(0, reading.length) : null;
  const cut = damaged === null ? null : { bytes, length: body.length };
  const message = null;
  return {
    half: { frames, time, littleEndian, pieces, stub, cut, isDecoded, message, layout, trailer, objrefs },
    decoded,
  };
}

/** A call has one half more. */
export function take(f: Fragment, call: Call, side: Side, whole: WholeHalf): void {
  f.pdu.completes = side;
  if (side === 'response') {
    takeAnswer(call, whole);
    return;
  }
  const { association, key } = f;
  call.request = whole.half;
  call.in = whole.decoded?.reading.params ?? null;
  call.causality = whole.decoded?.reading.causality ?? null;
  if (association.calls.get(key) === call) keepCall(f, call, association.calls, key);
  const early = association.early.get(key);
  if (early?.call === call) takeEarlyAnswer(f, early);
}

function takeAnswer(call: Call, { half, decoded }: WholeHalf): void {
  call.response = half;
  if (decoded === null) return;
  const { params, result, errorInfo } = decoded.reading;
  call.out = params;
  call.result = result;
  call.errorInfo = errorInfo;
}

/** The answer is there: the call is over, unless its request may still come. */
export function over(f: Fragment, call: Call): void {
  const { association, transport, session, key } = f;
  if (call.request === null) {
    const before = association.early.get(key)?.call;
    if (before !== call) endCall(session.capture, before);
    endCall(session.capture, makeRoom(f, association.early, key, 'earlyAnswers')?.call);
    association.early.set(key, { call, frame: transport.frames[transport.frames.length - 1] });
    keepCall(f, call, association.early, key);
    return;
  }
  endCall(session.capture, call);
  if (call.fault !== null) return;
  completeAnswer(call);
  checkAnswer(call);
  for (const fact of factsOf(call)) learnFact(f, fact);
}

/** Says where an answer has other elements than its request asked for. */
function checkAnswer({ in: asked, out, operation, request, response: answer, warnings }: Call): void {
  if (asked === null || out === null || operation === null) return;
  if (request?.isDecoded !== true || answer?.isDecoded !== true) return;
  const { elsewhere } = agreementsOf(operation.response);
  if (elsewhere.length === 0) return;
  const note = (code: string, message: string): void => {
    warnings.push({ code, message, offset: null, source: null });
  };
  checkCounts({ note }, elsewhere, out, asked);
}

/** What later calls need of a fact: the interface that an IPID stands for, and where an apartment listens. */
function learnFact(f: Fragment, fact: Fact): void {
  if (fact.kind === 'asked' && fact.pointer !== null && fact.iid !== NIL) {
    const { ipid, oxid, oid } = fact.pointer;
    learnIpid(f, { ipid, iid: fact.iid, oxid, oid });
  } else if (fact.kind === 'exported' && fact.bindings !== null)
    learnEndpoints(f.session.capture, bindingTexts(fact.bindings), serverOf(f));
}

/** The request came behind its answer, which can be decoded only now. */
function takeEarlyAnswer(f: Fragment, { call }: EarlyAnswer): void {
  f.association.early.delete(f.key);
  f.association.calls.delete(f.key);
  const { response } = call;
  if (response !== null && response.stub !== null) {
    const { stub, frames } = response;
    const { length } = stub;
    const cursor = stubCursor(stub, length, response.littleEndian, f.session.limits);
    const decoded = decodeStub(
      { cursor, bytes: stub, length, frames, damaged: null, rest: () => {} },
      f,
      call,
      'response',
    );
    const { layout, reading } = decoded;
    const { objrefs, isWhole: isDecoded } = reading;
    takeAnswer(call, {
      half: { ...response, stub: stub.subarray(0, reading.length), isDecoded, layout, objrefs },
      decoded,
    });
    call.warnings.push(...cursor.recording.notes);
  }
  over(f, call);
}
