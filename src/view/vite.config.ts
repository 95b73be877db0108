/**
 * The page as static files that also work from the disk: browsers load neither modules nor workers from there, so that
 * the page is one classic script, with its worker inside.
 */
import { fileURLToPath } from 'node:url';
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

export default defineConfig({
  root: at('.'),
  base: './',
  resolve: { alias: { '#platform': at('../platform/web.ts') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [classicScript],
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
