/** Makes the layers of packets: those of the packet at hand, of the fields that are asked for, or of one that is kept. */
import type { CaptureInterface, Packet } from '../capture/open.js';
import { packetComments } from '../capture/pcapng/metadata.js';
import type { Time } from '../core/context.js';
import type { HeaderKind } from '../core/headers/layer.js';
import { DEFAULT_LIMITS, type Limits, limitsWith } from '../core/limits.js';
import type { Field, Node } from '../core/node.js';
import { Recording, type Sieve } from '../core/recording.js';
import type { StreamEvents } from '../streams/index.js';
import { type Conversation, Conversations } from './conversations.js';

type LayerPacket = Pick<
  Packet,
  'number' | 'sec' | 'nsec' | 'link' | 'bytes' | 'length' | 'front' | 'fileOffset' | 'custom'
>;

/** A datagram or frame that a packet completed: from behind its headers on, as captured, its length as sent, what it is. */
interface WholeDatagram {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly layer: HeaderKind | null;
}

/** What a packet's own bytes do not tell; of conversations and datagrams several, where there are tunnels. */
interface LayerContext {
  /** When the first and the previous packet were captured. */
  readonly first: Time;
  readonly previous: Time;
  readonly interfaceId?: number | undefined;
  readonly interface?: CaptureInterface | undefined;
  /** What the capture says of the packet. */
  readonly comments?: readonly string[];
  /** Those of its transport headers, in order; undefined where one is not followed. */
  readonly conversations: readonly (Conversation | undefined)[];
  /** The datagrams that it completed, in order. */
  readonly wholes: readonly WholeDatagram[];
}

/** Makes the layers of a packet (`dissectFrame` of dissectors/link/frame.ts). */
export interface DissectLayers {
  (packet: LayerPacket, recording: Recording, context: LayerContext): void;
  /** Fields that are as they should be only where conversations are followed; all, where they are not told. */
  readonly followed?: readonly Field[];
  /** Adds the protocols of a whole frame (`PROTOCOLS`) to its own tree, which is the first of `roots`. */
  readonly tellProtocols?: (roots: readonly (readonly Node[])[]) => void;
}

/** The layers of one packet after the other: `begin`, then the streams' `transport`, then `made`. */
export class FrameLayers {
  private readonly followed: Conversations | null;
  private first: Time | null = null;
  private previous: Time | null = null;
  private packet: Packet | null = null;
  private time: Time | null = null;
  private conversations: (Conversation | undefined)[] = [];
  private wholes: WholeDatagram[] = [];

  /** @param asked who will ask for leaves, where not all are wanted */
  constructor(
    private readonly dissect: DissectLayers,
    asked: readonly Sieve[] | undefined,
    limits: Partial<Limits> = {},
  ) {
    const { followed } = dissect;
    const follows = asked === undefined || followed === undefined || asked.some((sieve) => sieve.wantsAny(followed));
    this.followed = !follows ? null : new Conversations(limitsWith(limits).flows);
  }

  /** Takes a packet. */
  begin(packet: Packet): void {
    this.previous = this.time;
    this.time = { sec: packet.sec, nsec: packet.nsec };
    this.first ??= this.time;
    this.packet = packet;
    this.conversations = [];
    this.wholes = [];
  }

  /** The packet's transport. */
  readonly transport: NonNullable<StreamEvents['transport']> = (packet, ip, protocol) => {
    // datagrams that are given up come as packets of their own, and complete none
    if (this.packet !== packet) return;
    this.conversations.push(this.followed?.of(ip, protocol));
  };

  /** A datagram that the packet completed. */
  readonly whole: NonNullable<StreamEvents['whole']> = (packet, ip, layer) => {
    if (this.packet !== packet) return;
    const bytes = ip.bytes.subarray(ip.start, ip.captured);
    this.wholes.push({ bytes, length: ip.end - ip.start, layer });
  };

  /** Those of a custom block, valid as long as that is: the packets around it are not concerned. */
  ofCustom({ bytes, start, end, ...block }: Packet): Layers {
    const time = { sec: block.sec, nsec: block.nsec };
    const context = { conversations: [], wholes: [], first: time, previous: time };
    return new Layers(this.dissect, { ...block, bytes: bytes.subarray(start, end) }, context);
  }

  /** The layers of the packet, as far as its transport is known by now; valid as long as the packet is. */
  of(packet: Packet): Layers {
    const { number, sec, nsec, link, bytes, start, end, length, front, fileOffset, interface: named } = packet;
    const time = this.time ?? { sec, nsec };
    const own = { number, sec, nsec, link, bytes: bytes.subarray(start, end), length, front, fileOffset };
    const { conversations, wholes, first, previous } = this;
    return new Layers(this.dissect, own, {
      conversations,
      wholes,
      first: first ?? time,
      previous: previous ?? time,
      interfaceId: named?.id,
      interface: named ?? undefined,
      comments: packetComments(packet),
    });
  }
}

/** The layers of one packet, made when they are asked for. */
export class Layers {
  private made: readonly Node[] | null = null;
  private sieve: Sieve | null = null;

  constructor(
    private readonly dissect: DissectLayers,
    private readonly packet: LayerPacket,
    private readonly context: LayerContext,
  ) {}

  /** Their trees, with leaves for what the sieve lets through. */
  nodes(sieve: Sieve | null): readonly Node[] {
    if (this.made !== null && this.sieve === sieve) return this.made;
    const recording = new Recording(true, DEFAULT_LIMITS, sieve);
    this.dissect(this.packet, recording, this.context);
    this.sieve = sieve;
    this.made = recording.roots;
    return this.made;
  }

  /** Adds what the frame is made of, with its PDUs. */
  tellProtocols(roots: readonly (readonly Node[])[]): void {
    this.dissect.tellProtocols?.(roots);
  }

  /** The same layers, on a copy of the packet's bytes: those are the reader's again once the packet is over. */
  kept(): Layers {
    const wholes = this.context.wholes.map((whole) => ({ ...whole, bytes: whole.bytes.slice() }));
    const packet = { ...this.packet, bytes: this.packet.bytes.slice() };
    return new Layers(this.dissect, packet, { ...this.context, wholes });
  }
}
