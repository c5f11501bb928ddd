/** What axe says of the page's places, light and dark. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningDemo } from '../../demo/start.ts';
import { message, press, type } from '../../scripts/browser.ts';
import { describeUnless } from '../kit/needs.ts';
import { axeFaults, complaints, DEADLINE_MS, endAll, NO_BROWSER, openDemo, picture, tab } from './kit.ts';

describeUnless(NO_BROWSER, 'accessibility', () => {
  let demo: RunningDemo;
  beforeAll(async () => {
    demo = await openDemo({ approvals: [] });
    // A finished card with its thread, for both looks.
    const page = await tab(demo, '01-dev1', { at: 'channel=team-01' });
    await type(page, '/vm create axe-01 --image tiny --flavor small');
    await press(message(page, 'Create team-01/axe-01'), 'Create');
    await message(page, 'Create team-01/axe-01: done').getByTestId('thread-summary').waitFor();
  }, 4 * DEADLINE_MS);
  afterAll(endAll);

  it.each([
    { look: 'light', width: 1280 },
    { look: 'dark', width: 1280 },
    { look: 'light', width: 390 },
    { look: 'dark', width: 390 },
  ] as const)('axe finds nothing serious ($look, $width px)', { timeout: 4 * DEADLINE_MS }, async ({ look, width }) => {
    const page = await tab(demo, '01-dev1', { look, width, at: 'channel=team-01' });
    const faults: string[] = [];
    const lookAt = async (place: string): Promise<void> => {
      await picture(page, `place-${place}-${look}-${width}`);
      for (const fault of await axeFaults(page)) faults.push(`${place}: ${fault}`);
    };
    const card = message(page, 'Create team-01/axe-01: done');
    await card.waitFor();
    await lookAt('channel');

    await card.getByTestId('thread-summary').getByRole('button').or(card.getByTestId('thread-summary')).first().click();
    await page.getByTestId('thread').getByText('axe-01: done.').waitFor();
    await lookAt('thread');
    await page.getByTestId('close-thread').click();

    await type(page, '/vm create');
    await page.getByTestId('modal').getByTestId('field').first().waitFor();
    await page.getByTestId('modal-submit').click();
    await page.getByTestId('field-error').first().waitFor();
    await lookAt('modal');
    await page.getByTestId('modal-cancel').click();
    await page.getByTestId('modal').waitFor({ state: 'detached' });

    await page.getByTestId('toggle-inspector').click();
    await page.getByTestId('traffic-line').first().waitFor();
    await lookAt('inspector');
    await page.getByTestId('close-inspector').click();

    const home = await tab(demo, '01-dev1', { look, width, at: 'home=1' });
    await home.getByTestId('home-blocks').waitFor();
    await picture(home, `place-home-${look}-${width}`);
    for (const fault of await axeFaults(home)) faults.push(`home: ${fault}`);
    expect(faults).toEqual([]);
    expect([...complaints(page), ...complaints(home)]).toEqual([]);
  });
});
