// `npm run demo`: on a fresh clone with nothing but Node. The version comes first, before anything that an older Node can't read.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const numbers = process.versions.node.split('.').map(Number);

async function main() {
  const asksHelp = process.argv.slice(2).some((arg) => arg === '--help' || arg === '-h');
  const { ensureModules } = await import(pathToFileURL(join(root, 'scripts', 'prepare.mjs')).href);
  ensureModules();
  const { buildTogether } = await import(pathToFileURL(join(root, 'scripts', 'build.mjs')).href);
  if (!asksHelp) console.error('building what is new …');
  await buildTogether();
  const { runDemo } = await import(pathToFileURL(join(root, 'dist', 'demo', 'main.js')).href);
  return runDemo(process.argv.slice(2), { out: (line) => console.log(line), err: (line) => console.error(line) });
}

if (numbers[0] < 20 || (numbers[0] === 20 && numbers[1] < 19)) {
  console.error(`demo: this is Node ${process.versions.node}, and 20.19 or newer is needed`);
  process.exitCode = 2;
} else {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
