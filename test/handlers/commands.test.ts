import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../demo/slack/server.ts';
import { vmRow } from '../kit/vm-row.ts';
import { elementOf, endAll, office, textOf } from './kit.ts';

afterEach(endAll);

const CREATE = '/vm create web-01 --image tiny --flavor small';

/** The last whisper to that person. */
const whispered = (server: ChatServer, user: string) =>
  server.waitFor(() => server.ephemerals(user).at(-1), { what: `a whisper to ${user}` });
const firstCard = (server: ChatServer, channel = 'team-01') =>
  server.waitFor(() => server.messages(channel)[0], { what: `a card in ${channel}` });

test.each([{ http: false }, { http: true }])(
  'create, from the command to the address (http: $http)',
  async ({ http }) => {
    const { server, world } = await office({ http });
    const dev = server.as('01-dev1');
    const { outcome } = await dev.slash('team-01', CREATE);
    expect(outcome).toBe('acked');
    const plan = await firstCard(server);
    expect(textOf(plan.blocks)).toContain('web-01');
    await dev.click(plan, 'Create');
    const done = await server.waitFor(() => server.messages('team-01').find((one) => one.text.includes(': done')));
    expect(done.ts).toBe(plan.ts);
    const reply = await server.waitFor(() => server.thread('team-01', plan.ts)[1]);
    expect(reply.text).toContain(`<@${dev.user.id}>`);
    expect(server.messages('team-01')).toHaveLength(2);
    expect(world.rows.vms.byName('team-01', 'web-01')?.life).toBe('live');
    const [row] = world.rows.audit.list({ limit: 10, kind: 'operation.planned' });
    expect(row).toMatchObject({ actor: { person: '01-dev1', slack: dev.user.id, via: 'slack' }, team: 'team-01' });
  },
);

test('a read is whispered', async () => {
  const { server } = await office();
  await server.as('01-dev1').slash('team-01', '/vm list');
  const answer = await whispered(server, '01-dev1');
  expect(answer.text).toContain('No VM yet');
  expect(server.messages('team-01')).toEqual([]);
});

test('a family alone is its list; its button opens the form', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm');
  await dev.click(await whispered(server, '01-dev1'), 'Create a VM');
  const form = await server.waitFor(() => server.views('01-dev1').find((view) => view.callbackId === 'form:vm.create'));
  expect(form.title).toMatchObject({ text: '/vm create' });
});

test.each([
  ['/vm crate web-01', 'Did you mean'],
  ['/vm create web-01 --imag tiny', '--image'],
  ['/vm create web-01 --image tiny --image full', 'given twice'],
  ['/vm create "web-01', 'closed'],
])('%s is refused with what to type, and is in the audit', async (line, hint) => {
  const { server, world } = await office();
  await server.as('01-dev1').slash('team-01', line);
  expect((await whispered(server, '01-dev1')).text).toContain(hint);
  const [row] = world.rows.audit.list({ limit: 1, kind: 'request.refused' });
  expect(row?.actor.person).toBe('01-dev1');
  expect(row?.data.command).toBe(line);
  expect(server.messages('team-01')).toEqual([]);
});

test('what is typed with <, > and & arrives as typed', async () => {
  const { server, world } = await office();
  await server.as('01-dev1').slash('team-01', '/vm create a<b>&c --image tiny --flavor small');
  expect((await whispered(server, '01-dev1')).text).toContain('&lt;b&gt;&amp;c');
  expect(world.rows.audit.list({ limit: 1 })[0]?.data.command).toContain('a<b>&c');
});

test('help, for all and for one', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm help');
  expect((await whispered(server, '01-dev1')).text).toContain('/vm create');
  await dev.slash('team-01', '/vm create --help');
  await server.waitFor(() => server.ephemerals('01-dev1').length === 2);
  expect((await whispered(server, '01-dev1')).text).toContain('--flavor');
});

test('of another team: refused, nothing planned', async () => {
  const { server } = await office();
  await server.as('02-dev1').slash('team-01', CREATE);
  expect((await whispered(server, '02-dev1')).text).toContain("isn't in team team-01");
  await server.as('stranger').slash('team-01', CREATE);
  await whispered(server, 'stranger');
  expect(server.messages('team-01')).toEqual([]);
});

