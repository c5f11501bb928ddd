import { afterEach, beforeEach } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { Volume } from '../../demo/fleet/model/host-model.ts';
import { poolUsed } from '../../demo/fleet/model/lvm.ts';
import type { Button, Text } from '../../src/domain/notice.ts';
import { GiB, MiB } from '../../src/domain/size.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { asking } from './asking.ts';
import { makeWorld, type World } from './world.ts';

/**
 * Before each test one host with a pool of 2 GiB and as much free beside it; on it team-01/web-01, whose disk holds 300 MiB, with
 * a backup and a snapshot `one`.
 */
export function smallPool() {
  const vm = { vm: 'web-01' };
  let world: World;
  let host: SimHost;
  const asks = asking(() => world);
  const { done } = asks;

  beforeEach(async () => {
    world = await makeWorld({ hosts: [{ name: 'kvm-1', vgBytes: 4 * GiB + 12 * MiB, poolBytes: 2 * GiB }] });
    host = await asks.beginWithVm();
    write('vda', 300 * MiB);
    await done('vm.backup.now', vm);
    await done('snapshot.create', { ...vm, name: 'one' });
  });
  afterEach(() => world.close());

  function pool(): Volume {
    const found = host.model.volumes.find(({ kind }) => kind === 'thin-pool');
    if (found === undefined) throw new Error('no pool');
    return found;
  }

  const used = () => poolUsed(host.model, pool());

  /** web-01's guest writes so much into a disk of its own. */
  function write(target: string, bytes: number): void {
    const { live } = host.domain('team-01-web-01');
    const source = live?.facts.disks.find((disk) => disk.target === target)?.source;
    const volume = host.model.volumes.find(({ vg, name }) => source === `/dev/${vg}/${name}`);
    if (volume === undefined) throw new Error(`no disk ${target}`);
    volume.mappedBytes += bytes;
    volume.ownBytes += bytes;
  }

  /** Something fills the pool to so many per cent, and the report is old enough to be asked for anew. */
  function fillTo(percent: number): void {
    pool().mappedBytes += Math.round((pool().sizeBytes * percent) / 100) - used();
    world.clock.advance(61_000);
  }

  const sweep = () => sweepHost({ ...world, driver: makeDriver() }, 'kvm-1', new AbortController().signal);

  /** What an admin is shown as the plan, which is not carried out; or the refusal. */
  async function told(name: string, input: Readonly<Record<string, unknown>>): Promise<string> {
    const asked = await world.ask(name, input, 'admin');
    if (asked.kind === 'refused') return `${asked.error.code}: ${asked.error.message}. ${asked.error.hint}`;
    if (asked.kind !== 'operation') throw new Error(asked.kind);
    const press = { do: 'cancel', op: asked.row.id, digest: asked.row.digest } as const;
    await world.service.press({ press, actor: world.actor('admin') });
    return asked.row.plan.notes.join('\n');
  }

  /** Carried out as an admin: what its final card says, by name, and its buttons. */
  async function carriedOut(name: string, input: Readonly<Record<string, unknown>>) {
    const { id } = await done(name, input, 'admin');
    const card = world.service.card(id);
    const facts = new Map(card?.facts?.map(({ name: key, value }) => [key, textOf(value)]));
    const buttons: readonly Button[] = card?.buttons ?? [];
    return { facts, buttons };
  }

  return { ...asks, vm, world: () => world, host: () => host, pool, used, write, fillTo, sweep, told, carriedOut };
}

function textOf(value: Text): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
