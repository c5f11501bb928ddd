import { afterEach, expect, test } from 'vitest';
import { buttonsOf, cardSays, cards, carryOut, endAll, place, plan, textOf, waitUntil, whispered } from './kit.ts';

afterEach(endAll);

test('a snapshot, back to it, Undo, and its end; a protected one stays', async () => {
  const at = await place();
  const { server, host } = at;
  const dev = server.as('01-dev1');
  await carryOut(at, '01-dev1', '/vm create web-01 --image tiny --flavor small', 'Create');
  const disk = () => host.model.volumes.find(({ name }) => /^vm-.*-d0$/.test(name))?.content;
  const write = (content: string) => {
    for (const volume of host.model.volumes) if (/^vm-.*-d0$/.test(volume.name)) volume.content = content;
  };
  write('before');
  host.domain('team-01-web-01').guest.agentMs = 0;

  const planned = await plan(at, '01-dev1', '/snapshot create web-01 before-upgrade --protect');
  expect(textOf(planned.blocks)).toContain('filesystem-consistent');
  expect(textOf(planned.blocks)).toContain('domfsfreeze');
  await dev.click(planned, 'Take it');
  expect(textOf((await cardSays(at, planned, ': done')).blocks)).toContain('before-upgrade');

  write('after');
  const revert = await plan(at, '01-dev1', '/snapshot revert web-01 before-upgrade');
  expect(textOf(revert.blocks)).toContain('kept in snapshot before-revert-');
  await dev.click(revert, 'Revert');
  const back = await cardSays(at, revert, ': done');
  expect(disk()).toBe('before');
  expect(host.domain('team-01-web-01').state).toBe('running');
  expect(buttonsOf(back)).toContain('Undo');

  const known = cards(server).length;
  await dev.click(back, 'Undo');
  await waitUntil('the plan of the undo', () => cards(server).length > known);
  const undo = cards(server).at(-1);
  if (undo === undefined) throw new Error('no plan');
  await dev.click(undo, 'Revert');
  await cardSays(at, undo, ': done');
  expect(disk()).toBe('after');

  const refused = await whispered(at, '01-dev1', () => dev.slash('team-01', '/snapshot delete web-01 before-upgrade'));
  expect(textOf(refused.blocks)).toContain('/snapshot protect team-01/web-01 before-upgrade off');
  const list = await whispered(at, '01-dev1', () => dev.slash('team-01', '/snapshot list web-01'));
  expect(textOf(list.blocks)).toContain('before-upgrade');
  await carryOut(at, '01-dev1', '/snapshot protect web-01 before-upgrade off', 'Unprotect');
  await carryOut(at, '01-dev1', '/snapshot delete web-01 before-upgrade', 'Delete');
  const left = await whispered(at, '01-dev1', () => dev.slash('team-01', '/snapshot list web-01'));
  expect(textOf(left.blocks)).not.toContain('before-upgrade');
  expect(host.unknown()).toEqual([]);
}, 60_000);
