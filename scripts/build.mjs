// Compiles src, demo, lab, bench and scripts into dist/ when a source is newer than the last build, with what bin/hostler runs in
// few files beside them (dist/hostler); and the chat server's page, which Vite builds, when one of its own is.
// Node 20 can't strip types by itself, and bin/hostler must start fast: so there is a build, and it looks after itself.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './build-lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders = ['src', 'demo', 'lab', 'bench', 'scripts'].filter((folder) => existsSync(join(root, folder)));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
/** The page is for browsers: Vite builds it, the compiler only checks its types. */
const page = join(root, 'demo', 'slack', 'page');
const builtPage = join(dist, 'demo', 'slack', 'page');

/** A folder and everything below it, as paths; the page is left out where it isn't asked for itself. */
function* below(folder) {
  yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (path === page) continue;
    if (entry.isDirectory()) yield* below(path);
    else yield path;
  }
}

/** Of the sources (the benches borrow from test/kit) and their folders, whose time tells of files that are gone; in ms. */
function newestSource() {
  let newest = Math.max(...['tsconfig.json', 'tsconfig.build.json'].map((file) => statSync(join(root, file)).mtimeMs));
  for (const folder of [...folders, 'test/kit']) {
    for (const path of below(join(root, folder))) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

/** When what makes the page was last saved: its sources, how it is built, with which packages. */
function newestOfPage() {
  const others = ['scripts/build-page.mjs', 'package-lock.json'].map((file) => join(root, file));
  return Math.max(...[...below(page), ...others].map((path) => statSync(path).mtimeMs));
}

const isFresh = (mark, newest) => existsSync(mark) && statSync(mark).mtimeMs >= newest;

/** Builds when needed, and says whether it did; throws with the compiler's own words when it can't. */
export function build({ force = false } = {}) {
  if (!force && isFresh(stamp, newestSource()) && !pageIsStale(false)) return false;
  const release = takeLock(`${dist}.lock`);
  try {
    const code = buildCode(force);
    return buildPage(force) || code;
  } finally {
    release();
  }
}

/** The same, with code and page at once: for the first start of a fresh clone. */
export async function buildTogether() {
  const release = takeLock(`${dist}.lock`);
  try {
    return await buildBoth();
  } finally {
    release();
  }
}

async function buildBoth() {
  const page = pageIsStale(false) ? startPage() : null;
  // Where the compiler fails first, nobody waits for the page any more.
  page?.catch(() => undefined);
  // The compiler runs while we wait for it, and the page's own process meanwhile.
  const code = buildCode(false);
  if (page !== null) await page;
  return page !== null || code;
}

/** Where there is no page (a checkout without it), there is nothing to do. */
function pageIsStale(force) {
  return existsSync(page) && (force || !isFresh(join(builtPage, '.built'), newestOfPage()));
}

/** Not inside of dist, which may be swapped meanwhile. */
const pageAside = `${dist}.${process.pid}.page`;
const pageCommand = [join(root, 'scripts', 'build-page.mjs'), pageAside];

function buildPage(force) {
  if (!pageIsStale(force)) return false;
  const began = new Date();
  const run = spawnSync(process.execPath, pageCommand, { encoding: 'utf8' });
  takePage(run.status, `${run.stdout}${run.stderr}`, began);
  return true;
}

function startPage() {
  const began = new Date();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, pageCommand, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        resolve(takePage(code, said, began));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Puts a page that was built aside into its place. */
function takePage(code, said, began) {
  try {
    if (code !== 0) throw new Error(`the build of the page failed:\n${said}`);
    mark(pageAside, began);
    mkdirSync(dirname(builtPage), { recursive: true });
    swapIn(pageAside, builtPage);
  } finally {
    rmSync(pageAside, { recursive: true, force: true });
  }
}

function buildCode(force) {
  if (!force && isFresh(stamp, newestSource())) return false;
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) throw new Error('typescript is not installed here: run `npm ci` first');
  const began = new Date();
  // Built aside and swapped in whole: whoever starts meanwhile finds the old build or the new one, never a half.
  const aside = `${dist}.${process.pid}`;
  try {
    run(tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', aside);
    run(join(root, 'scripts', 'bundle.mjs'), join(aside, 'hostler'));
    for (const folder of folders) copyOthers(folder, aside);
    // The page goes along as it was: it has a stamp of its own.
    if (existsSync(builtPage))
      cpSync(builtPage, join(aside, relative(dist, builtPage)), { recursive: true, preserveTimestamps: true });
    mark(aside, began);
    swapIn(aside, dist);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return true;
}

function run(...command) {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
}

/** The stamp bears the moment the build began: what was saved meanwhile is newer, and builds again. */
function mark(folder, began) {
  const built = join(folder, '.built');
  writeFileSync(built, began.toISOString());
  utimesSync(built, began, began);
}

/** What the compiler leaves out but the program reads: pages, shell scripts, SQL. */
function copyOthers(folder, to) {
  for (const path of below(join(root, folder))) {
    if (statSync(path).isDirectory() || /\.(ts|tsx|mjs)$/.test(path)) continue;
    const copy = join(to, path.slice(root.length + 1));
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(path, copy);
  }
}

function swapIn(aside, place) {
  const old = `${aside}.old`;
  if (existsSync(place)) renameSync(place, old);
  renameSync(aside, place);
  rmSync(old, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build({ force: process.argv.includes('--force') });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
