/**
 * Puts what tsc compiled into few files, the program and the library together: starting is then a third faster, and the
 * package holds everything once. What differs between machines stays outside, where package.json leads `#platform`: for
 * browsers as modules, of which their bundlers take what is used.
 */
import { chmodSync } from 'node:fs';

export default {
  input: {
    'cli/main': 'dist/src/cli/main.js',
    'cli/worker': 'dist/src/cli/parallel/worker.js',
    index: 'dist/src/index.js',
    nrbf: 'dist/src/nrbf.js',
    interfaces: 'dist/src/interfaces.js',
    'platform/node': 'dist/src/platform/node.js',
  },
  platform: 'neutral',
  external: /^(?!\.{0,2}\/|dist\/)/,
  // workers are started from a file beside that of whoever starts them
  output: { dir: 'dist/bundle', cleanDir: true, entryFileNames: '[name].js', chunkFileNames: 'cli/[name].js' },
  plugins: [
    // npm sets the bit only when it links the program, and a file that is written anew has lost it
    { name: 'executable', writeBundle: () => chmodSync('dist/bundle/cli/main.js', 0o755) },
  ],
};
