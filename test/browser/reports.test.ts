/** What people look at rather than act on: Home, an alert, the month's reports of a fleet that is new, of a usual one, and of a large one. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunningDemo } from '../../demo/start.ts';
import { message, type TabOptions } from '../../scripts/browser.ts';
import { openReadOnly } from '../../src/infra/sqlite/database.ts';
import { packageRoot } from '../../src/main/version.ts';
import { describeUnless } from '../kit/needs.ts';
import { axeFaults, complaints, DEADLINE_MS, endAll, NO_BROWSER, openDemo, picture, pictureOf, tab } from './kit.ts';
import { givePast } from './past.ts';

const TEAMS = Array.from({ length: 10 }, (_, n) => `team-${String(n + 1).padStart(2, '0')}`);
/** Large enough for all that they get here. */
const ROOM = { vms: 2000, vcpus: 5000, memory: '10TiB', disk: '50TiB' };
const teams = TEAMS.map((name) => {
  const number = name.slice(-2);
  return { name, channel: name, quota: ROOM, leads: [`${number}-lead`], members: [`${number}-dev1`, `${number}-dev2`] };
});
type Look = NonNullable<TabOptions['look']>;
const LOOKS: readonly Look[] = ['light', 'dark'];
const DEVICES: readonly { readonly phone: boolean; readonly width: number; readonly looks: readonly Look[] }[] = [
  { phone: false, width: 1280, looks: LOOKS },
  { phone: true, width: 390, looks: ['light'] },
];

let demo: RunningDemo;

/** Lets a job of the schedule run now, as an admin does, to its end. */
async function runJob(name: string): Promise<void> {
  const args = ['run', '--as', 'admin', '--yes', '--json', '--', 'hostler', 'schedule', 'run', name];
  const { stdout } = await promisify(execFile)(join(packageRoot(), 'bin', 'hostler'), args, {
    env: { ...demo.env },
  });
  const { operation } = z.object({ operation: z.object({ id: z.string() }) }).parse(JSON.parse(stdout));
  const open = (): unknown => {
    const db = openReadOnly(join(dirname(demo.configFile), 'bot', 'hostler.db'));
    try {
      return db
        .prepare("select count(*) from schedule_run where period = ? and state <> 'done'")
        .pluck()
        .get(`asked:${operation.id}`);
    } finally {
      db.close();
    }
  };
  await expect.poll(open, { timeout: DEADLINE_MS }).toBe(0);
}

/** The charts are pictures in the report’s thread: they come after the words. */
async function chartsOf(page: Page, report: Locator, count: number): Promise<Locator> {
  await report.getByTestId('thread-summary').click();
  const thread = page.getByTestId('thread-messages');
  await drawn(thread, count);
  return thread;
}

async function drawn(report: Locator, count: number): Promise<void> {
  await report
    .locator('img')
    .nth(count - 1)
    .waitFor();
  await expect
    .poll(
      () =>
        report
          .locator('img')
          .evaluateAll((all) =>
            all.every((one) => Reflect.get(one, 'complete') && Reflect.get(one, 'naturalWidth') > 0),
          ),
      { timeout: DEADLINE_MS },
    )
    .toBe(true);
}

/** Keeps what one message looks like, in both looks and on a phone, and sees that it fits. */
async function keep(channel: string, person: string, words: string | RegExp, name: string, charts = 0): Promise<void> {
  for (const { phone, width, looks } of DEVICES) {
    const page = await tab(demo, person, { height: 2200, width, at: `channel=${channel}` });
    const report = message(page, words);
    await report.waitFor();
    await fits(page);
    await inEach(looks, page, (look) => pictureOf(report, `${name}-${phone ? 'phone' : look}`));
    if (charts > 0) {
      const last = (await chartsOf(page, report, charts)).getByTestId('message').last();
      await fits(page);
      await inEach(looks, page, (look) => pictureOf(last, `${name}-charts-${phone ? 'phone' : look}`));
    }
    await inEach(looks, page, async () => expect(await axeFaults(page)).toEqual([]));
    expect(complaints(page)).toEqual([]);
    await page.context().close();
  }
}

