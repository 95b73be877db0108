/** The program: commands and their options. What a command does is loaded when it is called. */
import { Command, CommanderError } from 'commander';
import { safeLines } from '../core/safe-text.js';
import type { AuditOptions } from './audit.js';
import { commandFirst } from './command-line.js';
import type { EncodeOptions } from './encode.js';
import type { FieldsCommandOptions } from './fields.js';
import type { FollowOptions } from './follow.js';
import { tsharkHabits } from './habits.js';
import type { InterfacesOptions } from './interfaces.js';
import { fail } from './messages.js';
import type {
  ExportOptions,
  PrintingOptions,
  QueryOptions,
  QueueOptions,
  SubmitOptions,
  WorkOptions,
} from './options.js';
import {
  collect,
  commonOptions,
  Exit,
  groupOption,
  inputOptions,
  jobsOption,
  namingOptions,
  ownOptions,
  QUIET_HELP,
  queueOptions,
  REGISTRY_HELP,
  rowOptions,
  secretsOption,
  writingOptions,
} from './options.js';
import { Output } from './output.js';
import type { doJob } from './queue/doing.js';
import type { VectorsOptions } from './vectors.js';
import { version } from './version.js';
import type { ViewOptions } from './view.js';

/** What the program can be asked, two spaces in. */
export const EXAMPLES = `\
  clrscope calls capture.pcapng      what was called, with what, what came back
  clrscope -V -x capture.pcap        every byte explained, with hex dumps
  clrscope calls -T ndjson captures/ | jq .summary
  clrscope calls --secrets lab.json sealed.pcap
                                     open what NTLM or Kerberos sealed
  clrscope view --open captures/     look at captures in the browser
  clrscope nrbf -V blob.bin          a bare BinaryFormatter stream
  clrscope calls --limit open-calls=64K busy.pcap
                                     keep more than by default (see README)`;

/** What its exit codes mean. */
export const EXIT_CODES = `\
0 done, 1 audit found something, 2 wrong usage or unreadable input,
3 the capture was cut, damaged, or of a link type that is not understood,
130 stopped by Ctrl-C.`;

const MORE = `
Examples:
${EXAMPLES}

clrscope read --help lists what read can do more: -Y, -T, -e, -V, -x and others.

Exit codes: ${EXIT_CODES}
`;

const TIME_HELP = 'times: a (local), ad, adoy, d (delta), dd, e (epoch), r (relative), u (UTC), ud or udoy';

/**
 * Does what was typed, and sets the exit code.
 * @param argv arguments without those of Node and the program's name
 */
export async function main(argv: string[]): Promise<void> {
  // whoever reads the messages may go away; the output itself is written in output.ts
  process.stderr.on('error', () => {});
  try {
    await run(argv);
  } catch (e) {
    if (e instanceof CommanderError) process.exitCode = e.exitCode === 0 ? Exit.done : Exit.usage;
    else process.exitCode = fail(e);
  }
  // a read that waits for a silent pipe would hold the program
  if (process.exitCode === Exit.interrupted) process.exit();
}

/** What a thread of the program does (parallel/parallel.ts). */
export const thread = async (): Promise<void> => (await import('./parallel/worker.js')).readOn();

/** What a process of the program does that does jobs of the queue (queue/doing.ts). */
export const queued: typeof doJob = async (job) => (await import('./queue/doing.js')).doJob(job);

/**
 * The table of commands and their options: help, completion and the man page are made of it.
 * @param whole with the options of nrbf, whose decoder is loaded for them
 */
