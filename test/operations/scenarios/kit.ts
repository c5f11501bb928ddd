/** What the scenarios of the saga contract begin with. */
import { expect } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import { lookAtHost } from '../../../src/operations/observe.ts';
import { foreignDomain } from '../../kit/foreign-domain.ts';
import { backedUpTwice } from '../../kit/increments.ts';
import type { Scenario } from '../../kit/saga-contract.ts';
import type { World } from '../../kit/world.ts';

/** By operation, then by what is told of it. */
export type Scenarios = Readonly<Record<string, Readonly<Record<string, Scenario>>>>;

export const create = async (world: World) => {
  await expectDone(world, 'vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  agentAfter(world, 0);
};
export const after =
  (...changes: readonly (readonly [string, Record<string, unknown>])[]) =>
  async (world: World) => {
    await create(world);
    for (const [name, input] of changes) await expectDone(world, name, input);
  };

export async function expectDone(world: World, name: string, input: Record<string, unknown>): Promise<void> {
  const row = await world.change(name, input);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
}

export const vm = { vm: 'web-01' };
export const attach = ['vm.disk.attach', { ...vm, size: '2GiB' }] as const;
export const detach = ['vm.disk.detach', { ...vm, disk: 'vdb' }] as const;
export const into = { host: 'kvm-1', team: 'team-01' };

/** A domain that somebody made without Hostler. */
export async function foreign(world: World, on: boolean): Promise<void> {
  const [host] = world.hosts;
  if (host !== undefined) foreignDomain(host, { name: 'legacy', on });
}

/** When the guests' agents answer, in milliseconds from their start; null: never. */
export function agentAfter(world: World, ms: number | null): void {
  for (const domain of world.hosts.flatMap(({ model }) => model.domains)) domain.guest.agentMs = ms;
}
/** A VM that its host has told of. */
export async function seen(world: World): Promise<void> {
  if (world.rows.vms.list(null).length === 0) await create(world);
  await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
}

/** A full backup, another upon it, and what was written since. */
export async function increments(world: World): Promise<void> {
  await create(world);
  await backedUpTwice(world);
}
