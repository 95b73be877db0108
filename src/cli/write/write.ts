/**
 * `-w`: packets as they were captured, those that the filter leaves. Without a filter the capture is copied, and frames
 * that match go on as soon as they do; what needs another pass is in choice.ts and comments.ts.
 */
import type { Pdu } from '../../../dissectors/pdu.js';
import { NO_FIELDS } from '../../analysis/pass.js';
import { type CaptureEnd, type OnPacket, readCapture } from '../../capture/open.js';
import { Hosts } from '../../core/hosts.js';
import type { Filter } from '../../filter/index.js';
import type { CaptureFiles, Job, Work } from '../job.js';
import { type PrintingOptions, UsageError } from '../options.js';
import { passOver, type Wants } from '../pass.js';
import { compiled, formatOf, type Printer, type PrintingCommand } from '../printer.js';
import { type Chosen, choose, isReadAgain } from './choice.js';
import { commentsOf, type Findings, findingsOf } from './comments.js';
import { ClearWriter, type Decrypted } from './decrypted.js';
import { PacketFile, type PacketFormat } from './packet-file.js';
import { PacketQueue } from './queue.js';

const DECRYPTED: Readonly<Record<string, Decrypted>> = { pdu: 'pdu', tcp: 'tcp' };
const FORMATS: Readonly<Record<string, PacketFormat>> = { pcapng: 'pcapng', pcap: 'pcap' };

const NO_FINDINGS: Findings = new Map();

/** Where there is no filter. */
const ALL: Chosen = () => true;

/**
 * What a command does with each capture where packets are written.
 * @param target where to: a file, or `-`
 */
export function writing(command: PrintingCommand, target: string, options: PrintingOptions): Work {
  const { whole = false, comment = false } = options;
  const most = options.c === undefined ? undefined : Number(options.c);
  const byCall = command.name === 'calls';
  let file: PacketFile;
  let clear: ClearWriter | null = null;
  let printer: Printer | null = null;
  let filter: Filter | undefined;
  return {
    picks: options.Y !== undefined,
    begin(job) {
      const make = formatOf(command.formats, options.T, `${command.name} prints -T`);
      command.check?.(options);
      const format = formatOf(FORMATS, options.F ?? 'pcapng', '-w writes -F');
      if (comment && format === 'pcap') throw new UsageError('--comment: pcap has no comments; leave out -F pcap');
      file = new PacketFile(target, format, job);
      if (options.decrypted !== undefined)
        clear = new ClearWriter(formatOf(DECRYPTED, options.decrypted, '-w writes --decrypted as'), file);
      // as tshark does: beside a capture, only a format that was asked for is printed
      if (target !== '-' && (options.T !== 'text' || options.x === true || options.print === true))
        printer = make(job, options);
      if (printer?.head !== undefined) job.out.copy(Buffer.from(printer.head, 'utf8'));
    },
    async each(capture, job, progress) {
      if (options.Y !== undefined) filter ??= await compiled(options.Y, job);
      const hosts = new Hosts(job.hosts);
      const printed = printer?.capture(capture.name, hosts);
      const dissects = comment || printed !== undefined || clear !== null;
      const quiet = unheard(job);
      let chosen: Chosen | null = filter === undefined ? ALL : null;
      if (filter !== undefined && (byCall || whole))
        chosen = await choose(capture, dissects ? quiet : job, { filter, byCall, whole, most });
      // what comes of a capture is known at its end: of a pipe, comments say what PDUs do alone
      const findings = !comment ? undefined : isReadAgain(capture) ? await findingsOf(capture, quiet) : NO_FINDINGS;
      file.begin();
      if (chosen !== null && !dissects) return copy(capture, job, { file, chosen, most, progress });
      const writes = clear === null ? writers(file, chosen, findings) : clearWriters(clear, chosen, findings);
      const wants = both(printed, writes);
      const pass = passOver(capture, job, { ...wants, hosts, live: true, filter, most, progress });
      const end = await pass.finally(() => clear?.end());
      printed?.done?.(end);
      return end;
    },
    flush: () => file?.flush(),
    end(job) {
      if (printer?.tail !== undefined) job.out.write(printer.tail());
      file.close();
      const say = (code: string, message: string): void =>
        job.note(`-w ${target}`, { code, message, offset: null, source: null });
      const n = file.secrets;
      if (n > 0)
        say(
          'secrets-left-out',
          `${n} ${n === 1 ? 'block' : 'blocks'} of decryption secrets left out: what is handed on holds no keys`,
        );
      const sealed = clear?.sealed ?? 0;
      const advice = job.secrets === null ? ': --secrets FILE opens what is sealed' : '';
      if (sealed > 0) say('sealed', `${sealed} ${sealed === 1 ? 'PDU stays' : 'PDUs stay'} sealed${advice}`);
    },
  };
}

