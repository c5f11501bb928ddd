import { afterEach, expect, it } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { backups } from '../../src/scheduler/jobs/backups.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(() => world.close());

const DAY = 86_400_000;
const warned: string[] = [];

/** One tick of the job, and its operations to their ends. */
async function tick(): Promise<void> {
  const log = { debug: () => {}, info: () => {}, warn: (text: string) => void warned.push(text), error: () => {} };
  const deps = {
    ...world,
    service: world.service,
    driver: makeDriver(),
    ids: randomIds(),
    settings: () => world.settings,
    log,
  };
  const due = { period: '', dueAt: world.clock.now(), team: null, zone: 'UTC' };
  await backups.run({ ...deps, signal: new AbortController().signal }, due);
  for (const row of world.rows.operations.inState(['queued', 'running'])) await world.service.follow(row.id, 'end');
}
const numbers = () => world.rows.backups.list('team-01').map(({ number }) => number);

async function begin(): Promise<void> {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
}

it('makes one a day, keeps as many as were asked for, and touches nobody else’s nor a damaged one', async () => {
  await begin();
  await world.change('vm.backup.now', { vm: 'web-01' });
  await world.change('vm.backup.schedule', { vm: 'web-01', keep: '2 daily' });
  await tick();
  await tick();
  expect(numbers()).toEqual([2, 1]);
  const [first] = world.rows.backups.list('team-01');
  expect(first).toMatchObject({ origin: 'schedule', madeBy: 'hostler', state: 'ready' });
  world.rows.backups.update(first?.id ?? '', { state: 'damaged' });
  for (let day = 0; day < 4; day += 1) {
    world.clock.advance(DAY);
    await tick();
    await tick();
  }
  expect(numbers()).toEqual([6, 5, 2, 1]);
  const files = Object.keys(world.hosts[0]?.model.files ?? {}).filter((path) =>
    path.startsWith('/srv/backup/hostler/'),
  );
  expect(files).toHaveLength(4 * 3);
  const list = await world.ask('vm.backup.list', { vm: 'web-01' });
  expect(list.kind === 'reading' ? list.notice.lines : null).toEqual(['The schedule keeps 2 daily of team-01/web-01.']);

  await world.change('vm.backup.schedule', { vm: 'web-01', keep: 'off' });
  world.clock.advance(DAY);
  await tick();
  expect(numbers()).toEqual([6, 5, 2, 1]);
});

it('tries again an hour later what failed, and leaves alone what is still being made', async () => {
  await begin();
  await world.change('vm.backup.schedule', { vm: 'web-01', keep: '3 hourly' });
  world.hosts[0]?.trouble.add({ match: /zstd -q -T0 -c/, when: 'before', kind: 'fail' });
  await tick();
  expect(numbers()).toEqual([]);
  world.clock.advance(3_600_000);
  await tick();
  expect(numbers()).toEqual([1]);
  const [made] = world.rows.backups.list('team-01');
  world.rows.backups.update(made?.id ?? '', { state: 'making' });
  world.clock.advance(3_600_000);
  await tick();
  expect(numbers()).toEqual([1]);
});

it('ends with its VM', async () => {
  await begin();
  await world.change('vm.backup.schedule', { vm: 'web-01', keep: '2 weekly' });
  await tick();
  await world.change('vm.delete', { vm: 'web-01' });
  world.clock.advance(8 * DAY);
  await tick();
  expect([numbers(), world.rows.backups.schedules().length]).toEqual([[1], 1]);
  await world.change('vm.purge', { vm: 'web-01' }, 'admin');
  expect([numbers(), world.rows.backups.schedules()]).toEqual([[1], []]);
});
