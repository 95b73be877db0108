/**
 * Puts what tsc compiled into few files. The library is modules, whose bundlers take what is used; what differs between
 * machines stays outside, where package.json leads `#platform`. The program is one file with all that it needs: src/cli/start.ts
 * loads it compiled, which modules cannot be.
 */
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dts } from 'rolldown-plugin-dts';

const ownOnly = /^(?!\.{0,2}\/|dist\/)/;

/** As the code cache wants it: a file that is read without decoding. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Modules of Node are loaded with the module that imports them. A bundle would load all of them at its start: those of
 * commands that nobody asked for, as node:crypto, take as long as a small capture.
 */
const builtinsLater = {
  name: 'builtins-later',
  resolveId: (id, importer) => (id.startsWith('node:') && !importer?.startsWith('\0') ? `\0${id}` : null),
  load: (id) => (id.startsWith('\0node:') ? `module.exports = require('${id.slice(1)}')` : null),
};

export default [
  {
    input: {
      index: 'dist/src/index.js',
      nrbf: 'dist/src/nrbf.js',
      interfaces: 'dist/src/interfaces.js',
      'platform/node': 'dist/src/platform/node.js',
      'platform/web': 'dist/src/platform/web.js',
    },
    platform: 'neutral',
    external: ownOnly,
    output: {
      dir: 'dist/bundle',
      // V8 takes a code cache for any source of the same length: none may stay beside another program
      cleanDir: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'library/[name].js',
      minify: true,
    },
  },
  {
    // declarations: of all that tsc wrote, what the library's entries reach
    input: {
      index: 'dist/src/index.d.ts',
      nrbf: 'dist/src/nrbf.d.ts',
      interfaces: 'dist/src/interfaces.d.ts',
      'platform/web': 'dist/src/platform/web.d.ts',
    },
    external: ownOnly,
    plugins: [
      dts({ dtsInput: true, tsconfig: false }),
      {
        // what makes an object of a namespace, which declarations do without
        name: 'no-runtime',
        generateBundle(_options, bundle) {
          for (const name of Object.keys(bundle)) if (!name.endsWith('.d.ts')) delete bundle[name];
        },
      },
    ],
    output: { dir: 'dist/types', cleanDir: true, chunkFileNames: 'library/[name].js' },
  },
  {
    input: 'dist/src/cli/program.js',
    platform: 'node',
    // what no script may do stands beside it, and what every command needs of Node is loaded at once
    external: /^node:(fs|module|os|path|process|tty|url|util)$|import-module\.js$/,
    resolve: { alias: { '#platform': fileURLToPath(new URL('dist/src/platform/node.js', import.meta.url)) } },
    output: { file: 'dist/bundle/cli/program.cjs', format: 'cjs', codeSplitting: false, minify: true },
    plugins: [
      builtinsLater,
      {
        name: 'ascii',
        generateBundle(_options, bundle) {
          for (const chunk of Object.values(bundle)) chunk.code = ascii(chunk.code);
        },
      },
    ],
  },
  {
    // workers are started from a file beside that of whoever starts them
    input: {
      main: 'dist/src/cli/main.js',
      worker: 'dist/src/cli/worker.js',
      'job-process': 'dist/src/cli/job-process.js',
      start: 'dist/src/cli/start.js',
      'import-module': 'dist/src/cli/import-module.js',
    },
    platform: 'node',
    external: ownOnly,
    output: { dir: 'dist/bundle/cli', format: 'cjs', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    plugins: [
      {
        name: 'executable',
        generateBundle() {
          this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
        },
        // npm sets the bit only when it links the program, and a file that is written anew has lost it
        writeBundle: () => chmodSync('dist/bundle/cli/main.js', 0o755),
      },
    ],
  },
];
