/** What the filter's editor asks the worker for. */
import {
  filter as compileFilter,
  type Expected,
  expectedAt,
  type FieldEntry,
  type FieldTable,
  FilterError,
  type FilterWord,
  FUNCTIONS,
  filterFor as filterOf,
  knownFields,
  type NodeJson,
  readValues,
  wordsOf,
} from '../../index.js';
import type { Capture } from '../worker/capture.js';

/** A filter while it is written. */
export interface FilterReading {
  readonly words: readonly FilterWord[];
  /** Why it is none; null where it is one, or empty. */
  readonly error: { readonly reason: string; readonly at: number; readonly length: number } | null;
}

/** What can be written at a place of a filter, instead of what stands between `from` and that place. */
export interface Proposals {
  readonly from: number;
  /** Those of the capture that is open come first. */
  readonly proposals: readonly Proposal[];
  /** Whether all are there, so that those that do not fit what is written need not be asked for again. */
  readonly ofFields: boolean;
}

export interface Proposal {
  readonly text: string;
  /** What it means. */
  readonly says: string;
  readonly occurs: boolean;
}

/** Values of a field that are proposed, the most frequent first. */
const MOST_VALUES = 500;
/** Milliseconds that are spent on finding what occurs; what is found by then is proposed. */
const PATIENCE = 2000;

let table: FieldTable | undefined;

/** All fields; the table is made at first need. */
function known(): FieldTable {
  table ??= knownFields();
  return table;
}

/** A filter that finds frames in which a field has a value; null where no filter knows the name. */
export function filterFor(name: string, value: NodeJson['value']): string | null {
  return filterOf(known(), name, value);
}

/** Its words, and what is wrong with it. */
export function readFilter(text: string): FilterReading {
  const words = wordsOf(text, known());
  try {
    if (words.length > 0) compileFilter(text);
    return { words, error: null };
  } catch (e) {
    if (!(e instanceof FilterError)) throw e;
    return { words, error: { reason: e.reason, at: e.position, length: e.length } };
  }
}

/** What can be written at a place of a filter. */
export async function propose(capture: Capture | null, text: string, at: number): Promise<Proposals> {
  const { from, operands, operators, valuesOf } = expectedAt(text, at, known());
  if (operands) return { from, proposals: await proposedOperands(capture), ofFields: true };
  if (valuesOf !== null) return { from, proposals: await proposedValues(capture, valuesOf), ofFields: false };
  const proposals = operators.map((text) => ({ text, says: OPERATORS[text] ?? '', occurs: true }));
  return { from, proposals, ofFields: false };
}

const OPERATORS: Readonly<Record<Expected['operators'][number], string>> = {
  '==': 'any value is equal',
  '!=': 'no value is equal',
  '&': 'bits in common',
  contains: 'text or bytes inside',
  matches: 'a regular expression',
  in: 'one of {…}',
  '&&': 'and',
  '||': 'or',
  '^^': 'one of the two',
};

async function proposedOperands(capture: Capture | null): Promise<Proposal[]> {
  const seen = capture === null ? new Set<string>() : await once(capture, '', fieldsIn);
  const fields = known()
    .list()
    .map(({ name, label, type, of }) => ({
      text: name,
      says: type === 'none' ? label : `${label}, ${type}`,
      occurs: of.some((one) => seen.has(one)),
    }));
  const functions = [...FUNCTIONS].map((name) => ({ text: `${name}(`, says: 'function', occurs: false }));
  return [...fields.filter(({ occurs }) => occurs), ...fields.filter(({ occurs }) => !occurs), ...functions];
}

async function proposedValues(capture: Capture | null, field: FieldEntry): Promise<Proposal[]> {
  if (field.kind === 'none') return [];
  const seen = capture === null ? new Map() : await once(capture, field.name, () => valuesIn(capture, field));
  return [...seen]
    .sort(([, a], [, b]) => b - a)
    .map(([text, count]) => ({
      text,
      says: [nameOf(field, text), `${count} ×`].filter((t) => t !== '').join(', '),
      occurs: true,
    }));
}

/** What a number means, where the field has names for its values. */
function nameOf({ fields }: FieldEntry, literal: string): string {
  const number = Number(literal);
  return fields.map(({ names }) => names?.[number]).find((name) => name !== undefined) ?? '';
}

/** What was found in a capture, by field; fields themselves under the empty name. */
const found = new WeakMap<Capture, Map<string, Promise<unknown>>>();

function once<T>(capture: Capture, name: string, find: (capture: Capture) => Promise<T>): Promise<T> {
  const before = found.get(capture) ?? new Map<string, Promise<unknown>>();
  found.set(capture, before);
  const known = (before.get(name) as Promise<T> | undefined) ?? find(capture);
  before.set(name, known);
  return known;
}

/** Names of the fields that occur at its beginning. */
async function fieldsIn(capture: Capture): Promise<Set<string>> {
  const names = new Set<string>();
  const end = performance.now() + PATIENCE;
  await capture.again({
    frame({ roots }) {
      const todo = [...roots];
      for (let level = todo.pop(); level !== undefined; level = todo.pop())
        for (const { field, children } of level) {
          names.add(field.name);
          if (children.length > 0) todo.push(children);
        }
      return performance.now() < end;
    },
  });
  return names;
}

/** How often values of a field occur at its beginning. */
async function valuesIn(capture: Capture, field: FieldEntry): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const count = (value: string): void => {
    const before = counts.get(value);
    if (before !== undefined || counts.size < MOST_VALUES) counts.set(value, (before ?? 0) + 1);
  };
  const end = performance.now() + PATIENCE;
  await readValues(capture.input, field, count, capture.options, { ready: () => performance.now() < end });
  return counts;
}
