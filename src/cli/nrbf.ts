/**
 * `clrscope nrbf FILE`: bare NRBF streams (MS-NRBF), one or several in a file.
 */
import { isatty } from 'node:tty';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  describeNrbf,
  MEMBER_ORDER,
  type NrbfDocument,
  type NrbfOptions,
  type NrbfStream,
  nrbfToJson,
  readNrbf,
  type Schema,
  startsAsNrbf,
} from '../../dissectors/nrbf/index.js';
import { Cursor } from '../core/cursor.js';
import { parseJson } from '../core/json-text.js';
import { Recording } from '../core/recording.js';
import { type DataSource, fileSource } from '../core/source.js';
import { renderHex } from '../output/hex.js';
import { type ColorChoice, paint, safe, wantsColor } from '../output/terminal.js';
import { renderTree } from '../output/tree.js';
import { readInput } from './input.js';
import { limitsOf } from './limits.js';
import { tell } from './messages.js';
import { collect, Exit, LIMIT_HELP, UsageError } from './options.js';
import { Output } from './output.js';

interface Options {
  hex?: boolean | string;
  base64?: boolean;
  schema?: string;
  at?: number;
  V?: boolean;
  T: 'text' | 'tree' | 'json' | 'ndjson';
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
    .option('-V', 'the annotated tree, same as -T tree')
    .addOption(new Option('-T <FORMAT>', 'output format').choices(['text', 'tree', 'json', 'ndjson']).default('text'))
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
  process.exitCode = show(file, load(file, kind, options.base64 === true), options);
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
  const bytes = readInput(file, nameOf(file));
  if (kind !== null) return fromHex(new TextDecoder().decode(bytes), kind, file);
  if (!base64) return bytes;
  const text = new TextDecoder().decode(bytes).replace(/\s+/g, '');
  const bad = text.search(/[^A-Za-z0-9+/=_-]/);
  if (bad >= 0) throw new UsageError(`${nameOf(file)}: ${JSON.stringify(text[bad])} is no base64`);
  return Buffer.from(text, 'base64');
}

/**
 * Bytes of a hex dump. Offsets before and text behind the digits are left out. Groups of eight digits are
 * little-endian words where only so a stream begins, as the specification prints them.
 */
function fromHex(text: string, kind: string, file: string): Uint8Array {
  const groups: string[] = [];
  for (const [number, line] of text.split(/\r?\n/).entries()) {
    const digits = line.replace(/^\s*(0x)?[0-9a-f]{4,16}(:\s?|\s{2,}(?=[0-9a-f]{2}\s))/i, '').replace(/\|.*$/, '');
    let room = digits === line ? Number.POSITIVE_INFINITY : 32;
    for (const token of digits.trim().split(/(\s{3,}|[\s,;]+)/)) {
      if (/^\s{3,}$/.test(token) && groups.length > 0) break;
      if (/^[\s,;]*$/.test(token)) continue;
      const hex = token.replace(/^(0x|\\x)/i, '').replace(/h$/i, '');
      if (!/^([0-9a-f]{2})+$/i.test(hex) || hex.length > room) {
        if (groups.length === 0 || digits.trim().startsWith(token))
          throw new UsageError(`${nameOf(file)}: line ${number + 1}: ${JSON.stringify(token.slice(0, 20))} is no hex`);
        break;
      }
      groups.push(hex);
      room -= hex.length;
    }
  }
  const plain = Buffer.from(groups.join(''), 'hex');
  if (kind === 'bytes' || (kind === 'any' && (startsAsNrbf(plain) || !groups.every((group) => group.length % 8 === 0))))
    return plain;
  const words = Buffer.from(plain.subarray(0, plain.length & ~3)).swap32();
  return kind === 'words' || startsAsNrbf(words) ? words : plain;
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : safe(file);
}

function schemaOf(file: string): Schema {
  const what = `--schema ${nameOf(file)}`;
  const schema = parseJson(readInput(file, what), what);
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject(schema) && Object.values(schema as object).every(isObject)) return schema as Schema;
  throw new UsageError(`${what}: wanted {"Type.Name": {"member": "System.Int32"}}`);
}

/** Reads all streams of a file and prints them. Returns the exit code. */
function show(file: string, bytes: Uint8Array, options: Options): number {
  const format = options.V === true ? 'tree' : options.T;
  const nrbf: NrbfOptions = {
    schema: options.schema === undefined ? undefined : schemaOf(options.schema),
  };
  const start = options.at ?? 0;
  if (start > bytes.length) throw new UsageError(`${nameOf(file)}: --at ${start} is behind the end, ${bytes.length}`);
  const source = fileSource('NRBF', start === 0 ? bytes : bytes.subarray(start), start);
  const recording = new Recording(format === 'tree', limitsOf(options.limit ?? []));
  const cursor = new Cursor(source, recording);
  const streams: NrbfStream[] = [];
  do streams.push(readNrbf(cursor, nrbf));
  while (streams[streams.length - 1].ended && startsAsNrbf(source.bytes, cursor.pos));
  recording.finish();
  print(format, source, recording, streams, options);
  for (const stream of streams)
    for (const warning of stream.warnings)
      if (format === 'json' || format === 'ndjson' || !stream.complete)
        tell(`${nameOf(file)}: byte ${start + (warning.offset ?? 0)}: ${safe(warning.message)}`);
  return streams.every((stream) => stream.complete) ? Exit.done : Exit.damaged;
}

