/**
 * `clrscope nrbf FILE`: bare NRBF streams (MS-NRBF), one or several in a file.
 */
import { statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  describeNrbf,
  type NrbfJson,
  type NrbfStream,
  nrbfToJson,
  readNrbf,
  type Schema,
  startsAsNrbf,
} from '../../dissectors/nrbf/index.js';
import { Cursor } from '../core/cursor.js';
import { fromWords, readHexDump } from '../core/hex-dump.js';
import { Recording } from '../core/recording.js';
import { type DataSource, fileSource } from '../core/source.js';
import { bareBase64, writtenText } from '../core/written-text.js';
import { writeJson } from '../output/json-writer.js';
import { nrbfText } from '../output/nrbf-text.js';
import { type ColorChoice, safe, wantsColor } from '../output/terminal.js';
import { renderHex } from '../output/tree/hex.js';
import { renderTree } from '../output/tree/tree.js';
import { readInput, readJson } from './input.js';
import { limitsOf } from './limits.js';
import { tell } from './messages.js';
import { type FoundStream, findStreams } from './nrbf-find.js';
import { hintOn } from './nrbf-hint.js';
import { collect, Exit, LIMIT_HELP, UsageError } from './options.js';
import { Output } from './output.js';

interface Options {
  hex?: boolean | string;
  base64?: boolean;
  schema?: string;
  at?: number;
  find?: boolean;
  V?: boolean;
  T: string;
  x?: boolean;
  full?: boolean;
  color: ColorChoice;
  limit?: string[];
}

/** The `nrbf` command, to be added to the program. */
export function nrbfCommand(): Command {
  return new Command('nrbf')
    .description('decode bare NRBF streams (.NET BinaryFormatter, remoting messages)')
    .argument('[FILE]', 'binary file, or - for standard input')
    .option('--hex [KIND]', 'the input is a hex dump: plain, xxd, hexdump -C; KIND words: little-endian words')
    .option('--base64', 'the input is base64')
    .option('--schema <FILE>', 'members\' types for streams without them: {"Type.Name": {"member": "System.Int32"}}')
    .option('--at <OFFSET>', 'where the first stream begins (0x… for hex)', offset)
    .option('--find', 'list every stream anywhere in the file: among other bytes, packed, as text')
    .option('-V', 'the annotated tree, same as -T tree')
    .addOption(new Option('-T <FORMAT>', 'output format').choices(Object.keys(FORMATS)).default('text'))
    .option('-x', 'add a hex dump')
    .option('--full', 'never shorten a value in JSON')
    .addOption(new Option('--color <WHEN>').choices(['auto', 'always', 'never']).default('auto'))
    .option('--limit <NAME=N>', LIMIT_HELP, collect)
    .action(run);
}

function offset(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('wanted a byte offset, as 828 or 0x33c');
  return value;
}

function run(given: string | undefined, options: Options): void {
  const { file, kind } = fileAndKind(given, options.hex);
  const bytes = load(file, kind, options.base64 === true);
  process.exitCode = options.find === true ? showFound(file, bytes, options) : show(file, bytes, options);
}

/** `--hex FILE` looks like an option with a value: what is no kind of dump is the file. */
function fileAndKind(
  file: string | undefined,
  hex: boolean | string | undefined,
): { file: string; kind: string | null } {
  const isKind = hex === 'words' || hex === 'bytes';
  const name = file ?? (typeof hex === 'string' && !isKind ? hex : undefined);
  if (name === undefined) throw new UsageError('no FILE was given; use - to read standard input');
  return { file: name, kind: hex === undefined || hex === false ? null : isKind ? hex : 'any' };
}

