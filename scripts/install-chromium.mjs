// `node scripts/install-chromium.mjs`: brings a Chromium for the browser tests where none is, and prints where it stands.
import { build } from './build.mjs';
import { ensureModules } from './prepare.mjs';

try {
  ensureModules();
  build();
  const { installChromium } = await import('../dist/scripts/chromium.js');
  console.log(await installChromium((line) => console.error(line)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