function print(
  format: Options['T'],
  source: DataSource,
  recording: Recording,
  streams: readonly NrbfStream[],
  options: Options,
): void {
  const out = new Output();
  const end = source.bytes.length;
  if (format === 'json' || format === 'ndjson') {
    const documents = streams.map((stream) => {
      const trailing = stream.ended ? end - stream.start - stream.length : 0;
      return { summary: describeNrbf(stream), ...nrbfToJson(stream, { full: options.full, trailing }) };
    });
    if (format === 'ndjson') for (const document of documents) writeJson(out, document, -1);
    else {
      const [first, ...more] = documents as (NrbfDocument & { streams?: NrbfDocument[] })[];
      if (more.length > 0) first.streams = more;
      writeJson(out, first, 0);
    }
  } else {
    const color = wantsColor(options.color, isatty(1), process.env);
    const width = Number(process.env.COLUMNS) || (isatty(1) ? (process.stdout.columns ?? 120) : 120);
    if (format === 'tree') out.write(renderTree(recording.roots, { color, width }));
    else for (const stream of streams) summary(out, stream, color, width);
    const last = streams[streams.length - 1];
    const rest = end - last.start - last.length;
    if (rest > 0) out.write(`${rest} bytes ${last.ended ? 'behind MessageEnd' : 'not dissected'}\n`);
    if (options.x === true) out.write(renderHex([source], color));
  }
  out.flush();
}

/** Rows of records that a summary shows. */
const ROWS = 200;

function summary(out: Output, stream: NrbfStream, color: boolean, width: number): void {
  const { start, length, recordCount, warnings } = stream;
  const p = paint(color);
  const line = describeNrbf(stream, Math.max(60, width - 20));
  out.write(`${p.offset(`${start}..${start + length}`)}  ${p.strong(safe(line))}\n`);
  for (const record of nrbfToJson(stream).records.slice(0, ROWS)) {
    const { type, objectId, className, value, idRef, libraryName } = record;
    const range = `${String(start + (record.offset ?? 0)).padStart(8)} ${String(record.length).padStart(8)}`;
    const id = objectId === undefined ? '' : ` #${objectId}`;
    const more = className ?? libraryName ?? (idRef === undefined ? value : `→ #${idRef}`);
    const text = more === undefined ? '' : `  ${p.text(safe(String(more).slice(0, Math.max(20, width - 60))))}`;
    out.write(`${p.offset(range)}  ${p.name(type)}${id}${text}\n`);
  }
  if (recordCount > ROWS) out.write(`         … ${recordCount - ROWS} more records\n`);
  for (const { message, offset: at } of warnings)
    out.write(`  ${p.warning('!')} byte ${at ?? '?'}: ${safe(message)}\n`);
}

/** JSON in pieces: a document may be longer than the longest string. Indented from level 0 on, -1 for one line. */
function writeJson(out: Output, value: unknown, level: number): void {
  write(out, value, level);
  out.write('\n');
}

function write(out: Output, value: unknown, level: number): void {
  if (typeof value !== 'object' || value === null || isFlat(value)) {
    out.write(Object.is(value, -0) ? '-0.0' : (JSON.stringify(value) ?? 'null'));
    return;
  }
  const inner = level < 0 ? -1 : level + 1;
  const line = level < 0 ? '' : `\n${' '.repeat(Math.min(inner, 40))}`;
  const list = Array.isArray(value);
  const order = (value as { [MEMBER_ORDER]?: readonly string[] })[MEMBER_ORDER];
  let first = true;
  out.write(list ? '[' : '{');
  for (const key of list ? value.keys() : new Set(order ?? Object.keys(value))) {
    const item = (value as Record<string | number, unknown>)[key];
    if (item === undefined && !list) continue;
    out.write(`${first ? '' : ','}${line}${list ? '' : `${JSON.stringify(key)}: `}`);
    first = false;
    write(out, item, inner);
  }
  out.write(`${level < 0 || first ? '' : `\n${' '.repeat(Math.min(level, 40))}`}${list ? ']' : '}'}`);
}

/** Whether an object is better on one line: nothing in it has members of its own. */
function isFlat(value: object): boolean {
  if (MEMBER_ORDER in value) return false;
  let size = 0;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    // JSON.stringify would lose the sign of a negative zero.
    if ((typeof item === 'object' && item !== null) || Object.is(item, -0)) return false;
    if (++size > 16) return false;
  }
  return true;
}
