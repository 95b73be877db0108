/** The capture that the page looks at: read once for its lists, and again for whatever else is asked of it. */
import {
  type CaptureEnd,
  type CaptureInput,
  filter as compileFilter,
  type Filter,
  FilterError,
  Hosts,
  type LibraryOptions,
  type Listeners,
  listen,
  type PlainPdu,
  type Secrets,
  UnreadableInput,
} from '../../index.js';
import { CallRows } from './call-rows.js';
import { KeptPdus } from './kept-pdus.js';
import { nowAndThen, shares } from './now-and-then.js';
import { PduRows } from './pdu-rows.js';
import { isPlainCapture, RandomFile } from './random-file.js';
import { type Sealed, Sealing } from './sealing.js';
import { Texts } from './texts.js';
import { heard, Turns } from './turns.js';

/** A capture, or one of its files, of whoever served the page. */
interface ServedFile {
  readonly url: string;
  readonly size: number;
}

/** Where a capture comes from: the user's disk, or whoever served the page; its files in order where it has several. */
export type Source =
  | { readonly file: File }
  | (ServedFile & { readonly name: string; readonly parts?: readonly ServedFile[] });

/** What is known of the capture as a whole, while it is read and when it is over. */
export interface Summary {
  readonly name: string;
  /** Bytes; 0 where that is not known. */
  readonly size: number;
  /** Bytes read so far, of how many; compressed ones where they are. */
  readonly read: number;
  readonly total: number;
  readonly frames: number;
  readonly pdus: number;
  readonly calls: number;
  /** Calls that failed, and more that have no answer. */
  readonly failed: number;
  readonly unanswered: number;
  /** Seconds that reading took so far. */
  readonly seconds: number;
  readonly isOver: boolean;
  /** Hosts that the capture names so far. */
  readonly named: number;
  /** Calls that were sealed, those of them that were opened, and why others were not. */
  readonly sealed: Sealed;
  /** What was odd about the whole. */
  readonly notes: readonly string[];
  /** Why there is no more of it; null where it was read to its end. */
  readonly problem: string | null;
}

/** What a filter left, or why it is none. */
export type Filtered =
  | { readonly pdus: number; readonly calls: number }
  | { readonly error: string; readonly at: number; readonly length: number };

/** Why there is nothing to read; the page says of which file. */
function reasonOf(e: unknown): string {
  if (e instanceof UnreadableInput) return e.reason;
  return e instanceof Error ? e.message : String(e);
}

/** Notes about the whole that are kept. */
const MOST_NOTES = 200;

export class Capture {
  readonly input: CaptureInput;
  readonly file: RandomFile;
  readonly name: string;
  readonly size: number;
  private readonly texts = new Texts();
  readonly pduRows = new PduRows(this.texts);
  readonly callRows = new CallRows(this.texts);
  readonly turns = new Turns();
  /** What descriptions of PDUs are made of; none before reading began. */
  kept = new KeptPdus(null, this.texts);
  /** The filter that leaves `pdus` and `calls`; undefined where there is none. */
  filter: Filter | undefined;
  /** Rows of the PDUs and calls that are shown, in the order in which they are; null for all as they were read. */
  pdus: Uint32Array | null = null;
  calls: Uint32Array | null = null;
  private frames = 0;
  private notes: string[] = [];
  private problem: string | null = null;
  private stopped = false;
  private filters = 0;

  /**
   * @param secrets what opens what is sealed
   * @param interfaces those that the user named
   * @param hosts what hosts are called
   */
  constructor(
    source: Source,
    private readonly secrets?: Secrets,
    private readonly interfaces?: LibraryOptions['interfaces'],
    readonly hosts = new Hosts(),
  ) {
    const files = 'file' in source ? [source.file] : (source.parts ?? [source]);
    const parts = files.map((file) => ({ from: 'url' in file ? file.url : file, size: file.size }));
    this.input = parts.map(({ from }) => from);
    this.file = new RandomFile(parts);
    this.name = 'file' in source ? source.file.name : source.name;
    this.size = 'file' in source ? source.file.size : source.size;
  }

  /** How it is read. */
  get options(): LibraryOptions {
    return { secrets: this.secrets, interfaces: this.interfaces };
  }

  /** Nothing more is read of it. */
  stop(): void {
    this.stopped = true;
  }

  /** Another pass over it that somebody waits for; ends early where a listener returns false. */
  async again(listeners: Listeners, options: LibraryOptions = {}): Promise<void> {
    await this.turns.first(() => this.pass(listeners, options));
  }

  /** Another pass that gives way to those that somebody waits for, and ends early where the capture is closed. */
  behind(listeners: Listeners): Promise<CaptureEnd> {
    const ready = async (): Promise<boolean> => {
      await this.turns.turn();
      return !this.stopped;
    };
    return this.pass(listeners, {}, ready);
  }