export async function programOf(whole: boolean): Promise<Command> {
  const program = new Command('clrscope')
    .description('Dissects .NET/COM interop traffic: MS-IOI over DCOM, down to the NRBF records inside BSTRs.')
    .version(version(), '-v, --version')
    .showHelpAfterError('(clrscope --help shows how it is used)')
    .addHelpText('after', MORE)
    .configureOutput({
      writeOut,
      outputError: (text, write) => write(safeLines(text + elsewhere(text, program) + variable(text, program))),
    })
    .exitOverride();
  writingOptions(
    commonOptions(
      program
        .command('read', { isDefault: true })
        .description('dissect: a summary line a PDU, a tree, or JSON (default)'),
    ),
  )
    .option('-Y <FILTER>', "display filter in Wireshark's syntax: dcerpc.opnum == 3 && ip.addr == 10.0.0.0/8")
    .option('-T <FORMAT>', 'text, tree, json, ndjson, ek, fields, pdml, psml, csv or zeek', 'text')
    .option('-e <FIELD>', 'with -T fields or csv: a column (repeat for more)', collect)
    .option('-t <FORMAT>', TIME_HELP)
    .option(
      '-E <OPTION>',
      '-T fields: header=y, separator=/t, occurrence=f|l|a, aggregator=, quote=d|s|n, bom=y; -T zeek: json=y',
      collect,
    )
    .option('-V', 'the annotated tree, same as -T tree')
    .option('-x', 'add a hex dump of each PDU')
    .option('-c <N>', 'stop after N frames')
    .option('-l', 'write each line at once; a pipe that pauses gets them anyway')
    .action(async (files: string[], options: PrintingOptions) => (await import('./read.js')).read(files, options));
  writingOptions(
    commonOptions(program.command('calls').description('one line a call: request, response and fault paired')),
  )
    .option('-Y <FILTER>', 'only calls with a frame that a display filter matches')
    .option('-l', 'write each line at once; a pipe that pauses gets them anyway')
    .option('-T <FORMAT>', 'text, json, ndjson, csv or zeek', 'text')
    .option('-E <OPTION>', 'with -T zeek: json=y', collect)
    .option('-t <FORMAT>', TIME_HELP)
    .action(async (files: string[], options: PrintingOptions) => (await import('./calls.js')).calls(files, options));
  commonOptions(
    program.command('objects').description('COM objects: apartments, interface pointers, identity, lifetime'),
  )
    .option('-T <FORMAT>', 'text, json or ndjson', 'text')
    .action(async (files: string[], o: PrintingOptions) => (await import('./objects.js')).objects(files, o));
  commonOptions(program.command('stats').description('conversations, interfaces, operations, response times'))
    .option('-T <FORMAT>', 'text or json', 'text')
    .action(async (files: string[], o: PrintingOptions) => (await import('./stats.js')).stats(files, o));
  commonOptions(program.command('follow').description('what both sides said: of a connection, an object, or one cause'))
    .option('--connection <N>', 'a connection by its tcp.stream, or udp:N')
    .option('--object <ID>', 'calls that name an object: its OID, an IPID, or the URI of a remoting object')
    .option('--causality <ID>', 'calls that one cause led to')
    .option('-T <FORMAT>', 'text, json or ndjson', 'text')
    .action(async (files: string[], o: FollowOptions) => (await import('./follow.js')).followCommand(files, o));
  ownOptions(program.command('interfaces').description('every interface and operation that can be named or decoded'))
    .argument('[WORD...]', 'only those whose name, UUID or operations contain it')
    .option('-T <FORMAT>', 'text or json', 'text')
    .action(async (words: string[], o: InterfacesOptions) => (await import('./interfaces.js')).interfaces(words, o));
  commonOptions(program.command('audit').description('findings about an interop deployment, worst first'))
    .option('-T <FORMAT>', 'text, json, sarif or html', 'text')
    .option('-o <FILE>', 'write the report to a file')
    .option(
      '--fail-on <SEVERITY>',
      'exit with 1 for a new finding that is at least critical, high, medium, low or info',
    )
    .option('--baseline <FILE>', 'keep findings apart that are known: an earlier report with -T json')
    .option('--rule <ID>', 'only this rule (repeat for more)', collect)
    .option('--list-rules', 'show every rule')
    .option('--explain <ID>', 'show what a rule looks for, why, and what to do')
    .action(async (files: string[], o: AuditOptions) => (await import('./audit.js')).audit(files, o, version()));
  commonOptions(
    program.command('vectors').description('every stub and every NRBF stream as test vectors, each of them once'),
  )
    .option('-o <DIR>', 'folder to write to: new, empty, or written by vectors before (a file with other formats)')
    .option('--format <FORMAT>', 'files, jsonl, c, csharp, go or python', 'files')
    .option('--cover', 'print which operations, record types, flags and layouts are covered, and which are missing')
    .option('--redact', 'mask values that are called passwords or the like, and leave their bytes out')
    .action(async (files: string[], o: VectorsOptions) => (await import('./vectors.js')).vectors(files, o));
  commonOptions(program.command('export').description('captures as tables: Parquet for DuckDB, Python and others'))
    .requiredOption('-o <DIR>', 'folder to write to: new, empty, or written by export before')
    .option('--format <FORMAT>', 'parquet, ndjson or csv', 'parquet')
    .action(async (files: string[], o: ExportOptions) => (await import('./export/export.js')).exportTables(files, o));
  commonOptions(
    program
      .command('query')
      .description('SQL over captures, or over a folder that export wrote, with DuckDB')
      .argument('[SQL]', 'what to ask of the tables of export; not with --ask'),
  )
    .option('--list', 'print the questions that --ask knows; with -T json their SQL too')
    .option('--ask <NAME>', 'ask one of them instead of SQL')
    .option('-T <FORMAT>', 'table, csv, json or parquet', 'table')
    .option('-o <FILE>', 'write the rows to a file')
    .action(async (sql: string | undefined, files: string[], o: QueryOptions) =>
      (await import('./query/query.js')).queryTables(sql === undefined ? [] : [sql, ...files], o),
    );
  rowOptions(
    inputOptions(
      queueOptions(program.command('submit').description('export by many machines: put captures into a queue')),
      'captures, folders of captures, or addresses (https://…)',
    ),
  )
    .requiredOption('-o <DIR>', 'folder to write to, as of export, by a path that all machines have')
    .option('--format <FORMAT>', 'parquet, ndjson or csv', 'parquet')
    .option('-q, --quiet', QUIET_HELP)
    .action(async (files: string[], o: SubmitOptions) => (await import('./queue/submit.js')).submit(files, o));
  jobsOption(
    secretsOption(
      ownOptions(
        queueOptions(
          program.command('work').description('export what was submitted, until Ctrl-C: once on each machine'),
        ),
      ),
    ),
    'several captures',
  )
    .option('--registry <FILE>', REGISTRY_HELP, collect)
    .option('--until-empty', 'end when nothing waits or is under way any more')
    .option('-q, --quiet', QUIET_HELP)
    .action(async (o: WorkOptions) => (await import('./queue/work.js')).work(o));
  queueOptions(program.command('queue').description('what of a queue runs, waits, is done or was set aside, and why'))
    .option('--watch', 'on one line, until nothing waits or is under way any more')
    .option('-T <FORMAT>', 'text or json', 'text')
    .action(async (o: QueueOptions) => (await import('./queue/status.js')).queue(o));
  groupOption(
    namingOptions(
      program
        .command('view')
        .description('look at captures in the browser: a page that is served to this machine alone, until Ctrl-C'),
    ),
  )
    .argument('[FILE...]', 'captures, or folders of captures; without one the page asks for it')
    .option('--port <N>', 'serve on this port of 127.0.0.1, not on any that is free')
    .option('--open', 'open the page in the browser')
    .action(async (files: string[], o: ViewOptions) => (await import('./view.js')).view(files, o));
  ownOptions(
    program.command('encode').description('from JSON to bytes: an NRBF stream, a stub, a PDU, or a whole capture'),
  )
    .argument('<DOC>', 'the document, or - for standard input')
    .requiredOption('-o <FILE>', 'what to write; - for standard output')
    .action(async (file: string, o: EncodeOptions) => (await import('./encode.js')).encode(file, o));
  program
    .command('scenario')
    .description('print a ready scenario as JSON, for encode; without NAME: list them')
    .argument('[NAME]')
    .action(async (name: string | undefined) => (await import('./scenario.js')).scenario(name));
  ownOptions(program.command('fields').description('every field that filters and columns can ask for, with its type'))
    .argument('[WORD...]', 'only those whose name or label contains it')
    .option('-T <FORMAT>', 'text or json', 'text')
    .action(async (words: string[], o: FieldsCommandOptions) => (await import('./fields.js')).fields(words, o));
  for (const command of program.commands)
    if (['read', 'calls', 'stats'].includes(command.name())) tsharkHabits(command);
  program.addCommand((await nrbf(whole)).copyInheritedSettings(program));
  program
    .command('completion')
    .description('print what teaches a shell to complete: source <(clrscope completion bash)')
    .argument('<SHELL>', 'bash, zsh or fish')
    .action(async (shell: string) => (await import('./shell/completion.js')).completion(shell));
  program
    .command('complete', { hidden: true })
    .argument('[WORD...]')
    .action(async (words: string[]) => (await import('./shell/completion.js')).complete(words, await programOf(true)));
  return program;
}

