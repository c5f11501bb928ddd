// `npm test` and `npm run test:lab`: installs and builds what is missing, runs Vitest, and ends with one plain line:
// `N passed, N failed, N skipped`. What else stands on the command line goes to Vitest: npm test -- test/infra/ssh
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants as fsConstants, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ensureModules, root } from './prepare.mjs';

/** Programs that tests judge us by, and the Debian packages that bring them. Without one its tests are skipped, and say so. */
const TOOLS = [
  ['openssh-server', 'sshd'],
  ['openssh-client', 'ssh-keygen'],
  ['mtools', 'mtype'],
  ['dosfstools', 'fsck.fat'],
  ['sqlite3', 'sqlite3'],
  ['sudo', 'visudo'],
];

/** A developer's own settings are nothing that a test may see. */
const OURS = /^(SLACK_|HOSTLER_(CONFIG|STATE_DIR)$|LOG_LEVEL$|PORT$)/;

const [, , ...args] = process.argv;
const lab = args.includes('--lab');
const forVitest = args.filter((arg) => arg !== '--lab');

async function ensureTools() {
  const { ensureTools: ensure } = await import('../dist/lab/tools.js');
  await ensure(TOOLS, (line) => console.error(line)).catch((error) => {
    console.error(`note: ${error.message}\n(the tests that need them are skipped)`);
  });
}

/** For the tests in a real browser; without one they are skipped, and say so. */
async function ensureChromium() {
  const { installChromium } = await import('../dist/scripts/chromium.js');
  await installChromium((line) => console.error(line)).catch((error) => {
    console.error(`note: ${error.message}\n(the tests that need it are skipped)`);
  });
}

/** For the tests in which Prometheus judges our metrics; without it they are skipped, and say so. */
async function ensurePrometheus() {
  const { bringPrometheus } = await import('../dist/scripts/prometheus.js');
  await bringPrometheus((line) => console.error(line)).catch((error) => {
    console.error(`note: ${error.message}\n(the tests that need it are skipped)`);
  });
}

/** The lab is left running: the next run finds it ready. */
function labUp() {
  const hosts = process.env.HOSTLER_LAB_HOSTS === undefined ? [] : ['--hosts', process.env.HOSTLER_LAB_HOSTS];
  const up = spawnSync(process.execPath, [join(root, 'dist', 'lab', 'main.js'), 'up', ...hosts], {
    stdio: ['ignore', 2, 2],
  });
  if (up.status !== 0) throw new Error('the lab did not come up: see above');
}

/**
 * Where the tests' databases lie: in memory where there is room. They commit with `synchronous=FULL`, thousands of times, and no test
 * cuts the power: what a SIGKILL leaves is the same there.
 */
function scratch() {
  try {
    const memory = '/dev/shm';
    accessSync(memory, fsConstants.W_OK);
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize > 2 * 1024 ** 3 ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Vitest's exit code. It has the terminal; a signal to us is one to it. */
function vitest(tallyFile) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'tally-reporter.mjs')}`];
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...forVitest],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...env, TMPDIR: folder, HOSTLER_TALLY: tallyFile, ...(lab ? { HOSTLER_LAB: '1' } : {}) },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/** What the reporter counted; a run that ended without counting has failed. */
function tallyOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const folder = mkdtempSync(join(process.env.TMPDIR === undefined && !lab ? scratch() : tmpdir(), 'hostler-test-'));
const tallyFile = join(folder, 'tally.json');
let code = 1;
try {
  ensureModules();
  build();
  await ensureTools();
  if (lab) labUp();
  else {
    await ensureChromium();
    await ensurePrometheus();
  }
  code = await vitest(tallyFile);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
}
const { passed, failed, skipped } = tallyOf(tallyFile);
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed > 0 && code === 0 ? 1 : code;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
