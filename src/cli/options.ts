/** Options and exit codes that commands share. Light: it is loaded before anybody knows which command will run. */
import { type Command, Option } from 'commander';
import { UserError } from '../core/user-error.js';
import type { ColorChoice } from '../output/terminal.js';

/** Options of commands that know interfaces. */
export interface OwnOptions {
  dissector?: string[];
  idl?: string[];
  registry?: string[];
}

/** How files are put together: those of one capture point as their names and times tell, all of them, or none. */
export type Grouping = 'auto' | 'all' | 'none';

/** Options that all such commands have. */
export interface CommonOptions extends OwnOptions {
  r?: string[];
  color: ColorChoice;
  secrets?: string[];
  port?: string[];
  decodeAs?: string[];
  names?: string;
  quiet?: boolean;
  full?: boolean;
  progress?: boolean;
  jobs?: number;
  group?: Grouping;
  limit?: string[];
  l?: boolean;
}

/** Options of `export`. */
export interface ExportOptions extends CommonOptions {
  o: string;
  format: string;
  /** Of a query alone: a capture may change while it is read, and its part is called by what it was. */
  mayChange?: boolean;
  /** Of a query alone: what messages call the folder, which nobody named. */
  called?: string;
}

/** Options of `submit`: those that a job carries to whoever does it, and how files become jobs. */
export interface SubmitOptions
  extends Pick<CommonOptions, 'r' | 'port' | 'decodeAs' | 'full' | 'limit' | 'group' | 'quiet'> {
  queue: string;
  o: string;
  format: string;
}

/** Options of `work`: what does not travel with jobs. */
export interface WorkOptions extends OwnOptions, Pick<CommonOptions, 'secrets' | 'jobs' | 'quiet'> {
  queue: string;
  untilEmpty?: true;
}

/** Options of `queue`. */
export interface QueueOptions {
  queue: string;
  watch?: true;
  T: string;
}

/** Options of `query`. */
export interface QueryOptions extends CommonOptions {
  T: string;
  o?: string;
  ask?: string;
  list?: true;
}

/** Exit codes that other programs rely on. */
export const Exit = { done: 0, found: 1, usage: 2, damaged: 3, interrupted: 130 } as const;

/** A mistake of the user's: message on standard error, exit code 2. */
export class UsageError extends UserError {}

/** Whether a text is the number of a port. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

/** Help of `--registry`. */
export const REGISTRY_HELP = 'classes and interfaces by name: UUID and name a line, JSON, or a .reg export';

/** Help of `--quiet`. */
export const QUIET_HELP = 'no messages about odd things on standard error';

/** Help of `--limit`, which `nrbf` has too. */
export const LIMIT_HELP = 'move a bound, as --limit open-calls=64K (repeat for more; a wrong NAME lists them all)';

/** Adds the options that `runJob` understands. */
export function commonOptions(command: Command): Command {
  const reading = inputOptions(
    namingOptions(ownOptions(command)),
    'captures, folders of captures, addresses (https://…), or - for standard input',
  );
  return jobsOption(rowOptions(secretsOption(reading)), 'several files')
    .option('-q, --quiet', QUIET_HELP)
    .option('--color <WHEN>', 'auto, always or never', colorChoice, 'auto')
    .option('--progress', 'show a progress bar on standard error')
    .option('--no-progress', 'show none');
}

/**
 * Adds what captures are named by.
 * @param what may be named
 */
export function inputOptions(command: Command, what: string): Command {
  return groupOption(command.argument('[FILE...]', what)).option('-r <FILE>', 'same as FILE', collect);
}

/** Adds `--secrets`. */
export function secretsOption(command: Command): Command {
  return command.option(
    '--secrets <FILE>',
    'accounts, keytabs and keys (JSON) that open sealed traffic, or a keytab',
    collect,
  );
}

/** Adds the options, beside secrets and interfaces of the user's own, on which it depends what is read out of a capture. */
export function rowOptions(command: Command): Command {
  return command
    .option('--port <N[=dcerpc]>', 'take a port for DCE/RPC even where it does not look like it', collect)
    .option('--decode-as <KEY=IID>', 'take a context id or an IPID for an interface (UUID or name)', collect)
    .option('--full', 'never shorten a value in JSON')
    .option('--limit <NAME=N>', LIMIT_HELP, collect);
}

/**
 * Adds `--jobs`.
 * @param what is read at the same time
 */
export function jobsOption(command: Command, what: string): Command {
  return command.option('--jobs <N>', `threads for ${what}; one a core where that is worth it`, jobsChoice);
}

/** Adds the options of whatever speaks with the queue. */
export function queueOptions(command: Command): Command {
  return command.addOption(
    new Option('--queue <URL>', 'redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS; Valkey as well')
      .env('CLRSCOPE_QUEUE')
      .makeOptionMandatory(),
  );
}

/** Adds the options that say what hosts, classes and interfaces are called. */
export function namingOptions(command: Command): Command {
  return command
    .option(
      '--names <FILE>',
      'hosts by name: lines of an address and a name, as /etc/hosts, or a pcapng file that has names',
    )
    .option('--registry <FILE>', REGISTRY_HELP, collect);
}

/** Adds `--group`, which all commands have that read captures. */
export function groupOption(command: Command): Command {
  return command.option(
    '--group <HOW>',
    'files read as one: auto (of one capture point, the default), all or none',
    groupingChoice,
  );
}

/** Adds the options of `-w`, which commands have that show packets or what came of them. */
export function writingOptions(command: Command): Command {
  return command
    .option('-w <FILE>', 'write the packets that the filter leaves, as pcapng; - for standard output')
    .option('-F <FORMAT>', 'with -w: pcapng or pcap')
    .option('--whole', 'with -w: whole conversations of what the filter leaves')
    .option('--comment', 'with -w: what clrscope says of PDUs, as packet comments')
    .addOption(
      new Option(
        '--decrypted [HOW]',
        'with -w: PDUs as they are without sealing: pdu, each by itself (default), or tcp, connections made for them',
      ).preset('pdu'),
    );
}

/** Adds the options that interfaces of the user's own are named by. */
export function ownOptions(command: Command): Command {
  return command
    .option('--idl <FILE>', 'interfaces declared in an IDL file (repeat for more)', collect)
    .option('--dissector <FILE>', 'interfaces out of a JavaScript module, which is run (repeat for more)', collect);
}

/** An option that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function jobsChoice(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new UsageError(`--jobs takes a number from 1 to 9999, not ${JSON.stringify(text)}`);
  return Number(text);
}

function groupingChoice(text: string): Grouping {
  if (text === 'auto' || text === 'all' || text === 'none') return text;
  throw new UsageError(`--group takes auto, all or none, not ${JSON.stringify(text)}`);
}

function colorChoice(text: string): ColorChoice {
  if (text === 'auto' || text === 'always' || text === 'never') return text;
  throw new UsageError(`--color takes auto, always or never, not ${JSON.stringify(text)}`);
}

/** Options of commands that print captures; `main.ts` says which command takes which. */
export interface PrintingOptions extends CommonOptions {
  T: string;
  Y?: string;
  c?: string;
  e?: string[];
  E?: string[];
  V?: boolean;
  x?: boolean;
  w?: string;
  F?: string;
  whole?: boolean;
  comment?: boolean;
  decrypted?: string;
  /** `-P`: lines beside `-w`, where without it they always are. */
  print?: boolean;
  t?: string;
}
