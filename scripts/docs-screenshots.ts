// `npm run docs:screenshots`: the pictures of README and docs, taken from a demo that is played for them. Light and dark.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type RunningDemo, startDemo } from '../demo/start.ts';
import { packageRoot } from '../src/main/version.ts';
import { addressOf, launch, message, openTab, press, type TabOptions, type } from './browser.ts';
import { installChromium } from './chromium.ts';

const MOST_BYTES = 200_000;
const FOLDER = join(packageRoot(), 'docs', 'images');
const VM = 'team-01/shop-01';

interface Picture extends TabOptions {
  readonly name: string;
  /** The person who sees it. */
  readonly who: string;
  /** What must be there first. */
  readonly ready: string;
  /** The message with these words alone, and not the whole page. */
  readonly only?: boolean;
}

const PICTURES: readonly Picture[] = [
  {
    name: 'approval',
    who: '01-lead',
    at: 'channel=team-01',
    ready: 'waiting for approval',
    only: true,
    width: 1060,
    height: 1100,
  },
  { name: 'tour', who: '01-dev1', at: 'dm=Hostler', ready: 'Step 2 of' },
  { name: 'phone', who: '01-dev1', at: 'dm=Hostler', ready: 'Step 2 of', width: 390 },
];

/** Up to where the lead is asked: a finished VM above, the request below. */
async function play(browser: Browser, demo: RunningDemo): Promise<void> {
  const dev = await open(browser, demo, '01-dev1', { at: 'dm=Hostler' });
  await press(message(dev, 'Welcome to Hostler'), 'Start the tour');
  await message(dev, 'Step 1 of').waitFor();
  await dev.goto(addressOf(demo.url, '01-dev1', { at: 'channel=team-01' }));
  await type(dev, `/vm create ${VM.split('/')[1]} --image debian-12 --flavor small --reason "the shop’s new front"`);
  await press(message(dev, `Create ${VM}`), 'Create');
  await message(dev, `Create ${VM}: waiting for approval`).waitFor();
  await dev.context().close();
}

async function open(browser: Browser, { url }: RunningDemo, who: string, options: TabOptions): Promise<Page> {
  const page = await openTab(browser, options);
  await page.goto(addressOf(url, who, options));
  return page;
}

async function shoot(browser: Browser, demo: RunningDemo): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const look of ['light', 'dark'] as const) {
    for (const { name, who, ready, only = false, ...at } of PICTURES) {
      const page = await open(browser, demo, who, { height: 720, ...at, look });
      await page.getByText(ready).last().waitFor();
      const path = join(FOLDER, `${name}-${look}.png`);
      const shown = only ? message(page, ready) : page;
      await shown.screenshot({ path, animations: 'disabled', caret: 'hide' });
      await page.context().close();
      const { size } = statSync(path);
      if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, and ${MOST_BYTES} are allowed`);
      console.log(`${path}: ${Math.round(size / 1000)} kB`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'hostler-pictures-'));
const browser = await launch(await installChromium((line) => console.error(line)));
try {
  const options = { port: 0, hosts: 5, vms: 60, life: 'off', folder: join(folder, 'state'), fresh: false } as const;
  const demo = await startDemo(options, (line) => console.error(line));
  try {
    await play(browser, demo);
    await shoot(browser, demo);
  } finally {
    await demo.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
