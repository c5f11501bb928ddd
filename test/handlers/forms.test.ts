import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../demo/slack/server.ts';
import { GiB } from '../../src/domain/size.ts';
import { elementOf, endAll, office, textOf } from './kit.ts';

afterEach(endAll);

const form = (server: ChatServer, user: string, operation = 'vm.create') =>
  server.waitFor(() => server.views(user).find((view) => view.callbackId === `form:${operation}`), {
    what: `the form of ${operation}`,
  });

test('what is missing is asked, what was typed is filled in', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm create web-01 --image tiny');
  const view = await form(server, '01-dev1');
  expect(elementOf(view, 'name')).toMatchObject({ type: 'plain_text_input', initial_value: 'web-01' });
  expect(elementOf(view, 'image')).toMatchObject({ type: 'static_select', initial_option: { value: 'tiny' } });
  expect(elementOf(view, 'flavor')).toMatchObject({
    type: 'static_select',
    options: [{ value: 'small' }, { value: 'large' }],
  });
  expect(elementOf(view, 'autostart').type).toBe('checkboxes');
  expect(textOf(view.blocks)).not.toContain('Team');
  const sent = await dev.submit(view, { 'field.flavor': 'small', 'option.reason': 'for the tests' });
  expect(sent).toMatchObject({ outcome: 'acked', errors: {} });
  expect(sent.problem).toBeUndefined();
  const card = await server.waitFor(() => server.messages('team-01')[0]);
  expect(textOf(card.blocks)).toContain('for the tests');
  expect(server.views('01-dev1')).toEqual([]);
});

test('errors stand at their fields, and nothing is planned', async () => {
  const { server, world } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm create');
  const view = await form(server, '01-dev1');
  const values = { 'field.name': 'Web_01;', 'field.flavor': 'small', 'field.image': 'tiny' };
  const sent = await dev.submit(view, values);
  expect(sent.problem).toBeUndefined();
  expect(Object.keys(sent.errors)).toEqual(['field.name']);
  expect(world.rows.operations.inState(['planned'])).toEqual([]);
  const again = await dev.submit(view, { ...values, 'field.name': 'web-01' });
  expect(again.errors).toEqual({});
  await server.waitFor(() => server.messages('team-01').length === 1);
});

test('a loading view comes first: Slack being slow costs no form', async () => {
  const { server } = await office();
  server.trouble.slow(150);
  await server.as('01-dev1').slash('team-01', '/vm create');
  const first = await server.waitFor(() => server.views('01-dev1')[0]);
  expect(textOf(first.blocks)).toContain('One moment');
  await form(server, '01-dev1');
});

test('a trigger that is over becomes a button that opens the form', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  server.trouble.next('views.open', { error: 'expired_trigger_id', times: 2 });
  await dev.slash('team-01', '/vm create web-01');
  const whisper = await server.waitFor(() => server.ephemerals('01-dev1')[0]);
  await dev.click(whisper, 'Open the form');
  expect(elementOf(await form(server, '01-dev1'), 'name').initial_value).toBe('web-01');
});

test('wrong input can be corrected in the form', async () => {
  const { server } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm create WEB --image tiny --flavor small');
  const whisper = await server.waitFor(() => server.ephemerals('01-dev1')[0]);
  await dev.click(whisper, 'Correct it in a form');
  expect(elementOf(await form(server, '01-dev1'), 'name').initial_value).toBe('WEB');
});

test('without a team of the channel the form asks for one, and more than a hundred choices are searched', async () => {
  const flavors = Array.from({ length: 150 }, (_, n) => ({
    name: `f-${n}`,
    vcpus: 1,
    memoryBytes: GiB,
    diskBytes: GiB,
  }));
  const { server } = await office({ settings: { flavors } });
  const admin = server.as('admin');
  await admin.slash('ops', '/vm create web-01');
  const view = await form(server, 'admin');
  expect(elementOf(view, 'flavor').type).toBe('external_select');
  const found = await admin.typeahead(view, 'choices:flavor', 'f-14');
  expect(found.problems).toEqual([]);
  expect(found.options.map((option) => option.value)).toContain('f-149');
  const changed = await admin.select(view, 'form-team', 'team-02');
  expect(changed.outcome).toBe('acked');
  await server.waitFor(() => server.views('admin')[0]?.privateMetadata.includes('team-02'));
  const now = await form(server, 'admin');
  await admin.submit(now, { 'field.flavor': 'f-149', 'field.image': 'tiny' });
  const card = await server.waitFor(() => server.messages('ops')[0]);
  expect(textOf(card.blocks)).toContain('team-02/web-01');
});

test('a form sent twice is one operation', async () => {
  const { server, world } = await office();
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm create web-01');
  const view = await form(server, '01-dev1');
  server.trouble.duplicate('interactive');
  await dev.submit(view, { 'field.flavor': 'small', 'field.image': 'tiny' });
  await server.waitFor(() => server.messages('team-01').length === 1);
  await dev.slash('team-01', '/vm list');
  await server.waitFor(() => server.ephemerals('01-dev1').length === 1);
  expect(world.rows.operations.inState(['planned'])).toHaveLength(1);
});

test('a refusal after the form was sent is whispered', async () => {
  const { server } = await office({
    settings: { flavors: [{ name: 'huge', vcpus: 900, memoryBytes: GiB, diskBytes: GiB }] },
  });
  const dev = server.as('01-dev1');
  await dev.slash('team-01', '/vm create web-01');
  await dev.submit(await form(server, '01-dev1'), { 'field.flavor': 'huge', 'field.image': 'tiny' });
  const whisper = await server.waitFor(() => server.ephemerals('01-dev1')[0]);
  expect(whisper.text).toMatch(/quota|vCPU/i);
});
