/**
 * Which packets are written, where one look at the capture does not tell: whole conversations of what matches, and the
 * packets of calls, whose answers come later. A pass finds out; what it keeps is a bit a packet, and four bytes where
 * conversations are asked for.
 */
import { isUrl } from '#platform';
import { NO_FIELDS } from '../../analysis/pass.js';
import type { Packet } from '../../capture/open.js';
import { safe } from '../../core/safe-text.js';
import { Conversations } from '../../engine/conversations.js';
import type { Filter } from '../../filter/index.js';
import type { IpPacket } from '../../streams/types.js';
import type { CaptureFiles, Job } from '../job.js';
import { UsageError } from '../options.js';
import { passOver, type Wants } from '../pass.js';
import { isStream } from '../stream-input.js';
import { FrameNumbers, NumberSet } from './numbers.js';

/** Whether a packet is written, by its number. */
export type Chosen = (frame: number) => boolean;

/** What is asked for. */
export interface Choice {
  readonly filter: Filter;
  /** By calls instead of frames: all packets of those with a frame that matches. */
  readonly byCall: boolean;
  /** The whole conversations of what is chosen. */
  readonly whole: boolean;
  readonly most: number | undefined;
}

/**
 * Goes through a capture to choose.
 * @throws UsageError where it cannot be read twice
 */
export async function choose(
  capture: CaptureFiles,
  job: Job,
  { filter, byCall, whole, most }: Choice,
): Promise<Chosen> {
  mustBeFile(capture);
  const frames = new NumberSet();
  const conversations = whole ? new FrameConversations(job) : null;
  const listeners: Wants = byCall
    ? {
        call: ({ request, response }, _number, matches) => {
          for (const half of matches ? [request, response] : [])
            for (const frame of half?.frames ?? []) frames.add(frame);
        },
      }
    : { frame: ({ number }) => frames.add(number) };
  const transport = conversations === null ? undefined : conversations.packet;
  const asked = byCall ? undefined : NO_FIELDS;
  let last = 0;
  const packet = ({ number }: Packet): void => {
    last = number;
  };
  await passOver(capture, job, { ...listeners, packet, transport, filter, asked, most });
  if (conversations === null) return (frame) => frames.has(frame);
  const chosen = new NumberSet();
  for (let frame = 1; frame <= last; frame++) if (frames.has(frame)) chosen.add(conversations.of(frame));
  return (frame) => frames.has(frame) || (conversations.of(frame) !== 0 && chosen.has(conversations.of(frame)));
}

/** Whether a capture can be read twice, and is the same then. */
export function isReadAgain({ files }: CaptureFiles): boolean {
  return !files.some(isStream);
}

function mustBeFile(capture: CaptureFiles): void {
  if (isReadAgain(capture)) return;
  const name = capture.name === '-' ? 'standard input' : safe(capture.name);
  const how = isUrl(capture.name) ? 'fetch it first (curl -fO)' : 'write it to a file first';
  throw new UsageError(`${name} can be read once only, and -w has to look twice for this: ${how}`);
}

const TCP = 6;

/** The conversation of each frame: numbers from 1 on, 0 where it has none. */
class FrameConversations {
  private readonly numbers = new FrameNumbers();
  private readonly conversations: Conversations;

  constructor({ limits }: Pick<Job, 'limits'>) {
    this.conversations = new Conversations(limits.flows);
  }

  readonly packet = (packet: Packet, ip: IpPacket, protocol: number): void => {
    const found = this.conversations.of(ip, protocol);
    if (found === undefined) return;
    const number = found.stream * 2 + (protocol === TCP ? 1 : 2);
    this.numbers.set(packet.number, number);
    for (const { frame } of ip.pieces ?? []) this.numbers.set(frame, number);
  };

  of(frame: number): number {
    return this.numbers.get(frame);
  }
}
