/** What tshark's users type: options that do the same here, and for all others what does it instead. */
import { type Command, Option } from 'commander';
import { collect, isPort, type PrintingOptions, UsageError } from './options.js';

const CAPTURE = 'captures are read here, not made; capture first, for example with: tcpdump -i eth0 -w FILE tcp';
const LIVE = 'captures are read here, not made; for a live one: tcpdump -i eth0 -U -w - | clrscope calls -';
const SIZES = 'captures are read here, not made; tcpdump ends and splits its files itself: -c, -C, -G and -W';
const ALL_DECODED =
  'all that clrscope knows is dissected; to look at less: -Y FILTER, or columns with -T fields -e FIELD';
const LOG = 'clrscope keeps no log: messages go to standard error, and -q leaves them out';
const KEYS = '--secrets FILE opens sealed traffic';
const PARTS = 'choose what is printed by columns, -T fields -e FIELD, or by jq behind -T ndjson';

/** Options of tshark's that have another name here, or none, and what is said then. */
const INSTEAD: Readonly<Record<string, string | ((value: string) => string)>> = {
  '-i, --interface <INTERFACE>': CAPTURE,
  '-f <FILTER>': CAPTURE,
  '-s, --snapshot-length <N>': CAPTURE,
  '-p, --no-promiscuous-mode': CAPTURE,
  '-I, --monitor-mode': CAPTURE,
  '-B, --buffer-size <N>': CAPTURE,
  '-y, --linktype <TYPE>': CAPTURE,
  '--time-stamp-type <TYPE>': CAPTURE,
  '-D, --list-interfaces': `${LIVE} (tcpdump -D lists interfaces)`,
  '-L, --list-data-link-types': `${LIVE} (tcpdump -L lists link types)`,
  '--list-time-stamp-types': CAPTURE,
  '-a, --autostop <CONDITION>': SIZES,
  '-b, --ring-buffer <OPTION>': SIZES,
  '-g': 'files are written with the rights that umask leaves',
  '-M <N>': 'memory is bounded by --limit NAME=N, and nothing else is forgotten',
  '-R, --read-filter <FILTER>': 'use -Y FILTER: what it leaves is shown, and frames keep their numbers',
  '-N <FLAGS>': 'use --names FILE to show hosts by name; nothing is ever looked up on the network',
  '-H <FILE>': (file) => `use --names ${file}`,
  '-C <PROFILE>': 'clrscope has no profiles: all that it does is on its command line',
  '-O <PROTOCOLS>': 'use -V: the tree has the PDUs alone; -Y FILTER chooses among them',
  '-S <TEXT>': '-V leaves an empty line between PDUs; -T ndjson has one a line',
  '--hexdump <OPTION>': 'use -x: a hex dump of each PDU, as it was captured, reassembled and decrypted',
  '-j <PROTOCOLS>': PARTS,
  '-J <PROTOCOLS>': PARTS,
  '--no-duplicate-keys': 'the JSON of clrscope has no duplicate keys',
  '--elastic-mapping-filter <PROTOCOLS>': 'use clrscope fields -T json: every field with its type',
  '-u <FORMAT>': '-t FORMAT says how times are printed; seconds are decimal',
  '-W <N>': '-w keeps all names, comments and options of the capture',
  '-X <KEY:VALUE>': 'use --dissector FILE or --idl FILE for interfaces of your own',
  '-U <TAP>': '-T ndjson has PDUs as they are after reassembly and decryption, and clrscope vectors their bytes',
  '-z <STATISTICS>': statistics,
  '--export-objects <PROTOCOL,DIR>': 'use clrscope vectors FILE... -o DIR: every stub and every NRBF stream',
  '--export-tls-session-keys <FILE>': 'clrscope opens what NTLM and Kerberos sealed, and nothing of TLS',
  '--capture-comment <TEXT>': 'use --comment with -w: what clrscope says of PDUs, as packet comments',
  '-o <NAME:VALUE>': preference,
  '-G <REPORT>': report,
  '--enable-protocol <NAME>': ALL_DECODED,
  '--disable-protocol <NAME>': ALL_DECODED,
  '--enable-heuristic <NAME>': `${ALL_DECODED}; --port N takes a port for DCE/RPC`,
  '--disable-heuristic <NAME>': ALL_DECODED,
  '--only-protocols <NAMES>': ALL_DECODED,
  '--temp-dir <DIR>': 'clrscope writes no temporary files',
  '--log-level <LEVEL>': LOG,
  '--log-fatal <LEVEL>': LOG,
  '--log-domains <LIST>': LOG,
  '--log-debug <LIST>': LOG,
  '--log-noisy <LIST>': LOG,
  '--log-file <FILE>': LOG,
};

