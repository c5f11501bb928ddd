import { afterEach, expect, it } from 'vitest';
import { foldJournal, standing } from '../../src/operations/journal.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(() => world.close());

it('a host that is lost between plan and press leaves nothing to take back, and nobody stuck', async () => {
  world = await makeWorld();
  const actor = world.actor('01-dev1');
  const asked = await world.service.request({
    name: 'vm.create',
    input: { name: 'web-01', image: 'tiny', flavor: 'small' },
    actor,
    channelTeam: 'team-01',
    origin: { via: 'terminal', channel: null, command: 'vm create web-01' },
    options: {},
    dedupe: null,
  });
  if (asked.kind !== 'operation') throw new Error(JSON.stringify(asked));
  const { id, digest } = asked.row;
  for (const { trouble } of world.hosts) trouble.down = true;
  await world.service.press({ press: { do: 'accept', op: id, digest }, actor });
  const end = await world.service.follow(id, 'end');
  expect(end).toMatchObject({ state: 'failed', error: { code: 'host_unreachable' } });
  expect(world.rows.locks.holder('vm:team-01/web-01')).toBeNull();
  const { steps } = end.plan;
  const standings = foldJournal(world.rows.journal.of(id));
  expect(steps.map(({ name }) => standing(standings, name).started)).toEqual(steps.map(() => false));
  expect(world.rows.journal.of(id).filter(({ event }) => event.startsWith('undo'))).toEqual([]);
});
