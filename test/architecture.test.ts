/**
 * Which rooms may import which: packets flow capture -> streams -> engine -> dissectors -> analysis -> output. All of
 * these run anywhere: what differs between machines they import from `#platform`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT } from './cli.js';

const REGISTRY = ['dissectors/index.ts', 'dissectors/protocols.ts'];
const ALL_DISSECTORS = 'dissectors/*';

/** Rooms that a room may import from, beside itself and packages. Types may come from further up the way. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'src/platform': [],
  'src/core': [],
  'src/capture': ['src/core'],
  'src/streams': ['src/core'],
  'src/security': ['src/core'],
  'src/filter': ['src/core'],
  'src/engine': ['src/core', 'src/capture', 'src/streams'],
  'dissectors/link': ['src/core'],
  'dissectors/ndr': ['src/core'],
  'dissectors/nrbf': ['src/core'],
  'dissectors/soap': ['src/core', 'dissectors/nrbf'],
  'dissectors/http': ['src/core', 'dissectors/nrbf'],
  'dissectors/names': ['dissectors/ndr'],
  'dissectors/dcom': ['src/core', 'dissectors/ndr', 'dissectors/nrbf', 'dissectors/names'],
  // what all protocols share: calls, PDUs, what is kept of them
  dissectors: ['src/core', 'dissectors/ndr', 'dissectors/names', 'dissectors/dcom'],
  'dissectors/dcerpc': [
    'src/core',
    'src/security',
    'dissectors',
    'dissectors/ndr',
    'dissectors/names',
    'dissectors/dcom',
  ],
  'dissectors/remoting': [
    'src/core',
    'dissectors',
    'dissectors/ndr',
    'dissectors/nrbf',
    'dissectors/dcom',
    'dissectors/http',
    'dissectors/soap',
  ],
  'dissectors/smb': ['src/core', 'src/security', 'dissectors', 'dissectors/names'],
  'dissectors/nns': ['src/core', 'src/security', 'dissectors', 'dissectors/names'],
  'dissectors/interfaces': ['src/core', 'dissectors/ndr', 'dissectors/names', 'dissectors/dcom'],
  'src/analysis': ['src/core', 'src/engine', ALL_DISSECTORS],
  'src/encode': ['src/core', 'src/security', ALL_DISSECTORS],
  // a test vector holds the document that encode makes it of
  'src/output': ['src/core', 'src/filter', 'src/analysis', 'src/encode', ALL_DISSECTORS],
};

const TYPES_TOO: Readonly<Record<string, readonly string[]>> = {
  // an operation tells facts, which are DCOM's
  'dissectors/ndr': ['dissectors/dcom'],
  // what a PDU and a call tell of their own where they are DCE/RPC's
  dissectors: ['src/security', 'dissectors/dcerpc'],
  'src/streams': ['src/capture'],
  'src/analysis': ['src/capture', 'src/security'],
  'src/output': ['src/capture'],
};

/** The registry lies outside of all rooms; other files at the top of dissectors are one. */
function room(file: string): string {
  if (REGISTRY.includes(file)) return file;
  return posix.dirname(file).split('/').slice(0, 2).join('/');
}

const files = ['src', 'dissectors'].flatMap((top) =>
  readdirSync(ROOT + top, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f))
    .map((f) => `${top}/${f}`),
);

/** What only Node or only a browser has. */
const MACHINE = [
  ...['Buffer', 'process', 'require', 'module', 'NodeJS', 'global', 'setImmediate', '__dirname', '__filename'],
  ...['window', 'self', 'document', 'navigator', 'location', 'localStorage', 'fetch', 'Worker'],
];

/** Names that a file uses and does not declare. */
function foreignNames(file: string, text: string): Set<string> {
  const used = new Set<string>();
  const declared = new Set<string>();
  const walk = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      if ((parent as { name?: ts.Node }).name !== node) used.add(node.text);
      else if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent))
        declared.add(node.text);
    }
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  for (const name of declared) used.delete(name);
  return used;
}

/** Names that several files may export, and why. (node.ts and web.ts of the platform export the same on purpose.) */
const SHARED: Readonly<Record<string, string>> = {
  calls: 'the command, and what it is in the library',
  encode: 'the command, what it is in the library, and its half for clrscope/nrbf, which stands alone',
};

/** Names that a file declares and exports. */
function exportsOf(file: string): string[] {
  const { statements } = ts.createSourceFile(file, readFileSync(ROOT + file, 'utf8'), ts.ScriptTarget.ES2022);
  return statements.flatMap((s) => {
    if (!ts.canHaveModifiers(s) || !ts.getModifiers(s)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) return [];
    const named = ts.isVariableStatement(s) ? s.declarationList.declarations : [s as ts.DeclarationStatement];
    return named.flatMap(({ name }) => (name && ts.isIdentifier(name) ? [name.text] : []));
  });
}