/** Options of tshark's that are so here whether they are asked for or not. */
const ALWAYS = ['-n', '-2', '-P, --print'];

/** Options of tshark's that set one of this program's. */
const SAME: Readonly<Record<string, (value: string, options: Partial<PrintingOptions>) => Partial<PrintingOptions>>> = {
  '--read-file <FILE>': (file, { r }) => ({ r: collect(file, r) }),
  '--display-filter <FILTER>': (Y) => ({ Y }),
  '-Q': () => ({ quiet: true }),
  '-K <FILE>': (file, { secrets }) => ({ secrets: collect(file, secrets) }),
  '-d <RULE>': (rule, { port }) => ({ port: collect(portOf(rule), port) }),
};

/** Adds tshark's options to a command, where it has none of that name; help does not show them. */
export function tsharkHabits(command: Command): Command {
  const add = (flags: string, does: (value: string) => void): void => {
    const option = new Option(flags).hideHelp();
    const isTaken = command.options.some(
      ({ short, long }) => (short && short === option.short) || (long && long === option.long),
    );
    if (isTaken) return;
    command.addOption(option).on(`option:${option.name()}`, does);
  };
  for (const [flags, instead] of Object.entries(INSTEAD))
    add(flags, (value) => {
      throw new UsageError(typeof instead === 'string' ? instead : instead(value));
    });
  for (const flags of ALWAYS) add(flags, () => {});
  for (const [flags, set] of Object.entries(SAME))
    add(flags, (value) => {
      for (const [name, to] of Object.entries(set(value, command.opts()))) command.setOptionValue(name, to);
    });
  return command;
}

/** `tcp.port==4711,dcerpc`. */
function portOf(rule: string): string {
  const [, port] = /^(?:tcp|udp)\.port==(\d+),dcerpc$/.exec(rule) ?? [];
  if (port === undefined || !isPort(port))
    throw new UsageError(
      '-d takes tcp.port==N,dcerpc, with N from 1 to 65535; --decode-as takes a context id or an IPID for an interface',
    );
  return port;
}

function statistics(asked: string): string {
  const [kind, of = '', ...rest] = asked.split(',');
  if (kind === 'follow') {
    const stream = rest.find((part) => /^\d+$/.test(part)) ?? 'N';
    return `use clrscope follow FILE --connection ${stream}`;
  }
  if (kind === 'expert') return 'use clrscope audit FILE; warnings of PDUs and calls are in -T ndjson';
  if (kind === 'credentials' || of === 'hosts') return 'use clrscope audit FILE';
  return 'use clrscope stats FILE: conversations, interfaces, operations, response times';
}

function preference(asked: string): string {
  const name = asked.split(':')[0];
  if (/^ntlmssp\./.test(name)) return `${KEYS}: {"accounts": [{"user": "...", "password": "..."}]}`;
  if (/^(?:kerberos|krb5)\./i.test(name)) return `${KEYS}, a keytab as well`;
  if (/relative_sequence/.test(name)) return 'tcp.seq and tcp.ack are relative, tcp.seq_raw and tcp.ack_raw are not';
  if (/desegment|reassemble|defragment/.test(name)) return 'clrscope always puts together what comes in pieces';
  if (/^gui\./.test(name)) return 'choose columns with -T fields -e FIELD; _ws.col.Info and the like are among them';
  return 'clrscope has no preferences; clrscope read --help lists its options';
}

function report(asked: string): string {
  if (asked === 'protocols' || asked === 'decodes' || asked === 'dissector-tables')
    return 'use clrscope interfaces: every interface and operation that can be named or decoded';
  if (asked === 'plugins') return 'use --dissector FILE or --idl FILE for interfaces of your own';
  return 'use clrscope fields: every field that filters and columns can ask for, with its type';
}
