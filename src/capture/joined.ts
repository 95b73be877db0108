/**
 * Several files of one capture point, one after the other, as one capture: packets are counted on, an interface that
 * the next file describes in the same way is the same one, and what is damaged in one file takes nothing from the next.
 */
import { type Limits, limitMessage, limitsWith } from '../core/limits.js';
import { inputName, inputSize, type OneInput } from './input.js';
import {
  type CaptureEnd,
  type CaptureInterface,
  type Damage,
  emptyEnd,
  type OnPacket,
  type Packet,
  type ReadOptions,
  UnreadableInput,
} from './packet.js';

/** Interfaces of one capture; more are not described. */
const MAX_INTERFACES = 65536;

/** Reads one of the files. */
type Read = (input: OneInput, onPacket: OnPacket, options: ReadOptions) => Promise<CaptureEnd>;

/**
 * Reads files in the order given.
 * @returns what all of them held; damage names its file
 * @throws UnreadableInput where there is nothing to read in any of them
 */
export async function readJoined(
  inputs: readonly OneInput[],
  read: Read,
  onPacket: OnPacket,
  { onFile, onProgress, onCustom, ready, ...options }: ReadOptions,
): Promise<CaptureEnd> {
  const all = new Joined(limitsWith(options.limits));
  const sizes = await Promise.all(inputs.map(inputSize));
  const total = sizes.includes(0) ? 0 : sizes.reduce((sum, size) => sum + size, 0);
  let going = true;
  let taken = 0;
  for (const [at, input] of inputs.entries()) {
    const name = inputName(input);
    const { packets: before, bytes: behind } = all.end;
    all.begin(name);
    let hasBegun = false;
    const onNext = (packet: Packet, hear = onPacket): boolean => {
      const { number, interfaceId } = packet;
      packet.number = before + number;
      packet.fileOffset += behind;
      if (packet.interface !== null) {
        packet.interface = all.interfaceOf(packet.interface, interfaceId);
        packet.interfaceId = packet.interface.id;
      }
      if (!hasBegun) onFile?.(name, packet.number);
      hasBegun = true;
      if (hear(packet) === false) going = false;
      // the reader counts on with its own
      packet.number = number;
      return going;
    };
    const custom = onCustom && ((packet: Packet) => onNext(packet, onCustom));
    const asked = ready && (async () => (going = going && (await ready())));
    const progress = onProgress && ((bytes: number) => onProgress(taken + bytes, total));
    try {
      const own = { ...options, onCustom: custom, ready: asked, onProgress: progress };
      all.add(await read(input, (packet) => onNext(packet), own));
    } catch (e) {
      if (!(e instanceof UnreadableInput)) throw e;
      all.unreadable(e);
    }
    taken += sizes[at];
    if (!going || options.signal?.aborted === true) break;
  }
  return all.whole();
}

/** What all files held. */
class Joined {
  readonly end = emptyEnd('');
  private readonly formats = new Set<string>();
  private readonly damages: Damage[] = [];
  private readonly failures: UnreadableInput[] = [];
  /** Interfaces by what is said of them and their place in their file: their numbers in the whole. */
  private readonly known = new Map<string, number>();
  /** How many interfaces the files before this one had, and this one's as the whole numbers them. */
  private base = 0;
  private own: CaptureInterface[] = [];
  private kept = 0;
  private readonly told = new Set<string>();
  private name = '';

  constructor(private readonly limits: Limits) {}

  /** The next file begins. */
  begin(name: string): void {
    this.name = name;
    this.base = this.end.interfaces.length;
    this.own = [];
  }

  /** An interface that has the number `id` in its file, as the whole numbers it: as one section that mergecap writes. */
  interfaceOf(one: CaptureInterface, id: number): CaptureInterface {
    this.own[id] ??= { ...one, id: this.known.get(keyOf(one, id)) ?? this.base + id };
    return this.own[id];
  }

  /** The file was read to its end. */
  add(end: CaptureEnd): void {
    const { end: all } = this;
    all.packets += end.packets;
    all.bytes += end.bytes;
    this.formats.add(end.format);
    for (const link of end.linkTypes) if (!all.linkTypes.includes(link)) all.linkTypes.push(link);
    if (end.damage !== null) this.damages.push({ file: this.name, ...end.damage });
    const own = end.interfaces.map((one, id) => this.interfaceOf(one, id));
    // where one is new, all stand there once more: their numbers are told by their places
    if (own.some(({ id }) => id >= this.base) && this.base + own.length <= MAX_INTERFACES) {
      all.interfaces.push(...own);
      for (const [at, one] of end.interfaces.entries()) this.known.set(keyOf(one, at), own[at].id);
    }
    this.keep(all.comments, end.comments, (text) => text.length);
    this.keep(all.names, end.names, ({ names }) => names.join().length);
    this.keep(all.secrets, end.secrets, ({ bytes }) => bytes.length);
    const statistics = end.statistics.map((one) => ({ ...one, interfaceId: own[one.interfaceId].id }));
    this.keep(all.statistics, statistics, () => 64);
    for (const note of end.notes) this.note(note.code, note.message);
  }

  /** There was nothing to read in the file. */
  unreadable(e: UnreadableInput): void {
    this.failures.push(e);
    this.damages.push({ file: this.name, offset: e.offset ?? 0, message: e.reason });
  }

  /** What came of all. */
  whole(): CaptureEnd {
    const { end, damages, failures } = this;
    if (this.formats.size === 0) throw failures[0] ?? new UnreadableInput('input', 'it is a list of no files', null);
    end.format = [...this.formats].join('; ');
    end.damage = damages.find(({ isUnread }) => isUnread) ?? damages[0] ?? null;
    for (const damage of damages)
      if (damage !== end.damage) this.note('damage', `${damage.file}: byte ${damage.offset}: ${damage.message}`);
    return end;
  }

  /** Keeps what there is room for in one capture. */
  private keep<T>(all: T[], more: readonly T[], size: (one: T) => number): void {
    for (const one of more) {
      this.kept += size(one) + 64;
      if (this.kept <= this.limits.metadata) all.push(one);
      else this.note('limit', limitMessage('metadata', this.limits));
    }
  }

  /** Says something, once. */
  private note(code: string, message: string): void {
    if (!this.told.has(message)) this.end.notes.push({ code, message, offset: null, source: null });
    this.told.add(message);
  }
}

function keyOf({ link, snapLength, name, description }: CaptureInterface, id: number): string {
  return JSON.stringify([id, link, snapLength, name, description]);
}
