import { afterEach, expect, test } from 'vitest';
import {
  buttonsOf,
  cardSays,
  cards,
  carryOut,
  endAll,
  form,
  type Place,
  place,
  plan,
  reply,
  textOf,
  whispered,
} from './kit.ts';

afterEach(endAll);

const CREATE = '/vm create web-01 --image tiny --flavor small';
/** libvirt's states of the host's domains, by name. */
const states = ({ host }: Place): Record<string, string> => {
  host.settle();
  return Object.fromEntries(host.model.domains.map(({ name, state }) => [name, state]));
};
const bootId = ({ host }: Place) => host.domain('team-01-web-01').live?.bootId;
const volumes = ({ host }: Place) => host.snapshot().volumes.map((line) => line.split(' ')[0]);

test('the main job: from a slash command to a VM, through its life, and back to the host as it was', async () => {
  const at = await place();
  const { server, host } = at;
  const dev = server.as('01-dev1');
  const before = host.snapshot();

  // Plan: exact commands, nothing done yet.
  const planned = await plan(at, '01-dev1', CREATE);
  const said = textOf(planned.blocks);
  expect(said).toContain('lvcreate');
  expect(said).toContain('virsh');
  expect(buttonsOf(planned)).toEqual(['Create', 'Cancel', 'Commands']);
  expect(host.snapshot()).toEqual(before);

  // Press: one card, edited in place; the end has address and login line.
  await dev.click(planned, 'Create');
  const done = await cardSays(at, planned, ': done');
  const vm = host.domain('team-01-web-01');
  expect(vm.state).toBe('running');
  const address = /\b192\.168\.122\.\d+\b/.exec(textOf(done.blocks))?.[0];
  expect(address).toBeDefined();
  expect(textOf(done.blocks)).toContain(`ssh root@${address}`);
  expect(host.sh(['virsh', 'domifaddr', vm.name, '--source', 'lease']).stdout).toContain(address);
  expect(done.revisions.length).toBeGreaterThan(0);
  expect((await reply(at, planned)).text).toContain(`<@${dev.user.id}>`);
  expect(server.thread('team-01', planned.ts)).toHaveLength(2);
  expect(cards(server)).toHaveLength(1);

  const shown = await whispered(at, '01-dev1', () => dev.slash('team-01', '/vm show web-01'));
  expect(textOf(shown.blocks)).toContain(address);
  expect(textOf(shown.blocks)).toContain('running');

  const boot = bootId(at);
  await carryOut(at, '01-dev1', '/vm restart web-01', 'Restart');
  expect(states(at)).toEqual({ 'team-01-web-01': 'running' });
  expect(bootId(at)).not.toBe(boot);
  const rebooted = bootId(at);

  await carryOut(at, '01-dev1', '/vm resize web-01 --vcpus 2 --memory 256MiB', 'Resize');
  expect(bootId(at)).toBe(rebooted);
  expect(host.sh(['virsh', 'dominfo', vm.name]).stdout).toMatch(/CPU\(s\): +2\n(?:.*\n)*Used memory: +262144 KiB/);
  expect(textOf((await whispered(at, '01-dev1', () => dev.slash('team-01', '/vm show web-01'))).blocks)).toContain(
    'custom: 2 vCPU, 256 MiB',
  );

  await carryOut(at, '01-dev1', '/vm suspend web-01', 'Suspend');
  expect(states(at)).toEqual({ 'team-01-web-01': 'paused' });
  await carryOut(at, '01-dev1', '/vm resume web-01', 'Resume');
  expect(states(at)).toEqual({ 'team-01-web-01': 'running' });
  expect(bootId(at)).toBe(rebooted);
  await carryOut(at, '01-dev1', '/vm shutdown web-01', 'Shut down');
  expect(states(at)).toEqual({ 'team-01-web-01': 'shut off' });
  await carryOut(at, '01-dev1', '/vm rename web-01 web-02', 'Rename');
  expect(states(at)).toEqual({ 'team-01-web-02': 'shut off' });
  await carryOut(at, '01-dev1', '/vm start web-02', 'Start');
  expect(states(at)).toEqual({ 'team-01-web-02': 'running' });

  const disk = volumes(at).find((name) => name?.includes('/vm-'));
  await carryOut(at, '01-dev1', '/vm delete web-02', 'Delete');
  expect(states(at)).toEqual({});
  expect(volumes(at)).not.toContain(disk);
  expect(volumes(at)).toContain(disk?.replace('/vm-', '/trash-vm-'));
  await carryOut(at, '01-dev1', '/vm restore web-02', 'Restore');
  expect(Object.keys(states(at))).toEqual(['team-01-web-02']);
  expect(volumes(at)).toContain(disk);
  await carryOut(at, '01-dev1', '/vm delete web-02', 'Delete');
  await carryOut(at, 'admin', '/vm purge web-02', 'Purge');
  expect(host.snapshot()).toEqual(before);
  expect(host.unknown()).toEqual([]);

  // Each change has its story in the audit, and the chain holds.
  const ended = at.audit({ kind: 'operation.ended' }).map(({ outcome }) => outcome);
  expect(ended).toEqual(Array(13).fill('succeeded'));
  expect(await at.cli(['audit', 'verify'])).toMatchObject({ exit: 0 });
}, 60_000);

