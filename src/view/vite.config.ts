/**
 * The page as static files that also work from the disk: browsers load neither modules nor workers from there, so that
 * the page is one classic script, with its worker inside.
 */
import { fileURLToPath } from 'node:url';
import { gzip } from 'pako';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const classicScript: Plugin = {
  name: 'classic-script',
  transformIndexHtml: {
    order: 'post',
    handler: (html) =>
      html.replace('<script type="module" crossorigin', '<script defer').replaceAll(' crossorigin', ''),
  },
};

/** Script and style once more as the package ships them and the program serves them; these bytes are the same everywhere. */
const compressed: Plugin = {
  name: 'compressed',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (!/\.(?:js|css)$/.test(name)) continue;
        const source = gzip(file.type === 'chunk' ? file.code : file.source, { level: 9 });
        this.emitFile({ type: 'asset', fileName: `${name}.gz`, source });
      }
    },
  },
};

export default defineConfig({
  root: at('.'),
  base: './',
  resolve: { alias: { '#platform': at('../platform/web.ts') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [classicScript, compressed],
  worker: { format: 'iife' },
  build: {
    outDir: at('../../dist/view'),
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4096,
    rolldownOptions: { output: { format: 'iife' } },
  },
});
