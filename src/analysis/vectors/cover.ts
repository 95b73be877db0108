/** What vectors cover: operations, NRBF record types, message flags and layouts of CCW_PTR, seen and missing. */
import type { Call } from '../../../dissectors/call.js';
import { CCW_LAYOUTS } from '../../../dissectors/dcom/ccw-ptr.js';
import { factsOfKind } from '../../../dissectors/dcom/facts.js';
import type { RpcInterface } from '../../../dissectors/ndr/interface.js';
import { operationText } from '../../../dissectors/ndr/interface.js';
import { flagNames, MessageFlag, RECORD_NAMES } from '../../../dissectors/nrbf/format/types.js';
import { type NrbfStream, recordAt } from '../../../dissectors/nrbf/index.js';
import { factsOf } from '../../../dissectors/outcome.js';

const KINDS = ['operations', 'records', 'flags', 'ccwLayouts', 'syntaxes'] as const;

/** Names of what is covered. */
export type Covers = Readonly<Record<(typeof KINDS)[number], Set<string>>>;

export function noCovers(): Covers {
  return Object.fromEntries(KINDS.map((kind) => [kind, new Set()])) as Record<(typeof KINDS)[number], Set<string>>;
}

/** Adds what `more` covers. */
export function mergeCovers(to: Covers, more: Covers): void {
  for (const kind of KINDS) for (const name of more[kind]) to[kind].add(name);
}

/** What a call covers by itself, without the streams in it. */
export function coverOf(call: Call): Covers {
  const covers = noCovers();
  covers.operations.add(`${call.iface?.name ?? call.iid ?? 'unknown'}.${operationText(call)}`);
  covers.syntaxes.add(call.syntax);
  for (const { ccw } of factsOfKind(factsOf(call), 'identity')) if (ccw !== null) covers.ccwLayouts.add(ccw.layout);
  return covers;
}

/** What a stream covers. */
export function streamCovers(stream: NrbfStream): Covers {
  const covers = noCovers();
  for (let i = 0; i < stream.records.length; i++) covers.records.add(RECORD_NAMES[recordAt(stream, i).type]);
  if (stream.message !== null) for (const flag of flagNames(stream.message.flags)) covers.flags.add(flag);
  return covers;
}

/** Covers as JSON: names in order. */
export function coversJson(covers: Covers): Record<(typeof KINDS)[number], string[]> {
  return Object.fromEntries(KINDS.map((kind) => [kind, [...covers[kind]].sort()])) as ReturnType<typeof coversJson>;
}

/** For each kind what there is to cover. */
export function coverage(
  covers: Covers,
  interfaces: readonly RpcInterface[],
): { title: string; covered: string[]; missing: string[] }[] {
  const operations = interfaces.flatMap((i) =>
    Object.values(i.ops).flatMap((op) => (op.decoded ? [`${i.name}.${op.name}`] : [])),
  );
  const line = (title: string, seen: Set<string>, all: readonly string[]) => ({
    title,
    covered: [...new Set([...all.filter((n) => seen.has(n)), ...[...seen].sort()])],
    missing: all.filter((n) => !seen.has(n)),
  });
  return [
    line('operations', covers.operations, operations),
    line('NRBF record types', covers.records, RECORD_NAMES),
    line('message flags', covers.flags, Object.keys(MessageFlag)),
    line('CCW_PTR layouts', covers.ccwLayouts, CCW_LAYOUTS),
    line('transfer syntaxes', covers.syntaxes, ['NDR', 'NDR64']),
  ];
}