test('the form: `/vm create` alone asks, a wrong name is told at its field, and its end is the plan card', async () => {
  const at = await place();
  const { server } = at;
  const dev = server.as('01-dev1');
  const list = await whispered(at, '01-dev1', () => dev.slash('team-01', '/vm'));
  expect(buttonsOf(list)).toContain('Create a VM');

  await dev.slash('team-01', '/vm create');
  const view = await form(at, '01-dev1', 'vm.create');
  const kinds = Object.fromEntries(
    view.blocks.filter(({ type }) => type === 'input').map((block) => [block.block_id, Object(block.element).type]),
  );
  expect(kinds).toMatchObject({
    'field.name': 'plain_text_input',
    'field.image': 'static_select',
    'field.flavor': 'static_select',
    'field.network': 'static_select',
  });
  const values = { 'field.image': 'tiny', 'field.flavor': 'small' };
  const wrong = await dev.submit(view, { ...values, 'field.name': 'Web 01' });
  expect(wrong.errors['field.name']).toContain('capital');
  expect(cards(server)).toEqual([]);
  const right = await dev.submit(view, { ...values, 'field.name': 'web-01' });
  expect(right.errors).toEqual({});
  const card = await server.waitFor(() => cards(server)[0], { what: 'the plan card' });
  await dev.click(card, 'Create');
  await cardSays(at, card, ': done');
  expect(states(at)).toEqual({ 'team-01-web-01': 'running' });

  const full = await whispered(at, '01-dev1', () => dev.slash('team-01', '/vm'));
  expect(textOf(full.blocks)).toContain('web-01');
});

test('the same from a terminal: the same on the host, the same rows in the audit', async () => {
  const at = await place();
  const before = at.host.snapshot();
  const kindsOf = (from: number) =>
    at
      .audit({})
      .filter(({ seq }) => seq > from)
      .map(
        ({ kind, outcome, data }) =>
          `${kind} ${outcome} ${'step' in data ? String(data.step).replace(/[:@].*/, '') : ''}`,
      )
      .reverse();
  const head = () => at.audit({ limit: 1 })[0]?.seq ?? 0;

  const beforeSlack = head();
  await carryOut(at, '01-dev1', CREATE, 'Create');
  const slack = kindsOf(beforeSlack);
  await carryOut(at, '01-dev1', '/vm delete web-01', 'Delete');
  await carryOut(at, 'admin', '/vm purge web-01', 'Purge');

  const beforeTerminal = head();
  const run = (...words: string[]) =>
    at.cli(['run', '--json', '--yes', '--as', '01-dev1', '--channel', 'team-01', '--', ...words]);
  const created = await run('vm', 'create', 'web-01', '--image', 'tiny', '--flavor', 'small');
  expect(created, created.stdout).toMatchObject({ exit: 0 });
  expect(JSON.parse(created.stdout)).toMatchObject({
    operation: { kind: 'vm.create', state: 'succeeded', vm: 'team-01/web-01', host: 'kvm-1', error: null },
  });
  expect(kindsOf(beforeTerminal)).toEqual(slack);
  expect(states(at)).toEqual({ 'team-01-web-01': 'running' });
  const list = await run('vm', 'list');
  expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'team-01/web-01' }]);
  expect((await run('vm', 'delete', 'web-01')).exit).toBe(0);
  expect((await at.cli(['run', '--json', '--yes', '--', 'vm', 'purge', 'team-01/web-01'])).exit).toBe(0);
  expect(at.host.snapshot()).toEqual(before);
  expect(cards(at.server)).toHaveLength(3);

  // And with no bot at all, in its own process.
  expect(await at.kill('SIGTERM')).toBe(0);
  expect(await run('vm', 'create', 'web-01', '--image', 'tiny', '--flavor', 'small')).toMatchObject({ exit: 0 });
  expect(states(at)).toEqual({ 'team-01-web-01': 'running' });
}, 60_000);
