// `npm run check`: everything that must be in order before a commit, a line each. `-- --fast` leaves the tests out,
// but for those of the repository itself (floors, generated files, packages), which take a second.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureModules, root } from './prepare.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const OWN_RULES = ['test/floors.test.ts', 'test/generated.test.ts', 'test/repository.test.ts'];

const CHECKS = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json', '--noEmit']],
  ['types of the page', bin('tsc'), ['-p', 'demo/slack/page/tsconfig.json']],
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['nothing unused, no cycles', bin('knip'), ['--no-config-hints']],
  ['floors, generated files', bin('vitest'), ['run', ...OWN_RULES]],
];
const TESTS = ['tests', process.execPath, [join('scripts', 'test.mjs')]];

/** Runs one and prints its line; what it said comes below when it failed. */
function passes([name, program, args]) {
  const began = performance.now();
  const run = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const said = `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`.trim();
  const last = name === 'tests' ? `: ${run.stdout?.trim().split('\n').at(-1)}` : '';
  console.log(`${run.status === 0 ? '✓' : '✗'} ${name}${last} (${seconds} s)`);
  if (run.status !== 0) console.log(said.replace(/^/gm, '    '));
  return run.status === 0;
}

try {
  ensureModules();
  const checks = process.argv.includes('--fast') ? CHECKS : [...CHECKS, TESTS];
  const failed = checks.filter((check) => !passes(check));
  if (failed.length > 0) {
    console.error(`not in order: ${failed.map(([name]) => name).join(', ')}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
