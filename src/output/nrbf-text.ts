/** An NRBF stream for people: what it is, and its records. */
import { dateText, describeNrbf, type NrbfStream, nrbfToJson, spanText } from '../../dissectors/nrbf/index.js';
import { paint, safe } from './terminal.js';

/** Rows of records that a summary shows. */
const ROWS = 200;

/** Primitives of which a bare number says nothing. */
const TIMES: Readonly<Record<string, (ticks: bigint) => string>> = { DateTime: dateText, TimeSpan: spanText };

/** A heading, a line a record, and the warnings. */
export function nrbfText(stream: NrbfStream, color: boolean, width: number): string {
  const { start, length, recordCount, warnings } = stream;
  const p = paint(color);
  const line = describeNrbf(stream, Math.max(60, width - 20));
  const out = [`${p.offset(`${start}..${start + length}`)}  ${p.strong(safe(line))}\n`];
  for (const record of nrbfToJson(stream).records.slice(0, ROWS)) {
    const { type, objectId, className, primitive, value, idRef, libraryName } = record;
    const range = `${String(start + (record.offset ?? 0)).padStart(8)} ${String(record.length).padStart(8)}`;
    const id = objectId === undefined ? '' : ` #${objectId}`;
    const told = value === undefined ? value : (TIMES[String(primitive)]?.(BigInt(value as string)) ?? value);
    const more = className ?? libraryName ?? (idRef === undefined ? told : `→ #${idRef}`);
    const text = more === undefined ? '' : `  ${p.text(safe(String(more).slice(0, Math.max(20, width - 60))))}`;
    out.push(`${p.offset(range)}  ${p.name(type)}${id}${text}\n`);
  }
  if (recordCount > ROWS) out.push(`         … ${recordCount - ROWS} more records\n`);
  for (const { message, offset: at } of warnings) out.push(`  ${p.warning('!')} byte ${at ?? '?'}: ${safe(message)}\n`);
  return out.join('');
}