test('from a channel without Hostler the card goes to the requester', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('private', CREATE);
  const card = await server.waitFor(() => server.directMessages('01-dev1')[0]);
  await dev.click(card, 'Create');
  await server.waitFor(() => server.directMessages('01-dev1').some((one) => one.threadTs === card.ts));
  expect(server.messages('private').filter((one) => one.ephemeralTo === undefined)).toEqual([]);
});

test('--dry-run shows the plan and keeps nothing', async () => {
  const { server, world } = await office();
  await server.as('01-dev1').slash('team-01', `${CREATE} --dry-run`);
  expect((await whispered(server, '01-dev1')).text).toContain('dry run');
  expect(world.rows.vms.list('team-01')).toEqual([]);
});

test('the same delivery twice is one operation', async () => {
  const { server, world } = await office();
  server.trouble.duplicate('slash_commands');
  await server.as('01-dev1').slash('team-01', CREATE);
  await firstCard(server);
  await server.as('01-dev1').slash('team-01', '/vm list');
  await whispered(server, '01-dev1');
  expect(server.messages('team-01')).toHaveLength(1);
  expect(world.rows.operations.inState(['planned'])).toHaveLength(1);
});

test('with a prefix all commands are renamed', async () => {
  const { server } = await office({ prefix: 'x-' });
  await server.as('01-dev1').slash('team-01', '/x-vm list');
  expect((await whispered(server, '01-dev1')).text).toContain('No VM yet');
});

test('the Home tab shows one’s VMs and makes one', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.openHome();
  const home = await server.waitFor(() => server.home('01-dev1'));
  expect(textOf(home.blocks)).toContain('No VM yet');
  await dev.click(home, 'Create a VM');
  const form = await server.waitFor(() => server.views('01-dev1').find((view) => view.callbackId === 'form:vm.create'));
  expect(elementOf(form, 'image').type).toBe('static_select');
});

test('the Home tab turns its pages in place', async () => {
  const { server, world } = await office();
  const dev = server.as('01-dev1');
  for (let n = 10; n < 35; n += 1) world.rows.vms.insert(vmRow(n));
  await dev.openHome();
  const home = await server.waitFor(() => server.home('01-dev1'));
  expect(textOf(home.blocks)).toContain('team-01/web-10');
  expect(textOf(home.blocks)).not.toContain('team-01/web-34');
  await dev.click(home, 'Next page');
  const next = await server.waitFor(() => {
    const shown = server.home('01-dev1');
    return shown !== undefined && textOf(shown.blocks).includes('team-01/web-34') ? shown : undefined;
  });
  expect(textOf(next.blocks)).toContain('Page 2 of 2, 25 VMs');
  expect(server.ephemerals('01-dev1')).toEqual([]);
});

test('the Home tab that somebody looks at is drawn anew when something of it changes, and only then', async () => {
  const { server, world } = await office();
  const [dev, other] = [server.as('01-dev1'), server.as('02-dev1')];
  await dev.openHome();
  await other.openHome();
  const before = await server.waitFor(() => server.home('02-dev1'));
  await server.waitFor(() => server.home('01-dev1'));
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' }, '01-dev2');
  await server.waitFor(() => {
    const shown = server.home('01-dev1');
    return (shown !== undefined && textOf(shown.blocks).includes('team-01/web-01')) || undefined;
  });
  await world.change('vm.stop', { vm: 'web-01' }, '01-dev2');
  await server.waitFor(() => textOf(server.home('01-dev1')?.blocks).includes('shutoff') || undefined);
  // Nothing of the other team's has changed.
  expect(server.home('02-dev1')).toEqual(before);
});

test('a fault of ours is told without its inside, with a number that is in the log', async () => {
  const { server, said } = await office({
    service: (service) => ({
      ...service,
      request: async () => {
        throw new Error('secret inside');
      },
    }),
  });
  await server.as('01-dev1').slash('team-01', CREATE);
  const answer = await whispered(server, '01-dev1');
  expect(answer.text).toContain('fault of its own');
  expect(answer.text).not.toContain('secret');
  const number = /bug · ([0-9a-f]{8})/.exec(answer.text)?.[1] ?? 'none';
  expect(said.find((line) => line.includes(number))).toContain('secret inside');
});
