import { afterEach, expect, test } from 'vitest';
import { GiB, MiB } from '../../src/domain/size.ts';
import { buttonsOf, cardSays, endAll, place, plan, textOf, whispered } from './kit.ts';

afterEach(endAll);

test('a pool at the brink refuses in the chat, an admin looks at it and extends it there, and it takes again', async () => {
  const at = await place({ hosts: [{ name: 'kvm-1', vgBytes: 4 * GiB + 12 * MiB, poolBytes: 2 * GiB }] });
  const { host } = at;
  const pool = host.model.volumes.find(({ kind }) => kind === 'thin-pool');
  if (pool === undefined) throw new Error('no pool');
  pool.mappedBytes += 1.6 * GiB;
  const dev = at.server.as('01-dev1');
  const admin = at.server.as('admin');
  const create = '/vm create web-01 --image tiny --flavor small';

  const other = at.server.as('01-dev2');
  const refused = await whispered(at, '01-dev2', () => other.slash('team-01', create));
  expect(textOf(refused.blocks)).toMatch(/are missing in its thin pool.*\/storage pool extend/s);
  const notHis = await whispered(at, '01-dev2', () => other.slash('team-01', '/storage pool extend kvm-1 --by 1GiB'));
  expect(textOf(notHis.blocks)).toContain('Only platform admins may do this');

  // The family alone lists the pools.
  const list = await whispered(at, 'admin', () => admin.slash('team-01', '/storage'));
  expect(textOf(list.blocks)).toMatch(/1 thin pool.*kvm-1.*2 GiB/s);
  const shown = await whispered(at, 'admin', () => admin.slash('team-01', '/storage pool show kvm-1'));
  expect(textOf(shown.blocks)).toContain('thinpool on kvm-1');
  expect(buttonsOf(shown)).toEqual(['Extend pool', 'Trim guests', 'Drop what expired', 'Pause biggest writers']);

  const extend = await plan(at, 'admin', '/storage pool extend kvm-1 --by 1GiB');
  expect(textOf(extend.blocks)).toMatch(/There is no way back.*2 GiB are free in cloudvg now/s);
  expect(textOf(extend.blocks)).toContain('no way back from here');
  await admin.click(extend, 'Extend');
  const done = await cardSays(at, extend, ': done');
  expect(textOf(done.blocks)).toContain('of 3 GiB');
  expect(buttonsOf(done)).toContain('Show pool');
  expect(pool.sizeBytes).toBe(3 * GiB);

  const taken = await plan(at, '01-dev1', create);
  await dev.click(taken, 'Create');
  await cardSays(at, taken, ': done');
}, 60_000);
