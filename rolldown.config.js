/** Puts what tsc compiled of the program into few files: starting it is then a third faster. The library stays as it is. */
export default {
  input: ['dist/src/cli/main.js', 'dist/src/cli/parallel-worker.js'],
  platform: 'node',
  external: /^(?!\.{0,2}\/|dist\/)/,
  output: { dir: 'dist/bundle/cli', cleanDir: true, chunkFileNames: '[name].js' },
};
