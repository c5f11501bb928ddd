/** The demo, whole, and people in front of its page: a real Chromium, a tab for each. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import type { ConfigFileText } from '../../demo/fleet/config-file.ts';
import { type RunningDemo, startDemo } from '../../demo/start.ts';
import { addressOf, launch, openTab, type TabOptions } from '../../scripts/browser.ts';
import { findChromium } from '../../scripts/chromium.ts';
import { openReadOnly } from '../../src/infra/sqlite/database.ts';
import { operationRows } from '../../src/infra/sqlite/operation-rows.ts';

/** Where CI finds the pictures. */
const PICTURES = fileURLToPath(new URL('../../.artifacts/browser/', import.meta.url));
/** Nothing takes so long, on a slow machine either: it only ends what hangs. */
export const DEADLINE_MS = 45_000;

const executable = await findChromium();
/** For `describeUnless`. */
export const NO_BROWSER =
  executable === null ? 'there is no Chromium here: `node scripts/install-chromium.mjs`' : undefined;

const ends: (() => unknown)[] = [];
let browser: Browser | null = null;

/** Ends all that was started; to be called after each test or file. */
export async function endAll(): Promise<void> {
  browser = null;
  for (const end of ends.splice(0).reverse()) await end();
}

/** A small demo in a folder of its own. */
export async function openDemo(change: Partial<ConfigFileText> = {}): Promise<RunningDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-browser-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const options = { port: 0, hosts: 2, vms: 12, life: 'off', folder: join(folder, 'state'), fresh: false } as const;
  const demo = await startDemo(options, () => undefined, change);
  ends.push(demo.close);
  letGuestsBoot(demo, true);
  return demo;
}

/** Guests that are made from now on get their address at once, or not before they are let; as do those that were held back. */
export function letGuestsBoot({ fleet }: RunningDemo, may: boolean): void {
  for (const { model } of fleet.hosts) {
    Object.assign(model.guestDefaults, { leaseMs: may ? 300 : null, agentMs: 500, shutdownMs: 300 });
    if (may) for (const { guest } of model.domains) guest.leaseMs ??= 0;
  }
}

/** A tab of somebody, once the page can be used. */
export async function tab({ url }: RunningDemo, person: string, options: TabOptions = {}): Promise<Page> {
  if (browser === null) {
    browser = await launch(executable ?? '');
    const mine = browser;
    ends.push(() => mine.close());
  }
  const page = await openTab(browser, options);
  page.context().setDefaultTimeout(DEADLINE_MS);
  faultsOf.set(page, []);
  page.on('pageerror', (error) => void faultsOf.get(page)?.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') faultsOf.get(page)?.push(line.text());
  });
  await page.goto(addressOf(url, person, options));
  return page;
}

const faultsOf = new WeakMap<Page, string[]>();

/** The states of the bot's operations on a VM of team-01, from its own database. */
export function operationsOn({ configFile }: RunningDemo, vm: string): string[] {
  const db = openReadOnly(join(dirname(configFile), 'bot', 'hostler.db'));
  try {
    return operationRows(db)
      .recent({ team: 'team-01', vmId: null, limit: 100 })
      .filter(({ subject }) => subject === `vm:team-01/${vm}`)
      .map(({ state }) => state);
  } finally {
    db.close();
  }
}

/** What the page itself complained of. */
export function complaints(page: Page): readonly string[] {
  return faultsOf.get(page) ?? [];
}

/** Keeps a picture of what is seen now. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}

/** The same of one thing on the page, however high it is. */
export async function pictureOf(shown: Locator, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await shown.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}

/** What axe finds serious or worse, a line each. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Not as a script of the page: its own policy lets in none but its own.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await Reflect.get(globalThis, 'axe').run(Reflect.get(globalThis, 'document'), {
      resultTypes: ['violations'],
    });
    return violations
      .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }: { id: string; help: string; nodes: { html: string }[] }) =>
          `${id}: ${help}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 160))
            .join(' | ')}`,
      );
  });
}
