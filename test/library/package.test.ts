/** The package as it is installed: how large it is, what it holds, and README's examples against it. */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../cli.js';
import { startView } from '../view/served.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let packed: Packed;

/** README's example in a language. */
function example(language: string): string {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const section = readme.slice(readme.indexOf('## As a library'));
  const code = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1];
  if (code === undefined) throw new Error(`README has no ${language} example`);
  return code;
}

const node = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  const { stdout } = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  [packed] = JSON.parse(stdout) as Packed[];
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  spawnSync('tar', ['-xzf', packed.filename], { cwd: folder });
  cpSync(join(folder, 'package'), join(modules, 'clrscope'), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { dependencies: object };
  // what npm would install beside it
  for (const name of [...Object.keys(dependencies), '@types']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(`${ROOT}node_modules/${name}`, join(modules, name));
  }
  cpSync(`${ROOT}samples/managed-object/capture.pcap`, join(folder, 'capture.pcap'));
  cpSync(`${ROOT}test/nrbf/vectors/v-class-simple.nrbf`, join(folder, 'blob.nrbf'));
  writeFileSync(join(folder, 'secrets.json'), '{"accounts": []}');
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});

describe('the package', () => {
  it('is small, holds what runs once, and nothing that does not', () => {
    // the engine is there three times: in the program, in the library, and in the page, which is one file
    expect(packed.unpackedSize).toBeLessThan(3_800_000);
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.js') && !/^dist\/(bundle|view)\//.test(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.pcap'))).toEqual(['samples/managed-object/capture.pcap']);
    for (const name of ['call', 'pdu', 'nrbf', 'audit']) expect(paths).toContain(`schemas/${name}.schema.json`);
  });

  it('runs as a program', async () => {
    const { stdout } = await node('node_modules/clrscope/dist/bundle/cli/main.js', 'calls', 'capture.pcap');
    expect(stdout).toContain('IManagedObject.');
  });

  it('serves its page', async () => {
    const main = join(folder, 'node_modules/clrscope/dist/bundle/cli/main.js');
    const { address, server } = await startView([join(folder, 'capture.pcap')], process.env, main);
    try {
      const page = await (await fetch(address)).text();
      const script = /<script defer src="([^"]+)"/.exec(page)?.[1] ?? '';
      // it is packed compressed, and served as it was built
      expect(packed.files.map(({ path }) => path)).not.toContain(`dist/view/${script}`);
      const served = await fetch(new URL(script, address));
      expect((await served.text()) === readFileSync(`${ROOT}dist/view/${script}`, 'utf8')).toBe(true);
    } finally {
      server.kill();
    }
  });

  it("runs README's JavaScript", async () => {
    const bytes = readFileSync(`${ROOT}samples/managed-object/capture.pcap`);
    const server = createServer((_, response) => response.end(bytes)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      writeFileSync(
        join(folder, 'example.js'),
        example('js').replace('https://example.org/capture.pcapng.gz', `http://127.0.0.1:${port}/`),
      );
      const { stdout } = await node('example.js');
      const lines = stdout.trimEnd().split('\n');
      const json = lines.filter((line) => line.startsWith('{'));
      expect(json.length).toBeGreaterThan(5);
      // each call as text, and as JSON from the network
      expect(json.map((line) => JSON.parse(line).summary)).toEqual(lines.slice(0, json.length));
      expect(stdout).toContain('Opnum: 3');
    } finally {
      server.close();
    }
  });

  it("compiles and runs README's TypeScript", async () => {
    writeFileSync(join(folder, 'example.ts'), example('ts'));
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--strict',
      '--types',
      'node',
      '--skipDefaultLibCheck',
    ];
    const compiled = await node(`${ROOT}node_modules/typescript/bin/tsc`, ...options, 'example.ts').catch(
      (e: { stdout: string }) => e,
    );
    expect(compiled.stdout).toBe('');
    const { stdout } = await node('example.js');
    expect(stdout).toMatch(/^\d+ \w+\n/);
    expect(stdout).toContain('\nroot ');
    expect(stdout.endsWith('true\n')).toBe(true);
  });

  it.each(['clrscope', 'clrscope/nrbf', 'clrscope/interfaces'])('bundles for browsers: %s', async (entry) => {
    const input = join(folder, `${entry.replace('/', '-')}-web.js`);
    writeFileSync(input, `export * from '${entry}';`);
    const build = await rolldown({ input, platform: 'browser' });
    const { output } = await build.generate({ format: 'es' });
    await build.close();
    const chunks = output.filter((file) => file.type === 'chunk');
    const own = new Set(chunks.map((chunk) => chunk.fileName));
    const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
    expect(imported.filter((name) => !own.has(name))).toEqual([]);
  });

  it('has the types that its entries reach, no others, which need none of Node', () => {
    const root = join(folder, 'node_modules/clrscope');
    const { imports, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const todo = ['.', './nrbf', './interfaces'].map((entry) => join(root, exports[entry].types));
    const seen = new Set<string>();
    const foreign = new Set<string>();
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?['"]([^'"]+)['"]/g)) {
        const path = name === '#platform' ? join(root, imports[name].types) : join(dirname(file), name);
        if (name === '#platform' || name.startsWith('.')) todo.push(path.replace(/(?<!\.d)\.[jt]s$/, '.d.ts'));
        else foreign.add(name);
      }
    }
    const declarations = packed.files.filter(({ path }) => path.endsWith('.d.ts'));
    expect(declarations.map(({ path }) => join(root, path)).sort()).toEqual([...seen].sort());
    // each declared once, with what is said of it
    expect(declarations.length).toBeLessThan(10);
    const index = readFileSync(join(root, exports['.'].types), 'utf8');
    expect(index.match(/^interface Call \{/gm)).toHaveLength(1);
    expect(index).toMatch(/\*\/\ninterface Call \{/);
    expect([...foreign].filter((name) => name.startsWith('node:') || name === 'buffer')).toEqual([]);
  });

  it('has entries that load by themselves', async () => {
    for (const entry of ['clrscope', 'clrscope/nrbf', 'clrscope/interfaces']) {
      const { stdout } = await node(
        '--input-type=module',
        '-e',
        `console.log(Object.keys(await import('${entry}')).length)`,
      );
      expect(Number(stdout)).toBeGreaterThan(10);
    }
    expect(readdirSync(join(folder, 'node_modules/clrscope'))).not.toContain('test');
  });
});
