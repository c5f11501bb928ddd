// Builds the chat server's page (demo/slack/page) with Vite into the folder given: `node scripts/build-page.mjs FOLDER`.
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { root } from './prepare.mjs';

await build({
  configFile: false,
  root: join(root, 'demo', 'slack', 'page'),
  // Nothing of the machine it was built on, and no address but its own: it is served from one place, without a network.
  base: '/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(process.argv[2] ?? join(root, 'dist', 'demo', 'slack', 'page')),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // Small enough to be read where something is wrong with it.
    sourcemap: true,
  },
});
