/** The way of one message of SMB: the session service's header, what is inside, and then what it does to pipes. Never throws. */
import { concat, dword } from '../../src/core/bytes.js';
import type { Connection, StateStore, TransportPdu } from '../../src/core/context.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import type { Note } from '../../src/core/node.js';
import { closePdu, newPdu, type Pdu, pduCursor } from '../pdu.js';
import { Use, useOf } from './files.js';
import { readNbss } from './nbss.js';
import { applyEffects, carriedBy, endPipe } from './pipes.js';
import { type PlainSmb, plainSmb } from './plain.js';
import type { Reading, SmbAround } from './reading.js';
import { rests, wake } from './rest.js';
import { readSmb1 } from './smb1/message.js';
import { readSmb2 } from './smb2/message.js';
import { openSealed } from './smb2/sealed.js';
import { readCompressed, readTransform } from './smb2/transform.js';
import { closeState, forgetDisks, openMemory, PASSED_OVER, pipesOf, SMB_STATE } from './state.js';
import { LONGEST_OF_PIPES, Magic, NBSS_HEADER, Nbss, smbMagic } from './stream.js';

/**
 * Dissects a message of SMB and hands it to `emit`, with what makes it plain; then what lies in its pipes goes to the
 * streams there. Messages about files are counted and not handed on.
 * @param inner what goes through pipes: DCE/RPC
 */
export function dissectSmb(
  transport: TransportPdu,
  session: SmbAround,
  inner: StreamProtocol,
  record: boolean,
  emit: (pdu: Pdu, known: () => PlainSmb) => void,
): void {
  const state = transport.connection.state.get(SMB_STATE);
  const dissect = (pdu: TransportPdu): void => dissectAwake(pdu, session, inner, record, emit);
  if (!session.callsAlone) state.rest = null;
  if (state.rest !== null) {
    if (rests(transport, state, session, inner)) return;
    wake(state, dissect);
  }
  dissect(transport);
}

function dissectAwake(
  transport: TransportPdu,
  session: SmbAround,
  inner: StreamProtocol,
  record: boolean,
  emit: (pdu: Pdu, known: () => PlainSmb) => void,
): void {
  const state = transport.connection.state.get(SMB_STATE);
  const clear = state.recalled === null ? openSealed(transport, state) : state.recalled.clear;
  if (transport.afterGap && state.recalled === null) forgetDisks(state);
  const message = clear === null ? transport.bytes : inNbss(clear);
  if (state.recalled === null && !transport.afterGap && useOf(message, 0, message.length, state, inner) === Use.none) {
    state.passedOver++;
    return;
  }
  const { pdu, reading, notes } = readPdu(transport, session, inner, clear, record);
  emit(pdu, () => plainSmb(reading, notes));
  applyEffects(reading);
}

/** Nothing more will come on the connection. */
export function closeSmb(connection: Connection, { capture }: SmbAround): void {
  const state = connection.state.get(SMB_STATE);
  closeState(state, capture, endPipe);
  const passedOver = capture.get(PASSED_OVER);
  passedOver.messages += state.passedOver;
  passedOver.tooLong += state.tooLong;
}

/** What is said of messages that were passed over though they may be about pipes. */
export function tooLongNotes(capture: StateStore): Note[] {
  const { tooLong } = capture.get(PASSED_OVER);
  const most = LONGEST_OF_PIPES >> 10;
  const message = `${tooLong} ${tooLong === 1 ? 'message' : 'messages'} of SMB longer than ${most} KB, encrypted, compressed, of SMB 1 or in a pipe: passed over, calls in them are not seen`;
  return tooLong === 0 ? [] : [{ code: 'smb-too-long', message, offset: null, source: null }];
}

function readPdu(
  transport: TransportPdu,
  session: SmbAround,
  inner: StreamProtocol,
  clear: Uint8Array | null,
  record: boolean,
): { readonly pdu: Pdu; readonly reading: Reading; readonly notes: readonly Note[] } {
  const { bytes, connection, direction, frames, afterGap } = transport;
  const magic = bytes[0] === Nbss.message ? smbMagic(bytes, NBSS_HEADER) : 0;
  const c = pduCursor(transport, session.limits, record);
  const pdu = newPdu(magic === 0 ? 'NBSS' : magic === Magic.smb1 ? 'SMB' : 'SMB2', transport, c);
  const notes: Note[] = [];
  const learnt = (note: Note): unknown => notes.push(note);
  const state = connection.state.get(SMB_STATE);
  const reading: Reading = {
    session,
    inner,
    transport,
    memory: openMemory(state, session.capture, session.limits, learnt, endPipe),
    effects: [],
    says: [],
    clear,
    works: null,
    isSigned: false,
    frame: frames[frames.length - 1],
    learnt,
    setup: null,
  };
  if (afterGap) for (const pipe of pipesOf(state)) reading.effects.push({ does: 'gap', pipe });
  c.frame(null, transport.length, () => {
    const { type, says } = readNbss(c);
    if (type !== Nbss.message) {
      reading.says.push(says);
      if (type !== Nbss.keepalive) connection.client = type === Nbss.request ? direction : other(direction);
    } else if (magic === Magic.smb1) readSmb1(c, reading);
    else if (magic === Magic.smb2) readSmb2(c, reading);
    else if (magic === Magic.sealed) readTransform(c, reading, (clear) => readSmb2(clear, reading));
    else if (magic === Magic.compressed) readCompressed(c, reading);
  });
  pdu.opened = clear && inNbss(clear);
  pdu.carried.push(...carriedBy(reading));
  pdu.says = reading.says.join('; ') || 'not a whole header';
  pdu.recording.notes.push(...(state.recalled?.notes ?? notes));
  closePdu(pdu, session.limits);
  return { pdu, reading, notes };
}

/** A message as the session service carries it: type 0, three bytes of length (RFC 1002 4.3.1). */
function inNbss(message: Uint8Array): Uint8Array {
  return concat(dword(message.length, false), message);
}

const other = (direction: 0 | 1): 0 | 1 => (direction === 0 ? 1 : 0);
