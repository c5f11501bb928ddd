/** From the slash to the finished VM without a mouse. */
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { message } from '../../scripts/browser.ts';
import { describeUnless } from '../kit/needs.ts';
import { complaints, DEADLINE_MS, endAll, NO_BROWSER, openDemo, picture, tab } from './kit.ts';

afterEach(endAll);

/** What has the focus, as a screen reader would name it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = Reflect.get(globalThis, 'document').activeElement;
    const named = active?.getAttribute('aria-label') ?? active?.labels?.[0]?.textContent ?? active?.textContent ?? '';
    return `${active?.getAttribute('role') ?? active?.tagName.toLowerCase()}: ${String(named).trim()}`;
  });
}

/** Presses a key until that has the focus. */
async function reach(page: Page, key: string, wanted: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    await page.keyboard.press(key);
    const now = await focused(page);
    if (wanted.test(now)) return;
    seen.push(now);
  }
  throw new Error(`${key} did not reach ${wanted}; it went over:\n${seen.join('\n')}`);
}

describeUnless(NO_BROWSER, 'by keyboard alone', () => {
  it('a VM is made: command, form, card, thread', { timeout: 4 * DEADLINE_MS }, async () => {
    const demo = await openDemo({ approvals: [] });
    const page = await tab(demo, '01-dev1', { at: 'channel=team-01' });
    const { keyboard } = page;
    await page.getByTestId('composer-input').waitFor();
    expect(await focused(page)).toBe('textarea: Message #team-01');

    // Completion takes what is begun: `/vm cr` becomes `/vm create `.
    await keyboard.type('/vm cr');
    await page.getByTestId('suggestions').waitFor();
    await keyboard.press('Tab');
    expect(await page.getByTestId('composer-input').inputValue()).toBe('/vm create ');
    await keyboard.press('Escape');
    await keyboard.press('Enter');

    const form = page.getByTestId('modal');
    await form.getByTestId('field').first().waitFor();
    await reach(page, 'Tab', /^input: Name/);
    await keyboard.type('keys-01');
    await reach(page, 'Tab', /^combobox: Image/);
    await keyboard.type('tin');
    await keyboard.press('Enter');
    await reach(page, 'Tab', /^combobox: Flavor/);
    await keyboard.type('sma');
    await keyboard.press('Enter');
    await picture(page, 'keyboard-form');
    await reach(page, 'Tab', /^button: Plan it/);
    await keyboard.press('Enter');
    await form.waitFor({ state: 'detached' });

    const card = message(page, 'Create team-01/keys-01');
    await card.getByRole('button', { name: 'Create', exact: true }).waitFor();
    await reach(page, 'Shift+Tab', /^article: Hostler/);
    await reach(page, 'Tab', /^button: Create$/);
    await picture(page, 'keyboard-card');
    await keyboard.press('Enter');
    await card.filter({ hasText: ': done' }).waitFor();

    await card.getByTestId('thread-summary').waitFor();
    await card.focus();
    await keyboard.press('r');
    const thread = page.getByTestId('thread');
    await thread.getByText('Create team-01/keys-01: done.').waitFor();
    await picture(page, 'keyboard-thread');
    await keyboard.press('Escape');
    await thread.waitFor({ state: 'detached' });
    expect(complaints(page)).toEqual([]);
  });
});