/** Files that a file imports from, types too. */
function importsOf(file: string): string[] {
  const text = readFileSync(ROOT + file, 'utf8');
  return [...text.matchAll(/^(?:import|export) (?:type )?[^;]*?from '(\.[^']+)';/gms)].map(([, path]) =>
    posix.join(posix.dirname(file), path).replace(/\.js$/, '.ts'),
  );
}

describe('architecture', () => {
  it.each(files.filter((f) => room(f) in MAY))('%s imports only from rooms below it', (file) => {
    const text = readFileSync(ROOT + file, 'utf8');
    const wrong: string[] = [];
    for (const [, type, path] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '(\.[^']+)';/gms)) {
      const target = posix.join(posix.dirname(file), path).replace(/\.js$/, '.ts');
      const from = room(target);
      const allowed = [room(file), ...MAY[room(file)], ...(type ? (TYPES_TOO[room(file)] ?? []) : [])];
      if (!allowed.some((a) => a === from || (a === ALL_DISSECTORS && from.startsWith('dissectors')))) wrong.push(path);
      if (target === 'dissectors/index.ts')
        wrong.push(`${path}: only src/cli and the files beside src/index.ts know the registry`);
    }
    expect(wrong).toEqual([]);
  });

  it.each(files.filter((f) => room(f) in MAY && room(f) !== 'src/platform'))('%s runs anywhere', (file) => {
    const text = readFileSync(ROOT + file, 'utf8');
    expect(text.match(/(?:from|import) ?\(?'(?:node:[^']*|[^']*\/platform\/[^']*)'/g)).toBeNull();
    const suspects = MACHINE.filter((name) => text.includes(name));
    const names = suspects.length === 0 ? new Set() : foreignNames(file, text);
    expect(suspects.filter((name) => names.has(name))).toEqual([]);
  });

  // operations tell facts of them (dissectors/dcom/facts.ts)
  it('analysis and output know no parameter by its name', () => {
    const wrong = files
      .filter((f) => room(f) === 'src/analysis' || room(f) === 'src/output')
      .filter((f) => /\bcall\.(?:in|out)\??\.\w/.test(readFileSync(ROOT + f, 'utf8')));
    expect(wrong).toEqual([]);
  });

  it('the page knows the engine by its public face', () => {
    const face = ['src/index.ts', 'src/nrbf.ts', 'src/interfaces.ts', 'package.json'];
    const page = files.filter((file) => room(file) === 'src/view');
    const wrong = page.flatMap((file) =>
      importsOf(file)
        .filter((target) => room(target) !== 'src/view' && !face.includes(target))
        .map((target) => `${file}: ${target}`),
    );
    expect(page.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  it('has no circles but the two of the specification: VARIANT and SAFEARRAY, and by their types what reads and writes NDR', () => {
    const imports = new Map(files.map((file) => [file, importsOf(file)]));
    const reaches = (from: string, to: string): boolean => {
      const seen = new Set<string>();
      const todo = [...(imports.get(from) ?? [])];
      for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
        if (file === to) return true;
        if (seen.has(file)) continue;
        seen.add(file);
        todo.push(...(imports.get(file) ?? []));
      }
      return false;
    };
    const circular = files.filter((file) => reaches(file, file));
    expect(circular.sort()).toEqual([
      'dissectors/dcom/safearray.ts',
      'dissectors/dcom/variant.ts',
      ...['agree', 'layout', 'pointee', 'range', 'read', 'types', 'write'].map((name) => `dissectors/ndr/${name}.ts`),
    ]);
  });

  it('gives a name one meaning: no two files export the same', () => {
    const exported = new Map<string, Set<string>>();
    // the page is a program of its own
    for (const file of files.filter((f) => room(f) !== 'src/platform' && room(f) !== 'src/view'))
      for (const name of exportsOf(file)) exported.set(name, (exported.get(name) ?? new Set()).add(file));
    const twice = [...exported].filter(([name, where]) => where.size > 1 && !(name in SHARED));
    expect(twice.map(([name, where]) => `${name}: ${[...where].join(', ')}`)).toEqual([]);
  });

  it('has no file of more than 400 lines but tables and the cursor', () => {
    const long = files.filter((file) => readFileSync(ROOT + file, 'utf8').split('\n').length > 401);
    expect(long.filter((file) => !file.startsWith('dissectors/names/'))).toEqual(['src/core/cursor.ts']);
  });
});
