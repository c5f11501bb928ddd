import { afterEach, expect, test } from 'vitest';
import { endAll, office, textOf } from './kit.ts';

afterEach(endAll);

test('who opens the messages for the first time is welcomed there, and can begin the tour from there', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.openHome('messages');
  const welcome = await server.waitFor(() => server.directMessages('01-dev1')[0], { what: 'the welcome' });
  await dev.openHome('messages');
  await dev.openHome();
  await server.waitFor(() => server.home('01-dev1'), { what: 'the Home tab' });
  await dev.click(welcome, 'Start the tour');
  const first = await server.waitFor(() => server.directMessages('01-dev1')[1], { what: 'the first step' });
  expect(textOf(first.blocks)).toContain('Step 1 of');
  await dev.click(first, 'Skip');
  const next = await server.waitFor(() => server.directMessages('01-dev1')[2], { what: 'the next step' });
  expect(textOf(next.blocks)).toContain('restart it');
  expect(server.directMessages('01-dev1').filter(({ text }) => text.includes('Welcome'))).toHaveLength(1);
});
