/** What the disks of a VM do, and what their guest makes of them. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import { GiB } from '../../src/domain/size.ts';
import { asking } from '../kit/asking.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const vm = { vm: 'web-01' };
const attach = { ...vm, size: '2GiB' };
const detach = { ...vm, disk: 'vdb' };

const { done, planned, refused, reading, beginWithVm } = asking(() => world);
async function begin(): Promise<SimHost> {
  world = await makeWorld();
  return beginWithVm();
}

describe('io', () => {
  it('tells what each disk reads and writes between two looks, and how long a request takes', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const { live } = host.domain('team-01-web-01');
    if (live === null) throw new Error('it is off');
    const counter = (rate: number) => ({ at: live.startedAt, value: 0, rate });
    const idle = counter(0);
    live.meters = {
      cpuNs: idle,
      readBytes: counter(3_000_000),
      writtenBytes: counter(1_638_400),
      receivedBytes: idle,
      sentBytes: idle,
      memoryShare: 0.3,
    };
    const { notice } = await reading('vm.disk.io', vm);
    const [first, second] = notice.table?.rows ?? [];
    expect(first?.[3]).toBe('0.21 ms');
    expect(first?.[6]).toBe('0.34 ms');
    expect(first?.[1]).toMatch(/B\/s$/);
    expect(second).toEqual(['vdb', '0 B/s', '0/s', '–', '0 B/s', '0/s', '–', '–']);
    await done('vm.stop', vm);
    expect(await refused('vm.disk.io', vm)).toMatch(/^wrong_state: team-01\/web-01 is off/);
  });
});

describe('grow', () => {
  it('is offered behind an extension, and the guest’s filesystem follows', async () => {
    const host = await begin();
    const extended = await done('vm.disk.extend', { ...vm, disk: 'vda', size: '+1GiB' });
    const press = world.service.card(extended.id)?.buttons?.find(({ label }) => label === 'Grow filesystem')?.press;
    if (press?.do !== 'run') throw new Error('it is not offered');
    const plan = await planned(press.name, press.input);
    expect(plan.plan.notes.join('\n')).toContain('growpart /dev/vda 1 && resize2fs /dev/vda1');
    const grown = await done(press.name, press.input);
    expect(host.domain('team-01-web-01').live?.filesystems?.['vda']).toBe(2 * GiB);
    expect(JSON.stringify(world.service.card(grown.id)?.facts)).toContain('983 MiB → 1.9 GiB');
  });

  it('says plainly why it can’t, and what to type in the guest', async () => {
    const host = await begin();
    const grow = { ...vm, disk: 'vda' };
    const { guest } = host.domain('team-01-web-01');
    guest.execBlocked = true;
    const blocked = await world.change('vm.disk.grow', grow);
    expect([blocked.state, blocked.error?.message]).toEqual(['failed', 'The guest’s agent may not run commands']);
    guest.execBlocked = false;
    const full = await world.change('vm.disk.grow', grow);
    expect([full.error?.message, full.error?.hint]).toEqual([
      '/ of team-01/web-01 did not grow',
      expect.stringContaining('growpart /dev/vda 1 && resize2fs /dev/vda1'),
    ]);
    await done('vm.disk.attach', attach);
    expect(await refused('vm.disk.grow', detach)).toContain('No filesystem on vdb is mounted');
    guest.agentMs = null;
    expect(await refused('vm.disk.grow', grow)).toMatch(
      /agent of team-01\/web-01 does not answer.*growpart \/dev\/vda 1/,
    );
    await done('vm.stop', vm);
    expect(await refused('vm.disk.grow', grow)).toContain('does not run');
  });
});
