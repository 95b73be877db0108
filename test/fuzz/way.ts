/** The whole way of packets, in-process: streams, dissection, calls, and what every step promises. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Call } from '../../dissectors/call.js';
import { protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { CallList } from '../../src/analysis/calls.js';
import { readCapture } from '../../src/capture/open.js';
import { StateStore } from '../../src/core/context.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import type { Note } from '../../src/core/node.js';
import type { Secrets } from '../../src/security/index.js';
import { createStreams, type Streams } from '../../src/streams/index.js';
import { partitionProblems } from './partition.js';

/** A packet that outlives its reader. */
export interface RawPacket {
  readonly link: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire. */
  readonly length: number;
  readonly sec: number;
  readonly nsec: number;
}

/** All packets of a capture. */
export async function packetsOf(file: string): Promise<RawPacket[]> {
  const packets: RawPacket[] = [];
  await readCapture(file, (p) => {
    const { link, length, sec, nsec } = p;
    packets.push({ link, bytes: p.bytes.slice(p.start, p.end), length, sec, nsec });
  });
  return packets;
}

/** All packets of a capture that is not a file. */
export async function packetsIn(bytes: Uint8Array): Promise<RawPacket[]> {
  const packets: RawPacket[] = [];
  await readCapture(bytes, (p) => {
    // where it stands in the window says nothing of the packet
    packets.push({ ...p, start: 0, end: p.end - p.start, bytes: p.bytes.slice(p.start, p.end) } as RawPacket);
  });
  return packets;
}

/** Captures below a folder, also compressed ones, in the order of their names; none where there is no such folder. */
export function capturesBelow(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return capturesBelow(path);
    return /\.(pcap|pcapng|cap)(\.gz|\.zst)?$/.test(name) ? [path] : [];
  });
}

/** The folder of this project, wherever this file was compiled to. */
export const PROJECT = projectRoot();

function projectRoot(): string {
  let folder = new URL('.', import.meta.url).pathname;
  while (folder !== '/' && !existsSync(join(folder, 'package-lock.json'))) folder = dirname(folder);
  return folder;
}

/** The captures shared with the project where they are, and its own samples: each once, though it be in both. */
export function allCaptures(): string[] {
  const seen = new Set<string>();
  return [join(PROJECT, '../shared/captures'), join(PROJECT, 'samples')].flatMap(capturesBelow).filter((file) => {
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    return seen.size < seen.add(digest).size;
  });
}

export interface PassOptions {
  /** Make trees, and check them. */
  readonly record: boolean;
  readonly secrets?: Secrets | null;
  readonly limits?: Partial<Limits>;
  /** Told of each PDU, as soon as it was dissected. */
  readonly onPdu?: (pdu: Pdu) => void;
  readonly onCall?: (call: Call, number: number) => void;
  /** Whether to collect what is wrong (default) or leave checking to the caller. */
  readonly check?: boolean;
}

/** What came of a pass. */
export interface Passed {
  pdus: number;
  calls: number;
  readonly notes: Note[];
  /** Broken promises: `bug` notes, bytes in no leaf or in two. */
  readonly problems: string[];
}

/** Takes packets the whole way. Throws what the way throws, which it never should. */
export function pass(packets: Iterable<RawPacket>, options: PassOptions): Passed {
  const passed: Passed = { pdus: 0, calls: 0, notes: [], problems: [] };
  const list = new CallList((call, number) => {
    passed.calls++;
    options.onCall?.(call, number);
  }, limitsWith(options.limits));
  const protocol = protocols({ secrets: options.secrets ?? null, limits: options.limits });
  const run = protocol.start(new StateStore(), { open: (...inner) => streams.carriers.open(...inner) });
  const onPdu = (pdu: Pdu): void => {
    passed.pdus++;
    list.add(pdu);
    if (options.check !== false) for (const p of pduProblems(pdu)) passed.problems.push(p);
    options.onPdu?.(pdu);
  };
  const streams: Streams = createStreams(
    protocol,
    {
      pdu: (transport) => run.dissect(transport, options.record, onPdu),
      note: (note) => passed.notes.push(note),
      closed: (connection) => run.closed(connection),
    },
    options.limits,
  );
  const packet = {
    number: 0,
    sec: 0,
    nsec: 0,
    link: 1,
    bytes: NOTHING,
    start: 0,
    end: 0,
    length: 0,
    fileOffset: 0,
    interfaceId: 0,
    interface: null,
  };
  let fileOffset = 24;
  for (const p of packets) {
    packet.number++;
    packet.sec = p.sec;
    packet.nsec = p.nsec;
    packet.link = p.link;
    packet.bytes = p.bytes;
    packet.end = p.bytes.length;
    packet.length = p.length;
    packet.fileOffset = fileOffset + 16;
    fileOffset += 16 + p.bytes.length;
    streams.packet(packet);
  }
  streams.end();
  list.end();
  return passed;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Broken promises of one PDU. */
export function pduProblems(pdu: Pdu): string[] {
  const { recording, transport } = pdu;
  const problems = recording.notes.filter((n) => n.code === 'bug').map((n) => `bug: ${n.message}`);
  if (recording.on) problems.push(...partitionProblems(recording));
  return problems.map((p) => `frame ${transport.frames.at(-1)}: ${p}`);
}
