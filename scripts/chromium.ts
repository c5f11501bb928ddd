// The browser of the tests and of the screenshots: which one is here, and how a missing one is brought.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ensureTools } from '../lab/tools.ts';

/** What is asked of it wherever we start one: no window, nothing from outside of this machine. */
export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

/** Where distributions put theirs. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable'];

/** The path of a Chromium on this machine: `HOSTLER_CHROMIUM`'s, the system's, or the one that Playwright brought. Null where there is none. */
export async function findChromium(): Promise<string | null> {
  const named = process.env.HOSTLER_CHROMIUM;
  if (named !== undefined && named !== '') return named;
  const system = PLACES.find(existsSync);
  if (system !== undefined) return system;
  const { chromium } = await import('playwright-core');
  const own = chromium.executablePath();
  return existsSync(own) ? own : null;
}

/**
 * Brings one where none is: Debian's package through apt where apt and root are there, else Playwright's own download, which needs
 * the network. Says what it does. Throws with what to do by hand.
 */
export async function installChromium(say: (line: string) => void): Promise<string> {
  const here = await findChromium();
  if (here !== null) return here;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('Chromium for the browser tests: Debian’s package, by apt-get');
    await ensureTools([['chromium', 'chromium']], say).catch((cause: unknown) =>
      say(`apt-get did not bring it: ${cause instanceof Error ? cause.message : String(cause)}`),
    );
  }
  const system = await findChromium();
  if (system !== null) return system;
  say('Chromium for the browser tests: Playwright’s own, which is downloaded');
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const run = spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 2, 2] });
  const own = await findChromium();
  if (run.status === 0 && own !== null) return own;
  throw new Error(
    'there is no Chromium, and none could be brought. By hand: `apt-get install chromium` (Debian), or `npx playwright-core install chromium`; `HOSTLER_CHROMIUM=PATH` names one that is there',
  );
}
