// What a checkout needs before anything of it can run: the packages of the lock file, built for this Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/** What the lock file names and node_modules lacks, or has in another version. What is optional may be for another system. */
function missing() {
  const wanted = packagesOf('package-lock.json') ?? {};
  const installed = packagesOf('node_modules/.package-lock.json');
  if (installed === undefined) return ['node_modules'];
  return Object.keys(wanted).filter(
    (path) => path !== '' && !wanted[path].optional && installed[path]?.version !== wanted[path].version,
  );
}

/** Runs npm; what it prints goes to stderr, so that our own stdout stays ours. */
function npm(...args) {
  const run = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (run.error !== undefined) throw new Error(`npm can't be started: ${run.error.message}`);
  if (run.status !== 0) {
    throw new Error([`\`npm ${args.join(' ')}\` failed: see above.`, compilerHint(process.env.PATH)].join(' ').trim());
  }
}

/** Where no ready binary fits, better-sqlite3 is compiled: what that lacks on this `PATH`, and how to get it; else nothing. */
export function compilerHint(path = '') {
  const has = (program) => path.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
  const lacks = ['python3', 'make', 'g++'].filter((program) => !has(program));
  if (lacks.length === 0) return '';
  const them = 'apt-get install python3 make g++';
  return `better-sqlite3 is compiled where no ready binary fits, and ${lacks.join(', ')} ${lacks.length === 1 ? 'is' : 'are'} missing here: install python3, make and g++ (Debian: \`${them}\`), then try again.`;
}

const loads = () =>
  spawnSync(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:')"], { cwd: root }).status === 0;

/** Installs the packages when they are not those of the lock file, and builds SQLite anew when it was built for another Node. */
export function ensureModules() {
  const lacks = missing();
  if (lacks.length > 0) {
    console.error(
      `installing: ${lacks.slice(0, 3).join(', ')}${lacks.length > 3 ? ' …' : ''} (the first time takes minutes)`,
    );
    npm('ci');
  }
  if (loads()) return;
  console.error(`building SQLite for Node ${process.versions.node} (a minute or two)`);
  npm('rebuild', 'better-sqlite3', 'ssh2');
  if (!loads()) throw new Error('better-sqlite3 does not load, though it was just built: see above');
}
