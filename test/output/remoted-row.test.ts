/** Rows of remoted methods keep to what a capture may become as JSON: names stay, values go. */
import { expect, test } from 'vitest';
import { factsOfKind } from '../../dissectors/dcom/facts.js';
import { factsOf } from '../../dissectors/outcome.js';
import { readCalls } from '../../src/index.js';
import {
  type JsonAllowance,
  REMOTED_TABLE,
  type RemotedRow,
  remotedIn,
  remotedRows,
} from '../../src/output/tables/nrbf-calls.js';
import { ROOT } from '../cli.js';

async function rows(sample: string, allowance: JsonAllowance): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  const remotedRow = remotedRows(allowance);
  await readCalls(`${ROOT}samples/${sample}/capture.pcap`, (call, number) => {
    for (const fact of factsOfKind(factsOf(call), 'remoted'))
      all.push(cellsOf(remotedRow({ capture: sample, number, call }, fact)));
  });
  return all;
}

/** By column; JSON, which holds until the next row, as text. */
function cellsOf(row: RemotedRow): Record<string, unknown> {
  const cells = REMOTED_TABLE.columns.map(({ name, of }) => [name, of(row) ?? null] as const);
  return Object.fromEntries(
    cells.map(([name, cell]) => [name, cell instanceof Uint8Array ? Buffer.from(cell).toString() : cell]),
  );
}

const VALUES = ['args', 'return_value', 'out_args', 'context'];

test.each(['remoting-tcp', 'remoting-soap'])('%s', async (sample) => {
  let asked = 0;
  const whole = await rows(sample, {
    fit(bytes, make) {
      asked += bytes;
      return make();
    },
  });
  const short = await rows(sample, { fit: (_bytes, _make, shorter) => shorter() });
  expect(asked).toBeGreaterThan(0);
  expect(whole.some((row) => VALUES.every((name) => name === 'context' || row[name] !== null))).toBe(true);
  const without = (row: Record<string, unknown>) => ({
    ...row,
    args: null,
    return_value: null,
    out_args: null,
    context: null,
  });
  expect(short).toEqual(whole.map(without));
});

test('where the request is cut, what came back is told all the same', async () => {
  const row = remotedRows({ fit: (_bytes, make) => make() });
  const thrown: unknown[] = [];
  await readCalls(`${ROOT}samples/remoting-tcp/capture.pcap`, (call, number) => {
    const told = (one: typeof call) =>
      remotedIn(one, factsOf(one)).map((fact) => {
        const { exception_type, exception_message, return_value } = cellsOf(
          row({ capture: '', number, call: one }, fact),
        );
        return { exception_type, exception_message, return_value };
      });
    expect(told({ ...call, in: {} })).toEqual(told(call));
    thrown.push(...told(call).filter(({ exception_type }) => exception_type !== null));
  });
  expect(thrown.length).toBeGreaterThan(0);
});