async function inEach(looks: readonly Look[], page: Page, see: (look: Look) => Promise<void>): Promise<void> {
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look });
    await see(look);
  }
}

/** Nothing makes the page itself wider than its window. */
async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = Reflect.get(globalThis, 'document').documentElement;
    return scrollWidth - clientWidth;
  });
  expect(over).toBeLessThanOrEqual(0);
}

async function keepHome(person: string, name: string): Promise<void> {
  const page = await tab(demo, person, { height: 1000, at: 'home=1' });
  await page.getByTestId('home-blocks').waitFor();
  await fits(page);
  await inEach(LOOKS, page, async (look) => {
    await picture(page, `${name}-${look}`);
    expect(await axeFaults(page)).toEqual([]);
  });
  await page.context().close();
}

describeUnless(NO_BROWSER, 'pictures of', () => {
  beforeAll(async () => {
    const quiet = ['host-cpu', 'host-memory', 'fleet-memory', 'fleet-disk'].map((name) => ({ name, enabled: false }));
    demo = await openDemo({ teams, alerts: { rules: [{ name: 'vm-down', for: '0s' }, ...quiet] } });
  }, 2 * DEADLINE_MS);
  afterAll(endAll);

  it('the reports of a fleet of which nothing is on record', { timeout: 4 * DEADLINE_MS }, async () => {
    await runJob('capacity-plan-fleet');
    await runJob('slo-statement-fleet');
    await keep('hostler-admin', 'admin', 'Capacity plan, all hosts', 'report-empty-capacity');
    await keep('hostler-admin', 'admin', 'Uptime of all teams', 'report-empty-uptime');
  });

  it('Home, with VMs and an alert; the alert itself', { timeout: 4 * DEADLINE_MS }, async () => {
    await runJob('sweep');
    const [host] = demo.fleet.hosts;
    const domain = host?.model.domains.find(({ name, live }) => name.startsWith('team-01-') && live !== null);
    if (host === undefined || domain === undefined) throw new Error('team-01 has no VM that runs');
    demo.fleet.control.vm(host.name, domain.name, 'crash');
    await runJob('sweep');
    await keep('team-01', '01-dev1', /VM is down: team-01/, 'alert');
    await keepHome('01-dev1', 'home-member');
    await keepHome('admin', 'home-admin');
  });

  it('the month’s reports, with charts', { timeout: 6 * DEADLINE_MS }, async () => {
    givePast(demo, TEAMS, 300);
    for (const job of ['capacity-plan-fleet', 'capacity-plan', 'slo-statement-fleet', 'slo-statement'])
      await runJob(job);
    await keep('hostler-admin', 'admin', 'Capacity plan, all hosts', 'report-capacity', 3);
    await keep('hostler-admin', 'admin', 'Uptime of all teams', 'report-uptime');
    await keep('team-01', '01-lead', 'Capacity plan, team team-01', 'report-team-capacity', 2);
    await keep('team-01', '01-lead', 'Uptime of team team-01', 'report-team-uptime');
  });
});

describeUnless(NO_BROWSER, 'pictures of a fleet with 10,000 VMs', () => {
  beforeAll(async () => {
    demo = await openDemo({ teams, alerts: { rules: [] } });
    givePast(demo, TEAMS, 10_000);
  }, 3 * DEADLINE_MS);
  afterAll(endAll);

  it('its reports and its Home', { timeout: 8 * DEADLINE_MS }, async () => {
    for (const job of ['capacity-plan-fleet', 'slo-statement-fleet', 'slo-statement']) await runJob(job);
    await keep('hostler-admin', 'admin', 'Capacity plan, all hosts', 'report-large-capacity', 3);
    await keep('hostler-admin', 'admin', 'Uptime of all teams', 'report-large-uptime');
    await keep('team-01', '01-lead', 'Uptime of team team-01', 'report-large-team-uptime');
    await keepHome('01-dev1', 'home-large');
  });
});
