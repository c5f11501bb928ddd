// Prometheus and promtool, by which tests judge our metrics: where they are on this machine, and how missing ones are brought.
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, LabError, run } from '../lab/command.ts';
import { TOOL_PATH } from '../lab/tools.ts';

/** The programs of Debian's packages `prometheus` and `prometheus-alertmanager`, as paths. */
export interface PrometheusTools {
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
}

const PACKAGES = ['prometheus', 'prometheus-alertmanager'];
const BY_HAND = `By hand, on Debian: \`apt-get install ${PACKAGES.join(' ')}\`.`;
/** Whatever it is doing, the network is gone by then. */
const FETCH_MS = 300_000;

/** Where the unpacked packages are kept: `~/.cache/hostler-tools/prometheus`. */
function keptFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.HOME || homedir(), '.cache', 'hostler-tools', 'prometheus');
}

/** The system's, or those that were unpacked before; null where one is missing. */
export function findPrometheus(): PrometheusTools | null {
  const folders = [...TOOL_PATH.split(':'), join(keptFolder(), 'usr', 'bin')];
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find(runs);
  const [prometheus, promtool] = [find('prometheus'), find('promtool')];
  const [alertmanager, amtool] = [find('prometheus-alertmanager'), find('amtool')];
  if (prometheus === undefined || promtool === undefined || alertmanager === undefined || amtool === undefined)
    return null;
  return { prometheus, promtool, alertmanager, amtool };
}

/**
 * Brings them where one is missing. The packages are unpacked and not installed: installed they would start services on this machine.
 * Throws with what to do by hand.
 */
export async function bringPrometheus(say: (line: string) => void): Promise<PrometheusTools> {
  const here = findPrometheus();
  if (here !== null) return here;
  if (!TOOL_PATH.split(':').some((folder) => runs(join(folder, 'apt-get'))))
    throw new LabError(`there is no Prometheus with its Alertmanager, and no apt-get to bring it. ${BY_HAND}`);
  say('Prometheus and Alertmanager for the tests: Debian’s packages, unpacked and not installed');
  const kept = keptFolder();
  mkdirSync(dirname(kept), { recursive: true });
  // Beside its place and under its name only when it is whole.
  const work = mkdtempSync(`${kept}-`);
  try {
    await download(work);
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb')))
      await run('dpkg', ['-x', join(work, file), join(work, 'root')], { timeoutMs: FETCH_MS });
    rmSync(kept, { recursive: true, force: true });
    renameSync(join(work, 'root'), kept);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const found = findPrometheus();
  if (found === null)
    throw new LabError(`Debian’s packages were unpacked into ${kept}, yet not all programs are there. ${BY_HAND}`);
  return found;
}

/** Old lists name versions that the mirror no longer has, and a fresh machine has none: root may read them anew. */
async function download(folder: string): Promise<void> {
  const options = { cwd: folder, timeoutMs: FETCH_MS };
  const args = ['download', '-q', ...PACKAGES];
  const first = await attempt('apt-get', args, options);
  if (first.code === 0) return;
  if (process.getuid?.() === 0) await run('apt-get', ['update', '-q'], options);
  await run('apt-get', args, options);
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
