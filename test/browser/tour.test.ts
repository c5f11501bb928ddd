/** The guided tour, as two people take it in two tabs: what a newcomer does first. */
import { afterEach, expect, it } from 'vitest';
import { goTo, message, press, type TabOptions, type } from '../../scripts/browser.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { describeUnless } from '../kit/needs.ts';
import { complaints, DEADLINE_MS, endAll, NO_BROWSER, openDemo, picture, tab } from './kit.ts';

afterEach(endAll);

const HAS_ALERTS = catalog.some(({ name }) => name === 'alert.list');
const VM = 'team-01/tour-01-dev1';

describeUnless(NO_BROWSER, 'the tour', () => {
  it.each<TabOptions>([
    { look: 'light', width: 1280 },
    { look: 'dark', width: 390 },
  ])('from the first look to the last step ($look, $width px)', { timeout: 6 * DEADLINE_MS }, async (options) => {
    const demo = await openDemo({ alerts: { rules: [{ name: 'vm-down', for: '0s' }] } });
    const shoot = (page: Parameters<typeof picture>[0], name: string) =>
      picture(page, `tour-${name}-${options.look}-${options.width}`);
    const dev = await tab(demo, '01-dev1', options);
    await goTo(dev, 'Hostler');
    const welcome = message(dev, 'Welcome to Hostler');
    await welcome.waitFor();
    await shoot(dev, '0-welcome');
    await press(welcome, 'Start the tour');

    const first = message(dev, 'Step 1 of');
    const line = (await first.locator('code').first().textContent()) ?? '';
    expect(line).toMatch(/^\/vm create tour-01-dev1 --image [a-z0-9-]+ --flavor small$/);
    await shoot(dev, '1-create');
    await goTo(dev, 'team-01');
    await type(dev, line);
    const card = message(dev, `Create ${VM}`);
    await press(card, 'Create');
    await card.filter({ hasText: 'waiting for approval' }).waitFor();
    await shoot(dev, '2-waits');

    const lead = await tab(demo, '01-lead', { ...options, at: 'channel=team-01' });
    const request = message(lead, `Create ${VM}`);
    await shoot(lead, '2-asked');
    await press(request, 'Approve');
    await card.filter({ hasText: ': done' }).waitFor();
    await shoot(dev, '3-made');

    await goTo(dev, 'Hostler');
    const third = message(dev, 'Step 3 of');
    await third.waitFor();
    await shoot(dev, '3-restart');
    const restart = (await third.locator('code').first().textContent()) ?? '';
    await goTo(dev, 'team-01');
    await type(dev, restart);
    const again = message(dev, `Restart ${VM}`);
    await press(again, 'Restart');
    await again.filter({ hasText: ': done' }).waitFor();

    await goTo(dev, 'Hostler');
    const fourth = message(dev, 'Step 4 of');
    await fourth.filter({ hasText: '01-lead' }).waitFor();
    await shoot(dev, '4-audit');
    await type(lead, `/audit search --vm ${VM} --limit 8`);
    await message(lead, 'Audit: 8 rows').waitFor();
    await shoot(lead, '4-audit-lead');
    if (HAS_ALERTS) {
      const fifth = message(dev, 'Step 5 of');
      await fifth.waitFor();
      await shoot(dev, '5-alerts');
      // Somebody cuts a VM's power by hand, and the next sweep, which is not waited for, finds that.
      for (const host of demo.fleet.hosts) host.sh(['virsh', 'destroy', VM.replace('/', '-')]);
      const admin = await tab(demo, 'admin', options);
      await goTo(admin, 'Hostler');
      await type(admin, '/hostler schedule run sweep');
      await press(message(admin, 'Run job sweep now'), 'Run now');
      await goTo(dev, 'team-01');
      await message(dev, `VM is down: ${VM}`).waitFor();
      await shoot(dev, '5-alert');
      await goTo(dev, 'Hostler');
      await press(fifth, 'Try a rule');
      await message(dev, 'host.memory > 1').filter({ hasText: 'at most 1 % is good' }).waitFor();
      await shoot(dev, '5-rule');
      await press(fifth, 'See the alerts');
      await message(dev, '1 open alert').filter({ hasText: VM }).waitFor();
    }
    await message(dev, 'That was the tour').waitFor();
    await shoot(dev, '6-over');
    expect([...complaints(dev), ...complaints(lead)]).toEqual([]);
    expect(demo.fleet.unknown()).toEqual([]);
  });
});
