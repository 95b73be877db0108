/**
 * `clrscope nrbf FILE`: bare NRBF streams (MS-NRBF), one or several in a file.
 */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { hexy } from 'hexy';
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
import { Cursor, Recording } from '../core/cursor.js';
import type { Node } from '../core/node.js';
import { type DataSource, fileSource } from '../core/source.js';

interface Options {
  hex?: boolean | string;
  base64?: boolean;
  schema?: string;
  at?: number;
  V?: boolean;
  T: 'text' | 'tree' | 'json' | 'ndjson';
  x?: boolean;
  full?: boolean;
  maxDepth?: number;
  maxElements?: number;
  maxString?: number;
}

/** A failure that the user can do something about: exit code 2. */
class UsageError {
  constructor(readonly message: string) {}
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
    .option('--max-depth <N>', 'most records inside records (1000000)', count)
    .option('--max-elements <N>', 'most elements of all arrays together (268435456)', count)
    .option('--max-string <BYTES>', 'longest string (268435456)', count)
    .action(run);
}

function offset(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('wanted a byte offset, as 828 or 0x33c');
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('wanted a positive number');
  return value;
}

function run(given: string | undefined, options: Options): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    const { file, kind } = fileAndKind(given, options.hex);
    process.exitCode = show(file, load(file, kind, options.base64 === true), options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`clrscope nrbf: ${error.message}\n`);
    process.exitCode = 2;
  }
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
  const bytes = bytesOf(file);
  if (kind !== null) return fromHex(new TextDecoder().decode(bytes), kind, file);
  if (!base64) return bytes;
  const text = new TextDecoder().decode(bytes).replace(/\s+/g, '');
  const bad = text.search(/[^A-Za-z0-9+/=_-]/);
  if (bad >= 0) throw new UsageError(`${file}: ${JSON.stringify(text[bad])} is no base64`);
  return Buffer.from(text, 'base64');
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${(error as Error).message}`);
  }
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
          throw new UsageError(`${file}: line ${number + 1}: ${JSON.stringify(token.slice(0, 20))} is no hex`);
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

function schemaOf(file: string): Schema {
  const text = new TextDecoder().decode(bytesOf(file));
  try {
    const schema: unknown = JSON.parse(text);
    if (
      typeof schema === 'object' &&
      schema !== null &&
      Object.values(schema).every((x) => typeof x === 'object' && x !== null)
    )
      return schema as Schema;
  } catch (error) {
    throw new UsageError(`${file}: no JSON: ${(error as Error).message}`);
  }
  throw new UsageError(`${file}: wanted {"Type.Name": {"member": "System.Int32"}}`);
}

/** Reads all streams of a file and prints them. Returns the exit code. */
function show(file: string, bytes: Uint8Array, options: Options): number {
  const format = options.V === true ? 'tree' : options.T;
  const nrbf: NrbfOptions = {
    schema: options.schema === undefined ? undefined : schemaOf(options.schema),
    maxDepth: options.maxDepth,
    maxElements: options.maxElements,
    maxString: options.maxString,
  };
  const start = options.at ?? 0;
  if (start > bytes.length) throw new UsageError(`${file}: --at ${start} is behind the end, ${bytes.length}`);
  const source = fileSource('NRBF', start === 0 ? bytes : bytes.subarray(start), start);
  const recording = new Recording(format === 'tree');
  const cursor = new Cursor(source, recording);
  const streams: NrbfStream[] = [];
  do streams.push(readNrbf(cursor, nrbf));
  while (streams[streams.length - 1].ended && startsAsNrbf(source.bytes, cursor.pos));
  recording.finish();
  print(format, source, recording, streams, options);
  for (const stream of streams)
    for (const warning of stream.warnings)
      if (format === 'json' || format === 'ndjson' || !stream.complete)
        process.stderr.write(`clrscope nrbf: ${file}: byte ${start + (warning.offset ?? 0)}: ${warning.message}\n`);
  return streams.every((stream) => stream.complete) ? 0 : 3;
}

function print(
  format: Options['T'],
  source: DataSource,
  recording: Recording,
  streams: readonly NrbfStream[],
  options: Options,
): void {
  const out = new Output();
  if (format === 'json' || format === 'ndjson') {
    const end = source.bytes.length;
    const documents = streams.map((stream) => {
      const trailing = stream.ended ? end - stream.start - stream.length : 0;
      return { summary: describeNrbf(stream), ...nrbfToJson(stream, { full: options.full, trailing }) };
    });
    if (format === 'ndjson') for (const document of documents) out.json(document, -1);
    else {
      const [first, ...more] = documents as (NrbfDocument & { streams?: NrbfDocument[] })[];
      if (more.length > 0) first.streams = more;
      out.json(first, 0);
    }
  } else if (format === 'tree') {
    const lines: string[] = [];
    outline(recording.roots, 0, lines);
    out.text(`${lines.join('\n')}\n`);
  } else for (const stream of streams) summary(out, stream);
  if (format === 'text' || format === 'tree') {
    const last = streams[streams.length - 1];
    const rest = source.bytes.length - last.start - last.length;
    if (rest > 0) out.text(`${rest} bytes ${last.ended ? 'behind MessageEnd' : 'not dissected'}\n`);
    if (options.x === true) out.text(hexy(source.bytes as Buffer));
  }
  out.flush();
}

/** Rows of records that a summary shows. */
const ROWS = 200;

function summary(out: Output, stream: NrbfStream): void {
  const { records, start, warnings } = stream;
  out.text(`${start}..${start + stream.length}  ${describeNrbf(stream, 200)}\n`);
  for (const record of nrbfToJson(stream).records.slice(0, ROWS)) {
    const { type, offset, length, objectId, className, value, idRef, libraryName } = record;
    const id = objectId === undefined ? '' : ` #${objectId}`;
    const more = className ?? libraryName ?? (idRef === undefined ? undefined : `→ #${idRef}`) ?? value;
    const text = more === undefined ? '' : `  ${String(more).slice(0, 120)}`;
    out.text(`${String(start + (offset ?? 0)).padStart(8)} ${String(length).padStart(8)}  ${type}${id}${text}\n`);
  }
  if (records.length > ROWS) out.text(`         … ${records.length - ROWS} more records\n`);
  for (const { message, offset: at } of warnings) out.text(`  ! byte ${at ?? '?'}: ${message}\n`);
}

