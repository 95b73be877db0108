/**
 * What goes through named pipes: each open pipe is a stream of DCE/RPC, whose bytes lie in writes, reads and transactions
 * (MS-RPCE 2.1.1.2). Reading a message collects what becomes of pipes; it is done behind the message's own PDU.
 */
import type { TransportPdu } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import type { CarriedBytes, StreamProtocol } from '../../src/core/dissector.js';
import { locate, type Piece, type Range } from '../../src/core/source.js';
import { PROTECTION } from '../call.js';
import type { Carried, Count } from '../pdu.js';
import { smbField } from './fields.js';
import type { Reading, SmbAround } from './reading.js';
import { protectionBy } from './security.js';
import { type Pipe, pipesOf, type SmbRequest } from './state.js';
import { NBSS_HEADER } from './stream.js';

const PIPE_DATA = smbField('smb.pipe.data', 'Pipe data', 'bytes');

/** A pipe of which nothing is known but what `known` says. */
export function newPipe(known: Pick<Pipe, 'name' | 'isPipe'>): Pipe {
  return { ...known, speaks: null, stream: null, key: null };
}

/** The server opened a pipe: it goes by this key from now on. What had the key before was closed unseen. */
export function keepPipe({ memory, effects }: Reading, pipe: Pipe, key: string): void {
  const before = memory.pipe(key);
  if (before !== null && before !== pipe) effects.push({ does: 'end', pipe: before });
  pipe.key = key;
  memory.keep('pipes', key, pipe);
}

/** A pipe was closed, or could not be opened. */
export function closePipe({ memory, effects }: Reading, pipe: Pipe): void {
  if (pipe.key !== null) memory.forget('pipes', pipe.key);
  pipe.key = null;
  effects.push({ does: 'end', pipe });
}

/** `\pipe\srvsvc` of the names that SMB 1 and SMB 2 give it. */
function endpointOf(name: string): string {
  return `\\pipe\\${name.replace(/^\\*(?:pipe\\+)?/i, '')}`;
}

/** Whether bytes that begin a pipe's traffic are DCE/RPC's. */
export function looksLikeRpc(inner: StreamProtocol, b: Uint8Array, at: number, end: number): boolean {
  const length = end - at;
  if (length < inner.headerLength) return length > 0 && inner.mayBegin(b, at, length);
  return inner.opens(b, at, end);
}

/**
 * Reads `length` bytes that go through a pipe, or as many of them as were captured.
 * @param counts where the message says how many they are; none where it cannot be told that they are less
 */
export function readPipeData(
  c: Cursor,
  reading: Reading,
  pipe: Pipe | null,
  length: number,
  counts: readonly Count[],
): void {
  const start = c.pos;
  const captured = Math.min(length, c.left);
  if (captured < length)
    c.note(
      length > c.claimedLeft ? 'malformed' : 'truncated',
      `${length} bytes go through a pipe, of which ${captured} are here`,
    );
  c.carry(PIPE_DATA, captured);
  if (pipe === null || length === 0) return;
  const { effects, inner } = reading;
  if (pipe.speaks === null) {
    if (looksLikeRpc(inner, c.bytes, start, c.pos)) {
      pipe.speaks = 'rpc';
      if (pipe.name === null)
        c.note('midstream', 'DCE/RPC in a pipe whose opening was not captured: its name is not known', start);
    } else if (pipe.name !== null && pipe.isPipe) pipe.speaks = 'other';
  }
  if (pipe.speaks !== 'rpc') return;
  if (captured > 0) {
    const range = { source: c.source, start, end: c.pos };
    effects.push({ does: 'data', pipe, range, counts, auth: protectionBy(reading) });
  }
  if (captured < length) effects.push({ does: 'gap', pipe });
}

/**
 * Reads what comes out of a pipe. Where the request was not captured nothing names the pipe: what looks like DCE/RPC
 * belongs to the one that is in use, and is missing in each where there are more.
 */
export function readAnswerOfPipe(
  c: Cursor,
  { reading, pipe, request }: { reading: Reading; pipe: Pipe | null; request: SmbRequest | null },
  length: number,
  counts: readonly Count[],
): void {
  const { memory, inner, effects } = reading;
  const isStray = request === null && looksLikeRpc(inner, c.bytes, c.pos, c.pos + Math.min(length, c.left));
  const inUse = isStray ? [...pipesOf(memory.state)].filter(({ speaks }) => speaks === 'rpc') : [];
  readPipeData(c, reading, inUse.length === 1 ? inUse[0] : pipe, length, counts);
  if (inUse.length > 1) for (const each of inUse) effects.push({ does: 'gap', pipe: each });
}

/** Bytes in a PDU that go through pipes, and what it says of how many they are. */
export function carriedBy({ effects, transport, inner, session, clear }: Reading): Carried[] {
  const carried: Carried[] = [];
  for (const effect of effects) {
    if (effect.does !== 'data' || effect.counts.length === 0) continue;
    const { pipe, range, counts } = effect;
    pipe.stream ??= openStream(pipe, transport, inner, session);
    const { connection } = pipe.stream;
    const before = clear === null ? 0 : NBSS_HEADER;
    carried.push({
      connection,
      start: before + range.start,
      end: before + range.end,
      counts: counts.map(({ at, size }) => ({ at: before + at, size })),
    });
  }
  return carried;
}

/** Does to pipes what a PDU did. */
export function applyEffects({ effects, transport, inner, session }: Reading): void {
  const { direction } = transport;
  for (const effect of effects) {
    const { pipe } = effect;
    if (effect.does === 'data') {
      pipe.stream ??= openStream(pipe, transport, inner, session);
      pipe.stream.connection.state.get(PROTECTION).auth = effect.auth;
      pipe.stream.data(direction, carriedBytes(effect.range, transport));
    } else if (effect.does === 'gap') pipe.stream?.gap(direction);
    else endPipe(pipe);
  }
}

function openStream({ name }: Pipe, { connection }: TransportPdu, inner: StreamProtocol, { carriers }: SmbAround) {
  const { ends, client } = connection;
  const endpoint = name === null ? {} : { endpoint: endpointOf(name) };
  return carriers.open(inner, { ends, client, midstream: name === null, transport: 'ncacn_np', ...endpoint });
}

/** Nothing more goes through a pipe. */
export function endPipe(pipe: Pipe): void {
  pipe.stream?.end();
  pipe.stream = null;
}

function carriedBytes({ source, start, end }: Range, { frames, time }: TransportPdu): CarriedBytes {
  const bytes = source.bytes.subarray(start, end);
  const frame = frames[frames.length - 1];
  const pieces: Piece[] =
    source.kind === 'derived'
      ? [{ at: 0, length: bytes.length, frame, fileOffset: -1 }]
      : locate({ source, start, end }).map((piece) => ({ ...piece, at: piece.at - start }));
  return { bytes, pieces, frame, time };
}