async function run(argv: string[]): Promise<void> {
  const program = await programOf(argv.includes('nrbf'));
  const names = [...program.commands.map((c) => c.name()), 'help'];
  const options = program.commands.flatMap((c) => c.options);
  await program.parseAsync(commandFirst(argv, names, options), { from: 'user' });
}

/** What is said of an option that other commands have. */
function elsewhere(message: string, program: Command): string {
  const [, flag] = /unknown option '([^']+)'/.exec(message) ?? [];
  const having = program.commands.filter((c) =>
    c.options.some(({ hidden, short, long }) => flag !== undefined && !hidden && (short === flag || long === flag)),
  );
  if (having.length === 0) return '';
  const names = having.map((c) => c.name()).join(', ');
  return `(${names.replace(/, (\w+)$/, ' and $1')} ${having.length === 1 ? 'has' : 'have'} it)\n`;
}

/** What else says an option that is wanted and was not given. */
function variable(message: string, program: Command): string {
  const [, flags] = /required option '([^']+)'/.exec(message) ?? [];
  const variables = program.commands.flatMap((c) => c.options.filter((o) => o.flags === flags).map((o) => o.envVar));
  return variables[0] === undefined ? '' : `(or ${variables[0]} in the environment)\n`;
}

/** A closed pipe and a full disk are told as those of the commands are. */
function writeOut(text: string): void {
  const out = new Output();
  out.write(text);
  out.flush();
}

/** The nrbf command brings its decoder along: it is loaded when it is called, and otherwise only named. */
async function nrbf(whole: boolean): Promise<Command> {
  if (whole) {
    return (await import('./nrbf.js')).nrbfCommand();
  }
  return new Command('nrbf').description('decode bare NRBF streams (.NET BinaryFormatter, remoting messages)');
}