/** A plain tree. */
function outline(nodes: readonly Node[], depth: number, lines: string[]): void {
  for (const { field, display, value, start, end, children } of nodes) {
    const shown =
      display ?? (value === null ? '' : value instanceof Uint8Array ? `${value.length} bytes` : String(value));
    lines.push(`${'  '.repeat(depth)}${field.label}${shown === '' ? '' : `: ${shown}`}  [${start}..${end}]`);
    outline(children, depth + 1, lines);
  }
}

/** Collects output into pieces of a size that is good to write. */
class Output {
  private pieces: string[] = [];
  private size = 0;

  text(piece: string): void {
    this.pieces.push(piece);
    this.size += piece.length;
    if (this.size > 1 << 20) this.flush();
  }

  flush(): void {
    process.stdout.write(this.pieces.join(''));
    this.pieces = [];
    this.size = 0;
  }

  /** JSON in pieces: a document may be longer than the longest string. Indented from level 0 on, -1 for one line. */
  json(value: unknown, level: number): void {
    this.value(value, level);
    this.text('\n');
  }

  private value(value: unknown, level: number): void {
    if (typeof value !== 'object' || value === null || isFlat(value)) {
      this.text(JSON.stringify(value) ?? 'null');
      return;
    }
    const inner = level < 0 ? -1 : level + 1;
    const line = level < 0 ? '' : `\n${' '.repeat(Math.min(inner, 40))}`;
    const list = Array.isArray(value);
    const order = (value as { [MEMBER_ORDER]?: readonly string[] })[MEMBER_ORDER];
    let first = true;
    this.text(list ? '[' : '{');
    for (const key of list ? value.keys() : new Set(order ?? Object.keys(value))) {
      const item = (value as Record<string | number, unknown>)[key];
      if (item === undefined && !list) continue;
      this.text(`${first ? '' : ','}${line}${list ? '' : `${JSON.stringify(key)}: `}`);
      first = false;
      this.value(item, inner);
    }
    this.text(`${level < 0 || first ? '' : `\n${' '.repeat(Math.min(level, 40))}`}${list ? ']' : '}'}`);
  }
}

/** Whether an object is better on one line: nothing in it has members of its own. */
function isFlat(value: object): boolean {
  if (MEMBER_ORDER in value) return false;
  let size = 0;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object' && item !== null) return false;
    if (++size > 16) return false;
  }
  return true;
}
