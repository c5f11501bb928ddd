/** Who may approve is told where they read, also when the card stands in somebody's own place. */
import { afterEach, expect, it } from 'vitest';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { ALWAYS } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A restart that needs somebody's approval, asked for and accepted in that channel. */
async function askedIn(channel: string | null, from: 'lead' | 'admin'): Promise<World> {
  const world = await makeWorld();
  worlds.push(world);
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const rule = { when: { ...ALWAYS, kinds: ['vm.restart'] }, from, count: 1, validMs: 60_000 } as const;
  Object.assign(world.settings, { approvals: [rule], channels: { ...world.settings.channels, admin: 'C0ADMIN' } });
  const asked = await world.service.request({
    name: 'vm.restart',
    input: { vm: 'team-01/web-01' },
    actor: world.actor('01-dev1'),
    channelTeam: null,
    origin: { via: 'slack', channel, command: '/vm restart team-01/web-01' },
    options: {},
    dedupe: null,
  });
  if (asked.kind !== 'operation') throw new Error(`${asked.kind}, and not an operation`);
  const { id, digest } = asked.row;
  await world.service.press({ press: { do: 'accept', op: id, digest }, actor: world.actor('01-dev1') });
  expect(world.rows.operations.byId(id)?.state).toBe('awaiting_approval');
  return world;
}

function told(world: World) {
  return world.db
    .prepare("select wanted, notice_json from outbox where key like 'approval-asked:%'")
    .all()
    .map((row) => {
      const { wanted, notice_json } = Object.assign({ wanted: '', notice_json: '' }, row);
      return { to: wanted, notice: readNotice(JSON.parse(notice_json)) };
    });
}

it.each([
  ['@U001DEV1', 'lead', 'team-01'],
  ['@U001DEV1', 'admin', 'C0ADMIN'],
  [null, 'lead', 'team-01'],
] as const)('asked for in %s, to be approved by %s: told in %s, with the plan', async (channel, from, to) => {
  const world = await askedIn(channel, from);
  const [message, ...more] = told(world);
  expect(more).toEqual([]);
  expect(message).toMatchObject({
    to,
    notice: { title: 'Restart team-01/web-01: waits for approval', buttons: [{ label: 'Approve' }, { label: 'Deny' }] },
  });
  expect(message?.notice?.code?.text).toContain('virsh');
  // Its button is bound to the plan, and not for who asked.
  const press = message?.notice?.buttons?.[0]?.press;
  if (press === undefined || press.do !== 'approve') throw new Error('no button to approve');
  expect(await world.service.press({ press, actor: world.actor('01-dev1') })).toMatchObject({ kind: 'refused' });
  await world.service.press({ press, actor: world.actor(from === 'lead' ? '01-lead' : 'admin') });
  expect((await world.service.follow(press.op, 'end')).state).toBe('succeeded');
});

it('asked for in a channel: its card is enough', async () => {
  expect(told(await askedIn('C0TEAM01', 'lead'))).toEqual([]);
});