/** How a capture is copied that need not be looked into. */
interface Copying {
  readonly file: PacketFile;
  readonly chosen: Chosen;
  readonly most: number | undefined;
  readonly progress: ((read: number, total: number) => void) | undefined;
}

function copy({ files }: CaptureFiles, job: Job, { file, chosen, most, progress }: Copying): Promise<CaptureEnd> {
  const { limits, signal } = job;
  const onPacket: OnPacket = (packet) => {
    if (chosen(packet.number)) file.packet(packet);
    return !job.interrupted && packet.number !== most;
  };
  return readCapture(files, onPacket, { onBlock: (block) => file.block(block), onProgress: progress, limits, signal });
}

/**
 * What a pass tells the file.
 * @param chosen null where the filter of the pass chooses
 * @param findings given where packets get comments
 */
function writers(file: PacketFile, chosen: Chosen | null, findings: Findings | undefined): Wants {
  const matching = new Set<number>();
  const comments = new Map<number, string[]>();
  let decided = 0;
  const queue = new PacketQueue(file, (packet) => {
    const { number } = packet;
    const isWanted = chosen === null ? matching.delete(number) : chosen(number);
    const said = comments.get(number) ?? [];
    comments.delete(number);
    if (isWanted) file.packet(packet, [...said, ...(findings?.get(number) ?? [])]);
  });
  return {
    asked: NO_FIELDS,
    packet: (packet) => queue.packet(packet),
    block: (block) => queue.block(block),
    pdu(pdu) {
      const frame = frameOf(pdu);
      // of a frame that is written already nothing more can be said
      if (findings !== undefined && frame > decided)
        comments.set(frame, [...(comments.get(frame) ?? []), ...commentsOf(pdu)]);
    },
    frame: ({ number, late }) => {
      if (chosen === null && !late) matching.add(number);
    },
    handed(upTo) {
      decided = upTo;
      queue.decided(upTo);
    },
  };
}

/** What a pass tells the file of clear PDUs: those of frames that match, or of chosen ones. */
function clearWriters(clear: ClearWriter, chosen: Chosen | null, findings: Findings | undefined): Wants {
  const write = (pdu: Pdu): void => {
    const found = findings?.get(frameOf(pdu)) ?? [];
    clear.pdu(pdu, findings === undefined ? [] : [...commentsOf(pdu), ...found]);
  };
  if (chosen === null || chosen === ALL) return { shown: write };
  return {
    pdu(pdu) {
      if (chosen(frameOf(pdu))) write(pdu);
    },
  };
}

/** The frame that completed a PDU. */
function frameOf({ transport }: Pdu): number {
  return transport.frames.at(-1) ?? 0;
}

/** What two want of a pass: what is printed, and what is written. */
function both(printed: Wants | undefined, written: Wants): Wants {
  if (printed === undefined) return written;
  const asked = printed.frame === undefined ? written.asked : printed.asked;
  return {
    ...written,
    ...printed,
    asked,
    callsAlone: false,
    pdu: each(printed.pdu, written.pdu),
    frame: each(printed.frame, written.frame),
    shown: each(printed.shown, written.shown),
  };
}

type Listener<T extends unknown[]> = ((...what: T) => unknown) | undefined;

function each<T extends unknown[]>(one: Listener<T>, other: Listener<T>): Listener<T> {
  if (one === undefined || other === undefined) return one ?? other;
  return (...what: T): boolean => {
    const goesOn = one(...what) !== false;
    return other(...what) !== false && goesOn;
  };
}

/** A job whose odd things were said, or will be. */
function unheard(job: Job): Job {
  return {
    ...job,
    get interrupted() {
      return job.interrupted;
    },
    note() {},
  };
}
