/**
 * `-T fields`: columns as tshark 4.0 prints them, one row a frame.
 */
import type { Pdu } from '../../../dissectors/pdu.js';
import type { Time } from '../../core/context.js';
import type { Asked, Frame } from '../../core/frame.js';
import type { Node } from '../../core/node.js';
import { safe } from '../../core/safe-text.js';
import { UserError } from '../../core/user-error.js';
import { Collector, type Slot } from '../../filter/collector.js';
import type { FieldTable } from '../../filter/field-table.js';
import { formatNode } from '../../filter/format.js';
import { TimeColumn } from '../time-column.js';
import { PACKET_COLUMNS, PacketList, packetColumn } from './packet-list.js';

/** What `-E` sets. */
export interface FieldOptions {
  bom: boolean;
  header: boolean;
  separator: string;
  /** First, last or all of a field's values in a frame. */
  occurrence: 'f' | 'l' | 'a';
  /** Between several values of one field. */
  aggregator: string;
  /** Around each column that is not empty; nothing inside is escaped for it. */
  quote: '' | '"' | "'";
}

/** A table of columns. */
export interface FieldRows {
  /** What comes before the first row, with the end of its line if it is one. */
  readonly head: string;
  /** A capture begins: when its first packet was captured. */
  begin(time: Time): void;
  /** One frame's row, without the line's end. */
  row(frame: Frame<Pdu>): string;
  /** Its columns, each as it is. */
  cells(frame: Frame<Pdu>): string[];
  /** What rows ask of frames. */
  readonly asked: Asked;
  /** Fields whose nodes are asked for; a protocol by its own name. */
  readonly fieldNames: ReadonlySet<string>;
}

/** A column or an option that does not exist; `message` is for the user. */
export class FieldsError extends UserError {
  override readonly name = 'FieldsError';
}

/** tshark's defaults. */
export function defaultFieldOptions(): FieldOptions {
  return { bom: false, header: false, separator: '\t', occurrence: 'a', aggregator: ',', quote: '' };
}

/** Reads the `-E` options of a command line, the later over the earlier. Throws `FieldsError`. */
export function parseFieldOptions(texts: readonly string[]): FieldOptions {
  const options = defaultFieldOptions();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const value = text.slice(equals + 1);
    if (equals <= 0 || !setOption(options, text.slice(0, equals), value))
      throw new FieldsError(`"${safe(text)}" is not an option of -E; there are:\n${OPTIONS_HELP}`);
  }
  return options;
}

const OPTIONS_HELP = [
  '  header=y|n            the names of the fields as the first line',
  '  separator=/t|/s|CHAR  between columns: tab (the default), space, or a character',
  '  occurrence=f|l|a      the first, the last or all values of a field in a frame',
  '  aggregator=,|/s|CHAR  between several values of one field',
  '  quote=d|s|n           double, single or no quotes around columns',
  '  bom=y|n               a byte order mark before everything',
].join('\n');

function setOption(options: FieldOptions, name: string, value: string): boolean {
  const character = value === '/t' ? '\t' : value === '/s' ? ' ' : value;
  switch (name) {
    case 'header':
    case 'bom':
      if (!/^[yn]$/i.test(value)) return false;
      options[name] = value.toLowerCase() === 'y';
      return true;
    case 'separator':
    case 'aggregator':
      if ([...character].length !== 1) return false;
      options[name] = character;
      return true;
    case 'occurrence':
      if (value !== 'f' && value !== 'l' && value !== 'a') return false;
      options.occurrence = value;
      return true;
    case 'quote':
      if (value !== 'd' && value !== 's' && value !== 'n') return false;
      options.quote = value === 'd' ? '"' : value === 's' ? "'" : '';
      return true;
    default:
      return false;
  }
}

/**
 * A table with these columns. Throws `FieldsError` naming every column that does not exist.
 * @param time how `_ws.col.Time` is written
 */
export function fieldRows(
  names: readonly string[],
  known: FieldTable,
  options: FieldOptions,
  time = new TimeColumn(),
): FieldRows {
  if (names.length === 0) throw new FieldsError('-T fields needs at least one column: -e FIELD');
  const collector = new Collector();
  const listed = names.map(packetColumn).filter((column) => column !== undefined);
  const list = new PacketList(listed, collector, time, known);
  const unknown = new Set<string>();
  const columns = names.map((name): ((frame: Frame<Pdu>) => string) => {
    const column = packetColumn(name);
    if (column !== undefined) return (frame) => safe(list.cell(column, frame));
    const entry = known.get(name);
    if (entry === undefined) {
      unknown.add(name);
      return () => '';
    }
    const slot = collector.field(entry);
    return () => cell(slot, options);
  });
  if (unknown.size > 0) throw new FieldsError(unknownText([...unknown], known));
  const quoted = (text: string): string => (text === '' ? '' : options.quote + text + options.quote);
  const bom = options.bom ? '\ufeff' : '';
  const title = options.header ? `${names.join(options.separator)}\n` : '';
  const cells = (frame: Frame<Pdu>): string[] => {
    collector.collect(frame);
    return columns.map((text) => text(frame));
  };
  return {
    head: bom + title,
    asked: collector,
    fieldNames: collector.names,
    begin: (time) => list.begin(time),
    cells,
    row: (frame) => cells(frame).map(quoted).join(options.separator),
  };
}

function unknownText(unknown: readonly string[], known: FieldTable): string {
  const lines = unknown.map((name) => {
    const near = name.startsWith('_ws.col.') ? PACKET_COLUMNS.map((c) => `_ws.col.${c}`) : known.suggest(name);
    return `  ${safe(name)}${near.length === 0 ? '' : ` (is it ${near.join(', ')}?)`}`;
  });
  return `There ${unknown.length === 1 ? 'is no field' : 'are no fields'} of these names:\n${lines.join('\n')}`;
}

function cell(slot: Slot, { occurrence, aggregator }: FieldOptions): string {
  const nodes: readonly Node[] = slot.nodes;
  if (nodes.length === 0) return '';
  if (nodes.length === 1) return text(nodes[0]);
  if (occurrence === 'a') return nodes.map(text).join(aggregator);
  return text(occurrence === 'f' ? nodes[0] : nodes[nodes.length - 1]);
}

/** What would break the row or steer a terminal becomes visible; everything else stays, quotes and backslashes too. */
function text(node: Node): string {
  return safe(formatNode(node));
}

/** `clrscope fields`: every field, its type, what it is, and for an alias what it stands for. */
export function fieldList(known: FieldTable): string[] {
  return known.list().map(({ name, type, label, of }) => {
    const stands = of.length === 1 && of[0] === name ? '' : ` (${of.join(', ')})`;
    return `${name}\t${type}\t${label}${stands}`;
  });
}
