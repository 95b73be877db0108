/** Commands that print captures as they read them: a table of formats, each a printer. */
import type { CaptureEnd } from '../capture/open.js';
import { Hosts } from '../core/hosts.js';
import type { Filter } from '../filter/index.js';
import type { Job, Work } from './job.js';
import { type PrintingOptions, UsageError } from './options.js';
import type { Independent } from './parallel/pieces.js';
import { passOver, type Wants } from './pass.js';
import { runJob } from './run.js';

/** Prints what a command finds, in one format. */
export interface Printer {
  /** In front of the output of all captures. */
  readonly head?: string;
  /** Behind it. */
  readonly tail?: () => string;
  /**
   * Starts on a capture: what is wanted of it.
   * @param hosts learns what it calls hosts, while it is read
   */
  capture(name: string, hosts: Hosts): Printing;
}

/** What is printed of one capture: while it is read, and once it was. */
export interface Printing extends Wants {
  readonly done?: (end: CaptureEnd) => unknown;
}

/** A command that prints in one of several formats, by the names that `-T` takes. */
export interface PrintingCommand {
  readonly name: string;
  readonly formats: Readonly<Record<string, (job: Job, options: PrintingOptions) => Printer>>;
  /** Refuses options that do not go together. */
  check?(options: PrintingOptions): void;
}

/**
 * The entry of a table of formats.
 * @param says what the command does with them, for the message: `calls prints -T`
 * @throws UsageError where there is none of that name
 */
export function formatOf<T>(formats: Readonly<Record<string, T>>, name: string, says: string): T {
  if (Object.hasOwn(formats, name)) return formats[name];
  const names = Object.keys(formats);
  throw new UsageError(`${says} ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, not ${JSON.stringify(name)}`);
}

/** Options that mean nothing where no packets are written. */
const OF_WRITING = [
  ['F', '-F'],
  ['whole', '--whole'],
  ['comment', '--comment'],
  ['decrypted', '--decrypted'],
] as const;

/** What a printing command does with each capture. */
export function printing(command: PrintingCommand, options: PrintingOptions): Work {
  let printer: Printer;
  let filter: Filter | undefined;
  return {
    picks: options.Y !== undefined,
    begin(job) {
      const make = formatOf(command.formats, options.T, `${command.name} prints -T`);
      command.check?.(options);
      for (const [name, option] of OF_WRITING)
        if (options[name] !== undefined) throw new UsageError(`${option} goes with -w`);
      printer = make(job, options);
      // a byte order mark is ours
      if (printer.head !== undefined) job.out.copy(Buffer.from(printer.head, 'utf8'));
    },
    async each(capture, job, progress) {
      if (options.Y !== undefined) filter ??= await compiled(options.Y, job);
      const hosts = new Hosts(job.hosts);
      const { done, ...wants } = printer.capture(capture.name, hosts);
      const most = options.c === undefined ? undefined : Number(options.c);
      const end = await passOver(capture, job, { ...wants, hosts, live: true, filter, most, progress });
      done?.(end);
      return end;
    },
    end(job) {
      if (printer.tail !== undefined) job.out.write(printer.tail());
    },
  };
}

/** Runs a command whose printers remember nothing from one capture to the next: each may be read by another thread. */
export async function runIndependent(
  command: PrintingCommand & { readonly name: Independent },
  files: string[],
  options: PrintingOptions,
): Promise<void> {
  const { w } = options;
  if (w !== undefined) {
    const { writing } = await import('./write/write.js');
    return runJob(files, options, writing(command, w, options));
  }
  return runJob(files, options, printing(command, options), { command: command.name, options });
}

/** Filters are seldom wanted, and take their time to load. */
export async function compiled(text: string, { interfaces }: Job): Promise<Filter> {
  const [{ compileFilter }, { knownFields }] = await Promise.all([
    import('../filter/index.js'),
    import('../known-fields.js'),
  ]);
  return compileFilter(text, knownFields(interfaces));
}
