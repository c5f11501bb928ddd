// People in front of the chat page, in a real browser: for the tests and for the documents' pictures.
import type { Browser, Locator, Page } from 'playwright-core';
import { CHROMIUM_FLAGS } from './chromium.ts';

export interface TabOptions {
  readonly look?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** `channel=team-01`, `dm=Hostler`, `home=1`. */
  readonly at?: string;
}

/** Starts the browser; `playwright-core` is loaded only here. */
export async function launch(executable: string): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: executable, args: [...CHROMIUM_FLAGS] });
}

/** An empty tab that shares nothing with others. */
export async function openTab(
  browser: Browser,
  { look = 'light', width = 1280, height = width < 600 ? 844 : 800 }: TabOptions,
): Promise<Page> {
  const context = await browser.newContext({
    colorScheme: look,
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  return context.newPage();
}

/** The page's address for somebody, at a place. */
export function addressOf(url: string, person: string, { at = '' }: TabOptions): string {
  return `${url}?as=${person}${at === '' ? '' : `&${at}`}`;
}

/** Presses Enter behind what was typed into the box under a conversation. */
export async function type(page: Page, line: string): Promise<void> {
  const box = page.getByTestId('composer-input');
  await box.fill(line);
  await box.press('Enter');
}

/** The newest message with these words in it. */
export function message(page: Page, words: string | RegExp): Locator {
  return page.getByTestId('message').filter({ hasText: words }).last();
}

/** Presses a button on it. */
export async function press(on: Locator, label: string): Promise<void> {
  await on.getByRole('button', { name: label, exact: true }).click();
}

/** Goes to a channel, or to the app's messages, as one does by the list at the side. */
export async function goTo(page: Page, room: string): Promise<void> {
  const drawer = page.getByTestId('open-drawer');
  const list = page.getByTestId('sidebar');
  // A page that is not drawn yet has neither: one of them tells how wide it is.
  await drawer.or(list).filter({ visible: true }).first().waitFor();
  if (await drawer.isVisible()) await drawer.click();
  if (room !== 'Hostler') {
    await list.locator(`[data-testid=room][data-name="${room}"]`).click();
    return;
  }
  await list.getByTestId('app-room').click();
  const messages = page.getByTestId('tab-messages');
  await messages.or(page.getByTestId('composer-input')).first().waitFor();
  if (await messages.isVisible()) await messages.click();
}