  /**
   * One more pass.
   * @throws an error that says why there is nothing to read any more
   */
  private pass(listeners: Listeners, options: LibraryOptions, ready?: () => Promise<boolean>): Promise<CaptureEnd> {
    const control = ready === undefined ? undefined : { ready };
    return listen(this.input, listeners, { ...this.options, ...options }, control).catch((e: unknown) => {
      throw new Error(reasonOf(e));
    });
  }

  /**
   * Reads it for its lists.
   * @param tell is called now and then, and at the end
   */
  async read(tell: (summary: Summary) => void): Promise<Summary> {
    const { pduRows, callRows } = this;
    const start = performance.now();
    let [read, total] = [0, this.size];
    const sealing = new Sealing();
    const summary = (isOver: boolean): Summary => ({
      ...{ name: this.name, size: this.size, read, total, isOver, notes: this.notes, problem: this.problem },
      named: this.hosts.learned,
      sealed: sealing.sum,
      ...{ frames: this.frames, pdus: pduRows.length, calls: callRows.length },
      ...{ failed: callRows.failed, unanswered: callRows.unanswered },
      seconds: (performance.now() - start) / 1000,
    });
    const report = nowAndThen(() => tell(summary(false)));
    try {
      const isPlain = await isPlainCapture(this.file);
      this.kept = new KeptPdus(isPlain ? (...range) => this.file.read(...range) : null, this.texts);
      let plain: PlainPdu | null = null;
      const end = await listen(
        this.input,
        {
          name: ({ address, names }) => this.hosts.learn(address, names),
          begin: (time) => {
            pduRows.began = time;
          },
          plain: (next) => {
            plain = next;
          },
          pdu: (pdu) => {
            const sight = pduRows.add(pdu);
            if (plain !== null) this.kept.add(plain, sight);
            sealing.see(pdu);
            return !this.stopped;
          },
          call: (call, number) => {
            callRows.add(call, pduRows.began);
            pduRows.number(call, number);
            sealing.count(call);
          },
          note: ({ message }) => {
            if (this.notes.length < MOST_NOTES) this.notes.push(message);
          },
          progress: (...bytes) => {
            [read, total] = bytes;
            report();
          },
        },
        this.options,
      );
      this.frames = end.packets;
      this.problem = end.damage?.message ?? null;
      this.pdus = pduRows.order();
    } catch (e) {
      this.problem = reasonOf(e);
    }
    const last = summary(true);
    tell(last);
    return last;
  }

  /**
   * Leaves those PDUs and calls of which a frame matches; an empty text leaves all.
   * @param tell is told now and then which share of the capture was filtered, where that takes a while
   * @returns null where another filter was asked for meanwhile
   */
  async applyFilter(text: string, tell: (share: number) => void): Promise<Filtered | null> {
    const { pduRows, callRows } = this;
    const asked = ++this.filters;
    const isWanted = (): boolean => asked === this.filters && !this.stopped;
    if (text.trim() === '') {
      this.filter = undefined;
      this.pdus = pduRows.order();
      this.calls = null;
      return { pdus: pduRows.length, calls: callRows.length };
    }
    let compiled: Filter;
    try {
      compiled = compileFilter(text);
    } catch (e) {
      if (!(e instanceof FilterError)) throw e;
      return { error: e.reason, at: e.position, length: e.length };
    }
    const pdus = await this.matches(compiled, isWanted, tell);
    if (!isWanted()) return null;
    this.filter = compiled;
    this.pdus = pdus;
    this.calls = pduRows.callsOf(pdus);
    return { pdus: pdus.length, calls: this.calls.length };
  }

  /**
   * Places of the PDUs of which a frame matches.
   * @param isWanted is asked now and then; when it says no, some are missing
   */
  async matches(filter: Filter, isWanted = () => true, tell: (share: number) => void = () => {}): Promise<Uint32Array> {
    return this.pduRows.match(filter) ?? (await this.matching(filter, isWanted, tell));
  }

  /** Places of the PDUs that a pass with a filter shows; it ends early where they are not wanted any more. */
  private async matching(filter: Filter, isWanted: () => boolean, tell: (share: number) => void): Promise<Uint32Array> {
    const { pduRows } = this;
    const frames = new Uint8Array(this.frames + 1);
    const listeners: Listeners = {
      shown({ transport }) {
        frames[transport.frames[transport.frames.length - 1]] = 1;
      },
      progress: shares(tell),
    };
    const ready = async (): Promise<boolean> => {
      await heard();
      return isWanted();
    };
    await this.turns.first(() => this.pass(listeners, { filter }, ready));
    return pduRows.inOrder().filter((at) => frames[pduRows.frameOf(at)] === 1);
  }
}
