/** Slack misbehaves while a create runs: the page's own buttons make it. It ends once, with one card and one reply. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningDemo } from '../../demo/start.ts';
import { message, press, type } from '../../scripts/browser.ts';
import { describeUnless } from '../kit/needs.ts';
import { DEADLINE_MS, endAll, letGuestsBoot, NO_BROWSER, openDemo, operationsOn, picture, tab } from './kit.ts';

interface Trouble {
  readonly name: string;
  /** Makes it, while the create runs. */
  readonly make: (page: Page) => Promise<void>;
  /** Ends it, once the bot has done its part; nothing where it ends by itself. */
  readonly end?: (page: Page) => Promise<void>;
}

const button = (name: string) => async (page: Page) => page.getByTestId(`trouble-${name}`).click();
/** Two calls in a row: so often the button is pressed. */
const twice = (name: string) => async (page: Page) => {
  for (let count = 0; count < 2; count += 1) await button(name)(page);
};
const clear = async (page: Page) => page.getByTestId('trouble-clear').click();

const TROUBLES: readonly Trouble[] = [
  { name: 'rate-limit', make: twice('rate-limit') },
  { name: 'error', make: twice('error') },
  { name: 'drop-sockets', make: button('drop-sockets') },
  { name: 'refresh', make: button('refresh') },
  { name: 'duplicate', make: button('duplicate'), end: clear },
  { name: 'slow', make: button('slow'), end: clear },
  { name: 'down', make: button('down'), end: button('up') },
];

describeUnless(NO_BROWSER, 'trouble while a create runs', () => {
  let demo: RunningDemo;
  beforeAll(async () => {
    demo = await openDemo({ approvals: [] });
  }, 2 * DEADLINE_MS);
  afterAll(endAll);

  it.each(TROUBLES)('$name', { timeout: 5 * DEADLINE_MS }, async ({ name, make, end }) => {
    const { server, fleet } = demo;
    const vm = `bad-${name}`;
    const page = await tab(demo, '01-dev1', { at: 'channel=team-01' });
    await page.getByTestId('toggle-inspector').click();
    await page.getByTestId('trouble').waitFor();
    letGuestsBoot(demo, false);
    await type(page, `/vm create ${vm} --image tiny --flavor small`);
    const card = message(page, `Create team-01/${vm}`);
    // Everything twice has to begin before the press, or there would be nothing to double.
    if (name === 'duplicate') await make(page);
    await press(card, 'Create');
    await card.filter({ hasText: /: (queued|running)/ }).waitFor();
    if (name !== 'duplicate') await make(page);
    // It waits for its guest's address, which now may come.
    expect(operationsOn(demo, vm)).toEqual(['running']);
    letGuestsBoot(demo, true);
    await expect.poll(() => operationsOn(demo, vm), { timeout: DEADLINE_MS, interval: 50 }).toEqual(['succeeded']);
    await end?.(page);

    await card.filter({ hasText: ': done' }).waitFor();
    await card.getByTestId('thread-summary').getByText('1 reply').waitFor();
    await picture(page, `trouble-${name}`);
    const channel = server.messages('team-01').filter(({ text }) => text.includes(`team-01/${vm}`));
    expect(channel.filter(({ threadTs }) => threadTs === undefined)).toHaveLength(1);
    expect(channel.filter(({ threadTs }) => threadTs !== undefined)).toHaveLength(1);
    const domains = fleet.hosts.flatMap(({ model }) => model.domains.filter((one) => one.name.endsWith(vm)));
    expect(domains).toHaveLength(1);
    await expect.poll(() => server.sockets().length, { timeout: DEADLINE_MS }).toBe(2);
  });
});
