// `node scripts/with-build.mjs lab/main up`: installs and builds what is missing, then runs dist/lab/main.js with the rest.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { ensureModules, root } from './prepare.mjs';

const [entry, ...rest] = process.argv.slice(2);
try {
  ensureModules();
  build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
const file = join(root, 'dist', `${entry}.js`);
process.argv = [process.argv[0], file, ...rest];
await import(pathToFileURL(file).href);
