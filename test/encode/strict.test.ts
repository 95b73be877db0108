/** What is encoded is what was meant: any member that is mistyped, and any value that does not fit, is refused. */
import { describe, expect, it } from 'vitest';
import { nrbfToJson } from '../../dissectors/nrbf/index.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { SCENARIOS } from '../../src/encode/scenarios/scenarios.js';
import { hasShared, read as readStream, SHARED, vectors } from '../nrbf/support.js';
import { TRAFFIC } from '../traffic.js';
import { captures, changed, edited, KNOWN, leavesOf, secretsOf, throughJson, walkCapture } from './support.js';

type Path = (string | number)[];

/** Why a document is refused; null where it is taken. */
function refusal(json: unknown): string | null {
  try {
    encodeDocument(json, KNOWN);
    return null;
  } catch (e) {
    expect((e as Error).name, (e as Error).stack).toBe('EncodeError');
    return (e as Error).message;
  }
}

/** Paths of all members of objects. */
function membersOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return Array.isArray(value) ? membersOf(inner, at) : [at, ...membersOf(inner, at)];
  });
}

/** A copy in which a member has another name. */
function renamed(document: unknown, path: Path, name: string): unknown {
  return edited(document, path.slice(0, -1), (parent) => {
    const { [path[path.length - 1]]: value, ...others } = parent as Record<string | number, unknown>;
    return { ...others, [name]: value };
  });
}

/** How messages spell a path. */
function spelt(path: Path): string {
  return path
    .map((key) =>
      /^\d+$/.test(String(key)) ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(String(key)) ? `.${key}` : `["${key}"]`,
    )
    .join('')
    .replace(/^\./, '');
}

/** Names of a class's members, which a VALUE gives as they are. */
const free = (path: Path): boolean => path.at(-2) === 'members';
/** What is told to people beside values. */
const told = (path: Path): boolean => path.includes('readable') && path.at(-1) !== 'readable';

const FRACTIONS = /^((System\.)?(Double|Single)|VT_(R4|R8|DATE))$/;

/** Values that the type of the one at a path cannot hold. */
function odd(document: unknown, path: Path, value: unknown): unknown[] {
  if (typeof value === 'string') return [[], {}, true];
  if (typeof value === 'boolean') return ['yes', 2];
  if (typeof value !== 'number') return [];
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], document) as object;
  // raw values of records: which of them are fractions, their class says
  const fraction = Array.isArray(parent) || Object.values(parent).some((v) => FRACTIONS.test(String(v)));
  return ['zz', [], {}, ...(fraction ? [] : [1e300, 0.5])];
}

/** Every mistyped member, and every value that fits no type, of a document; says what was taken. */
function slips(document: unknown): string[] {
  const taken: string[] = [];
  for (const path of membersOf(document)) {
    if (free(path) || told(path)) continue;
    const message = refusal(renamed(document, path, `${path.at(-1)}Zq`));
    if (message === null || !message.includes(`${path.at(-1)}`)) taken.push(`${spelt(path)}Zq: ${message}`);
  }
  for (const { path, value } of leavesOf(document)) {
    if (path.includes('readable')) continue;
    for (const other of odd(document, path, value)) {
      const message = refusal(changed(document, path, other));
      if (message === null) taken.push(`${spelt(path)} = ${JSON.stringify(other)}`);
    }
  }
  return taken;
}

it('a list is no object, even without elements', () => {
  const stub = { kind: 'stub', interface: 'IManagedObject', operation: 'GetObjectIdentity', side: 'request' };
  expect(refusal({ ...stub, params: {}, wire: {} })).toBeNull();
  expect(refusal({ ...stub, params: {}, wire: [] })).toBe('wire: an object is wanted, not a list');
  const connection = {
    server: { address: '10.9.0.20', port: 135 },
    contexts: [{ id: 0, interface: 'IRemUnknown2' }],
    calls: [],
  };
  expect(refusal({ connections: [connection] })).toBeNull();
  expect(refusal({ connections: [{ ...connection, client: [] }] })).toBe(
    'connections[0].client: an object is wanted, not a list',
  );
});

describe('ready scenarios', () => {
  it.each(SCENARIOS.filter((s) => s.name !== 'hostile').map((s) => s.name))(
    '%s: no slip is taken',
    { timeout: 60_000 },
    (name) => {
      const document = throughJson(SCENARIOS.find((s) => s.name === name)?.document());
      expect(refusal(document)).toBeNull();
      expect(slips(document)).toEqual([]);
    },
  );
});

describe('stubs of real traffic', () => {
  it('of every operation seen: no slip is taken', { timeout: 300_000 }, async () => {
    const seen = new Set<string>();
    const taken: string[] = [];
    // net-* have the operations of clear-ndr
    for (const name of captures.filter((c) => !c.startsWith('net-'))) {
      const file = `${TRAFFIC}/${name}`;
      const { stubs } = await walkCapture(file, await secretsOf(file));
      for (const { document } of stubs) {
        const key = `${document.interface} ${document.operation} ${document.side} ${document.wire.syntax}`;
        if (seen.has(key) || JSON.stringify(document).length > 20_000) continue;
        seen.add(key);
        for (const slip of slips(throughJson(document))) taken.push(`${key}: ${slip}`);
      }
    }
    expect(seen.size).toBeGreaterThan(20);
    expect(taken).toEqual([]);
  });
});

describe.skipIf(!hasShared)('NRBF of real formatters', () => {
  const few = (hasShared ? vectors(`${SHARED}/valid`) : [])
    .filter((v) => v.bytes.length < 1500)
    .filter((_, i) => i % 5 === 0);

  it.each(few)('$name: no slip is taken, by records or by VALUEs', ({ bytes, truth }) => {
    const document = throughJson(nrbfToJson(readStream(bytes, { schema: truth.schema }), { full: true }));
    expect(refusal({ kind: 'nrbf', ...document })).toBeNull();
    const { records, root, call, objects } = document;
    expect(slips({ kind: 'nrbf', records })).toEqual([]);
    const values = call === null ? { root } : { call };
    expect(slips({ kind: 'nrbf', ...values, ...(objects === undefined ? {} : { objects }) })).toEqual([]);
  });
});
