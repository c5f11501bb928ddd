import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../demo/slack/server.ts';
import { ALWAYS } from '../kit/settings.ts';
import { endAll, type Office, office, textOf } from './kit.ts';

afterEach(endAll);

const CREATE = '/vm create web-01 --image tiny --flavor small';

async function planned({ server }: Office) {
  await server.as('01-dev1').slash('team-01', CREATE);
  return server.waitFor(() => server.messages('team-01')[0], { what: 'the plan' });
}
const whispered = (server: ChatServer, user: string) =>
  server.waitFor(() => server.ephemerals(user).at(-1), { what: `a whisper to ${user}` });
const cardSays = (server: ChatServer, words: string) =>
  server.waitFor(() => server.messages('team-01').find((one) => one.text.includes(words)), { what: words });

test('double clicks and a redelivery are one press', async () => {
  const all = await office();
  const { server, world } = all;
  const plan = await planned(all);
  const dev = server.as('01-dev1');
  server.trouble.duplicate('interactive');
  await Promise.all([dev.click(plan, 'Create'), dev.click(plan, 'Create')]);
  await cardSays(server, ': done');
  expect(world.rows.vms.list('team-01')).toHaveLength(1);
  expect(world.rows.audit.list({ limit: 100, kind: 'operation.planned', subject: 'vm:team-01/web-01' })).toHaveLength(
    1,
  );
});

test('who may not is told so, alone, and the card stays', async () => {
  const all = await office();
  const { server, world } = all;
  const plan = await planned(all);
  await server.as('02-dev1').click(plan, 'Create');
  const whisper = await whispered(server, '02-dev1');
  expect(whisper.text).toContain('That did not work');
  expect(world.rows.operations.inState(['planned'])).toHaveLength(1);
});

test('approval: a lead’s click counts, the requester’s own never', async () => {
  const rule = { when: ALWAYS, from: 'lead', count: 1, validMs: 60_000 } as const;
  const all = await office({ settings: { approvals: [{ ...rule, when: { ...ALWAYS, kinds: ['vm.create'] } }] } });
  const { server } = all;
  const plan = await planned(all);
  const dev = server.as('01-dev1');
  await dev.click(plan, 'Create');
  const waiting = await cardSays(server, 'waiting for approval');
  expect(textOf(waiting.blocks)).toContain(`<@${server.workspace.user('01-lead').id}>`);
  await dev.click(waiting, 'Approve');
  await whispered(server, '01-dev1');
  await server.as('01-lead').click(waiting, 'Approve');
  await cardSays(server, ': done');
});

test('the commands of a plan and of what ran, in a modal', async () => {
  const all = await office();
  const { server } = all;
  const plan = await planned(all);
  const dev = server.as('01-dev1');
  await dev.click(plan, 'Commands');
  const before = await server.waitFor(() =>
    server.views('01-dev1').find((view) => textOf(view.blocks).includes('lvcreate')),
  );
  await dev.close(before);
  await dev.click(plan, 'Create');
  const done = await cardSays(server, ': done');
  await dev.click(done, 'Commands');
  const after = await server.waitFor(() =>
    server.views('01-dev1').find((view) => textOf(view.blocks).includes('exit 0')),
  );
  expect(after.title).toMatchObject({ text: 'Commands' });
});

test('cancel of a plan says so in the same message', async () => {
  const all = await office();
  const { server } = all;
  const plan = await planned(all);
  await server.as('01-dev1').click(plan, 'Cancel');
  const card = await cardSays(server, ': cancelled');
  expect(card.ts).toBe(plan.ts);
});

test('Slack down while it runs: the card tells the end when it is back', async () => {
  const all = await office();
  const { server, world } = all;
  const plan = await planned(all);
  const [row] = world.rows.operations.inState(['planned']);
  if (row === undefined) throw new Error('no plan');
  server.trouble.down(true);
  await world.service.press({ press: { do: 'accept', op: row.id, digest: row.digest }, actor: world.actor('01-dev1') });
  await world.service.follow(row.id, 'end');
  await server.waitFor(() => all.slack.health().outbox.trouble !== null, { what: 'a failed delivery' });
  server.trouble.down(false);
  await server.waitFor(() => server.thread('team-01', plan.ts).length === 2, { deadline: 10_000, what: 'the reply' });
  // Each is tried again at its own time, and the reply waits for its card.
  expect(server.messages('team-01').find(({ ts }) => ts === plan.ts)?.text).toContain(': done');
}, 20_000);
