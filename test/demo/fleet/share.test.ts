/** The backups' directory as a share of all hosts of a fleet. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type RunningFleet, startFleet } from '../../../demo/fleet/fleet.ts';

const FILE = '/srv/backup/hostler/one.json';
const stateDir = mkdtempSync(join(tmpdir(), 'hostler-share-'));
let fleet: RunningFleet | undefined;
afterEach(async () => {
  await fleet?.close();
  rmSync(stateDir, { recursive: true, force: true });
});
const start = async () => {
  fleet = await startFleet({ hosts: 3, vms: 3, teams: 1, stateDir, osUser: 'somebody' });
  const [first, second, third] = fleet.hosts;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no hosts');
  return { first, second, third };
};
const write = (path: string) => ['dd', `of=${path}`, 'status=none', 'conv=fsync'];

it('is seen by all, kept over a restart, and gone for all when it is removed', async () => {
  const { first, second, third } = await start();
  expect(second.sh(write(FILE), { root: false, stdin: 'text' }).exit).toBe(0);
  expect(second.sh(write('/tmp/own'), { stdin: 'text' }).exit).toBe(0);
  for (const host of [first, second, third]) expect(host.sh(['cat', '--', FILE]).stdout).toBe('text');
  expect(third.sh(['cat', '--', '/tmp/own']).exit).toBe(1);
  expect(third.snapshot().files.filter((line) => line.startsWith(FILE))).toHaveLength(1);
  await fleet?.close();
  // One keeps it: what another had written down before the last change would bring back what was removed.
  const kept = [first, second, third].filter(({ name }) =>
    readFileSync(join(stateDir, 'hosts', `${name}.json`), 'utf8').includes(FILE),
  );
  expect(kept).toEqual([first]);

  const again = await start();
  expect(again.third.sh(['cat', '--', FILE]).stdout).toBe('text');
  expect(again.second.sh(['cat', '--', '/tmp/own']).stdout).toBe('text');
  expect(again.third.sh(['rm', '-f', '--', FILE], { root: false }).exit).toBe(0);
  for (const host of Object.values(again)) expect(host.sh(['cat', '--', FILE]).exit).toBe(1);
  await fleet?.close();

  const last = await start();
  for (const host of Object.values(last)) expect(host.sh(['cat', '--', FILE]).exit).toBe(1);
});