function load(file: string, kind: string | null, base64: boolean): Uint8Array {
  if (file !== '-' && statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(
      `${nameOf(file)}: it is a folder; nrbf reads a file, and read, calls and audit folders of captures`,
    );
  const bytes = readInput(file, nameOf(file));
  if (kind !== null) return fromHex(writtenText(bytes), kind, file);
  if (!base64) return bytes;
  const text = bareBase64(writtenText(bytes));
  const bad = text.search(/[^A-Za-z0-9+/=_-]/);
  if (bad >= 0) throw new UsageError(`${nameOf(file)}: ${JSON.stringify(text[bad])} is no base64`);
  return Buffer.from(text, 'base64');
}

/** Groups of eight digits are little-endian words where only so a stream begins, as the specification prints them. */
function fromHex(text: string, kind: string, file: string): Uint8Array {
  const { bytes, inWords } = readHexDump(text, nameOf(file));
  if (kind === 'bytes' || (kind === 'any' && (startsAsNrbf(bytes) || !inWords))) return bytes;
  const words = fromWords(bytes);
  return kind === 'words' || startsAsNrbf(words) ? words : bytes;
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : safe(file);
}

function schemaOf(file: string): Schema {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  return readJson(file, `--schema ${nameOf(file)}`, (schema) => {
    if (isObject(schema) && Object.values(schema as object).every(isObject)) return schema as Schema;
    throw new UsageError('wanted {"Type.Name": {"member": "System.Int32"}}');
  });
}

/** All streams of a file. */
interface Found {
  readonly source: DataSource;
  readonly recording: Recording;
  readonly streams: readonly NrbfStream[];
}

/** Reads all streams of a file and prints them. Returns the exit code. */
function show(file: string, bytes: Uint8Array, options: Options): number {
  const format = options.V === true ? 'tree' : options.T;
  const schema = options.schema === undefined ? undefined : schemaOf(options.schema);
  const start = options.at ?? 0;
  if (start > bytes.length) throw new UsageError(`${nameOf(file)}: --at ${start} is behind the end, ${bytes.length}`);
  if (options.at === undefined && !startsAsNrbf(bytes)) {
    const hint = hintOn(bytes, limitsOf(options.limit ?? []));
    if (hint !== null) throw new UsageError(`${nameOf(file)}: no NRBF stream begins at byte 0; ${hint}`);
  }
  const source = fileSource('NRBF', start === 0 ? bytes : bytes.subarray(start), start);
  const recording = new Recording(format === 'tree', limitsOf(options.limit ?? []));
  const cursor = new Cursor(source, recording);
  const streams: NrbfStream[] = [];
  do streams.push(readNrbf(cursor, { schema }));
  while (streams[streams.length - 1].ended && startsAsNrbf(source.bytes, cursor.pos));
  recording.finish();
  const out = new Output();
  FORMATS[format](out, { source, recording, streams }, options);
  out.flush();
  for (const stream of streams)
    for (const warning of stream.warnings)
      if (format === 'json' || format === 'ndjson' || !stream.complete)
        tell(`${nameOf(file)}: byte ${start + (warning.offset ?? 0)}: ${safe(warning.message)}`);
  return streams.every((stream) => stream.complete) ? Exit.done : Exit.damaged;
}

const FORMATS: Readonly<Record<string, (out: Output, found: Found, options: Options) => void>> = {
  text(out, found, options) {
    const { color, width } = paper(options);
    for (const stream of found.streams) out.write(nrbfText(stream, color, width));
    writeRest(out, found, options);
  },
  tree(out, found, options) {
    out.write(renderTree(found.recording.roots, paper(options)));
    writeRest(out, found, options);
  },
  json(out, found, options) {
    const [first, ...streams] = documents(found, options);
    writeJson(out, streams.length === 0 ? first : Object.assign(first, { streams }), 0);
  },
  ndjson(out, found, options) {
    for (const document of documents(found, options)) writeJson(out, document, -1);
  },
};

function documents({ source, streams }: Found, { full }: Options): NrbfJson[] {
  return streams.map((stream) => {
    const trailing = stream.ended ? source.bytes.length - stream.start - stream.length : 0;
    return { summary: describeNrbf(stream), ...nrbfToJson(stream, { full, trailing }) };
  });
}

/** Lists all streams that lie anywhere in a file. Returns the exit code. */
function showFound(file: string, bytes: Uint8Array, options: Options): number {
  const format = options.V === true ? 'tree' : options.T;
  const { found, isAll } = findStreams(bytes, limitsOf(options.limit ?? []), format === 'tree');
  if (found.length === 0) throw new UsageError(`${nameOf(file)}: no NRBF stream was found in it`);
  const out = new Output();
  if (format === 'json')
    writeJson(
      out,
      found.map((each) => foundJson(each, options)),
      0,
    );
  else
    for (const each of found) {
      if (format === 'ndjson') writeJson(out, foundJson(each, options), -1);
      else out.write(`${foundLine(each)}\n`);
      if (format === 'tree') out.write(renderTree(each.recording.roots, paper(options)));
    }
  out.flush();
  if (!isAll) tell(`${nameOf(file)}: there is more in it than is looked through, so some streams may be missing`);
  return found.every(({ stream }) => stream.complete) ? Exit.done : Exit.damaged;
}

/** `base64 at 0 › ViewState › byte 5: 156 bytes  PointF { x = 0, y = 21.8 }`. */
function foundLine({ stream, wrapping, offset }: FoundStream): string {
  const around = wrapping.map(({ kind, offset }) => (offset === 0 ? kind : `${kind} at ${offset}`));
  const state = stream.complete ? '' : stream.ended ? ', damaged' : ', cut or damaged';
  return `${[...around, `byte ${offset}`].join(' › ')}: ${stream.length} bytes${state}  ${safe(describeNrbf(stream))}`;
}

function foundJson({ stream, wrapping, offset }: FoundStream, { full }: Options): object {
  return { offset, wrapping, summary: describeNrbf(stream), ...nrbfToJson(stream, { full, trailing: 0 }) };
}

/** What lies behind the streams, and the hex dump. */
function writeRest(out: Output, { source, streams }: Found, options: Options): void {
  const last = streams[streams.length - 1];
  const rest = source.bytes.length - last.start - last.length;
  if (rest > 0) out.write(`${rest} bytes ${last.ended ? 'behind MessageEnd' : 'not dissected'}\n`);
  if (options.x === true) out.write(renderHex([source], paper(options).color));
}

function paper(options: Options): { color: boolean; width: number } {
  const width = Number(process.env.COLUMNS) || (isatty(1) ? (process.stdout.columns ?? 120) : 120);
  return { color: wantsColor(options.color, isatty(1), process.env), width };
}
