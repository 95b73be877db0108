/** Makes the layers of each packet once its transport is known to the streams. */
import type { CaptureInterface, Packet } from '../capture/open.js';
import type { Time } from '../core/context.js';
import { type Limits, limitsWith } from '../core/limits.js';
import type { Node } from '../core/node.js';
import { Recording } from '../core/recording.js';
import type { StreamEvents } from '../streams/index.js';
import { type Conversation, Conversations } from './conversations.js';

type LayerPacket = Pick<Packet, 'number' | 'sec' | 'nsec' | 'link' | 'bytes' | 'length' | 'fileOffset'>;

/** What a packet's own bytes do not tell. */
interface LayerContext extends Partial<Conversation> {
  /** When the first and the previous packet were captured. */
  readonly first: Time;
  readonly previous: Time;
  readonly interfaceId?: number;
  readonly interface?: CaptureInterface;
  /** The datagram that this packet completed: from its transport header on, as captured, and its length as sent. */
  readonly reassembled?: { readonly bytes: Uint8Array; readonly length: number; readonly protocol: number } | undefined;
}

/** Makes the layers of a packet (`dissectFrame` of dissectors/link/frame.ts). */
export type DissectLayers = (packet: LayerPacket, recording: Recording, context: LayerContext) => void;

/** The layers of one packet after the other: `begin`, then the streams' `transport`, then `finish`. */
export class FrameLayers {
  private readonly conversations: Conversations;
  private first: Time | null = null;
  private previous: Time | null = null;
  private open: { readonly packet: Packet; readonly recording: Recording; readonly bytes: Uint8Array } | null = null;
  private conversation: Conversation | undefined;
  private reassembled: LayerContext['reassembled'];

  constructor(
    private readonly dissect: DissectLayers,
    limits: Partial<Limits> = {},
  ) {
    this.conversations = new Conversations(limitsWith(limits).flows);
  }

  /** Takes a packet; the nodes that it returns are there after `finish`. */
  begin(packet: Packet): Node[] {
    const recording = new Recording(true);
    // a copy: the packet's bytes are the reader's again once this packet is over
    this.open = { packet, recording, bytes: packet.bytes.slice(packet.start, packet.end) };
    this.conversation = undefined;
    this.reassembled = undefined;
    return recording.roots;
  }

  /** The packet's transport. */
  readonly transport: NonNullable<StreamEvents['transport']> = (packet, ip, protocol) => {
    // datagrams that are given up come as packets of their own, and complete none
    if (this.open?.packet !== packet) return;
    this.conversation = this.conversations.of(ip, protocol);
    if (ip.pieces === null) return;
    const bytes = ip.bytes.subarray(ip.start, ip.captured);
    this.reassembled = { bytes, length: ip.end - ip.start, protocol };
  };

  /** The packet is over, and nothing more is learnt about it. */
  finish(): void {
    if (this.open === null) return;
    const { packet, recording, bytes } = this.open;
    this.open = null;
    const { number, sec, nsec, link, length, fileOffset } = packet;
    const time = { sec, nsec };
    this.first ??= time;
    const known = packet.interface === null ? {} : { interfaceId: packet.interfaceId, interface: packet.interface };
    this.dissect({ number, sec, nsec, link, bytes, length, fileOffset }, recording, {
      ...this.conversation,
      ...known,
      first: this.first,
      previous: this.previous ?? time,
      reassembled: this.reassembled,
    });
    this.previous = time;
  }
}
