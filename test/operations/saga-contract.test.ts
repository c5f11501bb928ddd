import { describe, expect, it, vi } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { AGE_KEY } from '../kit/age-key.ts';
import { foreignDomain } from '../kit/foreign-domain.ts';
import { backedUpTwice, INCREMENTS } from '../kit/increments.ts';
import { breakEachStep, crashAfterEachWrite, doAndUndoTwice, type Scenario } from '../kit/saga-contract.ts';
import { writes } from '../kit/samples.ts';
import { TEST_KEY } from '../kit/settings.ts';
import { publish, withCloud } from '../kit/vendor.ts';
import type { World } from '../kit/world.ts';

const create = async (world: World) => {
  await expectDone(world, 'vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  agentAfter(world, 0);
};
const then =
  (...changes: readonly (readonly [string, Record<string, unknown>])[]) =>
  async (world: World) => {
    await create(world);
    for (const [name, input] of changes) await expectDone(world, name, input);
  };

async function expectDone(world: World, name: string, input: Record<string, unknown>): Promise<void> {
  const row = await world.change(name, input);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
}

const vm = { vm: 'web-01' };
const { recipient } = AGE_KEY;
const encrypted = {
  backups: {
    target: '/srv/backup/hostler',
    fullEvery: 1,
    rateBytes: 50 * 1024 ** 2,
    encryptTo: recipient,
    readable: [recipient],
  },
};
const attach = ['vm.disk.attach', { ...vm, size: '2GiB' }] as const;
const detach = ['vm.disk.detach', { ...vm, disk: 'vdb' }] as const;
const into = { host: 'kvm-1', team: 'team-01' };

/** A domain that somebody made without Hostler. */
async function foreign(world: World, on: boolean): Promise<void> {
  const [host] = world.hosts;
  if (host !== undefined) foreignDomain(host, { name: 'legacy', on });
}

/** When the guests' agents answer, in milliseconds from their start; null: never. */
function agentAfter(world: World, ms: number | null): void {
  for (const domain of world.hosts.flatMap(({ model }) => model.domains)) domain.guest.agentMs = ms;
}
/** A VM that its host has told of. */
async function seen(world: World): Promise<void> {
  if (world.rows.vms.list(null).length === 0) await create(world);
  await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
}

/** What is asked of backups that build on one another. */
const chained = { prepare: (world: World) => create(world).then(() => backedUpTwice(world)), settings: INCREMENTS };

const IN_A_MONTH = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const ALERT = 'inc_01J0000000000000000000000';
/** An alert that is open, as an evaluation leaves it. */
const alerted = async (world: World) => {
  world.rows.incidents.insert({
    id: ALERT,
    rule: 'vm-down',
    title: 'VM is down',
    severity: 'critical',
    channel: 'team-01',
    team: 'team-01',
    openedAt: world.clock.now(),
    changedAt: world.clock.now(),
    resolvedAt: null,
    reopened: 0,
    ackedBy: null,
    ackedAt: null,
    assignee: null,
    escalatedAt: null,
    silencedUntil: null,
  });
};

/** One for each change of the catalog; some in more than one form. */
const SCENARIOS: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = {
  'vm.create': {
    'from an image, on a larger disk': { input: { name: 'web-01', image: 'tiny', flavor: 'small', autostart: true } },
    'from an ISO, thick': {
      input: { name: 'web-01', iso: 'debian.iso', flavor: 'small', thick: true },
      prepare: async (world) =>
        void world.hosts[0]?.sh(['dd', 'of=/var/lib/hostler/images/debian.iso', 'status=none', 'conv=fsync'], {
          root: true,
          stdin: 'an ISO',
        }),
    },
    'over the network': { input: { name: 'web-01', pxe: true, flavor: 'small' } },
  },
  'vm.start': { off: { input: vm, prepare: then(['vm.stop', vm]) } },
  'vm.shutdown': { running: { input: vm, prepare: create } },
  'vm.stop': { running: { input: vm, prepare: create } },
  'vm.restart': { running: { input: vm, prepare: create }, forced: { input: { ...vm, force: true }, prepare: create } },
  'vm.suspend': { running: { input: vm, prepare: create } },
  'vm.resume': { suspended: { input: vm, prepare: then(['vm.suspend', vm]) } },
  'vm.rename': {
    running: { input: { ...vm, name: 'web-02' }, prepare: create },
    off: { input: { ...vm, name: 'web-02' }, prepare: then(['vm.stop', vm]) },
  },
  'vm.resize': {
    'running, more of both': { input: { ...vm, vcpus: 2, memory: '192MiB' }, prepare: create },
    'running, less memory': { input: { ...vm, memory: '96MiB' }, prepare: create },
    off: { input: { ...vm, flavor: 'large' }, prepare: then(['vm.stop', vm]) },
    'with a restart': { input: { ...vm, flavor: 'large', restart: true }, prepare: create },
  },
  'vm.policy': { on: { input: { ...vm, restart: 'always', max: 5 }, prepare: create } },
  'vm.autostart': { 'off to on': { input: { ...vm, set: 'on' }, prepare: create } },
  'vm.adopt': {
    running: { input: { domain: 'legacy', ...into }, as: 'admin', prepare: (world) => foreign(world, true) },
    'off, under another name': {
      input: { domain: 'legacy', ...into, name: 'web-07' },
      as: 'admin',
      prepare: (world) => foreign(world, false),
    },
  },
  'vm.release': {
    'that was adopted': {
      input: { vm: 'team-01/legacy' },
      as: 'admin',
      prepare: async (world) => {
        await foreign(world, true);
        const row = await world.change('vm.adopt', { domain: 'legacy', ...into }, 'admin');
        expect(row.state).toBe('succeeded');
      },
    },
  },
  'vm.delete': {
    running: { input: vm, prepare: create },
    off: { input: vm, prepare: then(['vm.stop', vm]) },
    'with two disks': { input: vm, prepare: then(attach) },
  },
  'vm.restore': {
    'under its name': { input: vm, prepare: then(['vm.delete', vm]) },
    'under another': { input: { ...vm, name: 'web-09', start: false }, prepare: then(['vm.delete', vm]) },
  },
  'vm.purge': {
    trashed: { input: vm, prepare: then(['vm.delete', vm]) },
    'with snapshots': { input: vm, prepare: then(['snapshot.create', vm], ['vm.delete', vm]) },
    'with what is kept of its backups': {
      input: vm,
      prepare: then(['vm.backup.now', vm], ['vm.delete', vm]),
      settings: INCREMENTS,
    },
  },
  'vm.disk.extend': {
    running: { input: { ...vm, disk: 'vda', size: '+1GiB' }, prepare: create },
    off: { input: { ...vm, disk: 'vda', size: '3GiB' }, prepare: then(['vm.stop', vm]) },
    thick: {
      input: { ...vm, disk: 'vdb', size: '+1GiB' },
      prepare: then(['vm.disk.attach', { ...vm, size: '1GiB', thick: true }]),
    },
  },
  'vm.disk.attach': {
    running: { input: { ...vm, size: '2GiB' }, prepare: create },
    'off, thick': { input: { ...vm, size: '2GiB', thick: true }, prepare: then(['vm.stop', vm]) },
  },
  'vm.disk.detach': {
    running: { input: detach[1], prepare: then(attach) },
    off: { input: detach[1], prepare: then(attach, ['vm.stop', vm]) },
  },
  'vm.disk.restore': {
    running: { input: { ...vm, disk: 'd1' }, prepare: then(attach, detach) },
    off: { input: { ...vm, disk: 'd1' }, prepare: then(attach, detach, ['vm.stop', vm]) },
  },
  'vm.disk.replug': {
    'that its guest let go of': {
      input: detach[1],
      prepare: async (world) => {
        await then(attach)(world);
        const [host] = world.hosts;
        host?.sh(['virsh', 'detach-disk', 'team-01-web-01', 'vdb', '--live']);
        await vi.waitUntil(() => host?.domain('team-01-web-01').live?.facts.disks.length === 2, { interval: 2 });
      },
    },
  },
  'vm.disk.move': {
    'off, thin to thick': {
      input: { ...vm, disk: 'vda', class: 'thick' },
      prepare: then(['vm.stop', vm]),
    },
    'running, thin to thick': { input: { ...vm, disk: 'vda', class: 'thick' }, prepare: create },
    'running, thick to thin, proved': {
      input: { ...vm, disk: 'vdb', class: 'thin', verify: true },
      prepare: then(['vm.disk.attach', { ...attach[1], thick: true }]),
    },
    'off, thick to thin': {
      input: { ...vm, disk: 'vdb', class: 'thin' },
      prepare: then(['vm.disk.attach', { ...attach[1], thick: true }], ['vm.stop', vm]),
    },
  },
  'vm.disk.grow': {
    'after an extension': {
      input: { ...vm, disk: 'vda' },
      prepare: then(['vm.disk.extend', { ...vm, disk: 'vda', size: '+1GiB' }]),
    },
  },
  'vm.disk.purge': { detached: { input: { ...vm, disk: 'd1' }, prepare: then(attach, detach) } },
  'snapshot.create': {
    'running, frozen': {
      input: { ...vm, name: 'one' },
      prepare: then(['snapshot.create', { ...vm, name: 'zero' }]),
      lastToFail: 'take-snapshot',
    },
    'running, without agent': {
      input: vm,
      prepare: async (world) => {
        await create(world);
        agentAfter(world, null);
      },
    },
    'two disks, frozen and suspended': { input: vm, prepare: then(attach), lastToFail: 'take-snapshot' },
    off: { input: { ...vm, protect: true }, prepare: then(['vm.stop', vm]) },
  },
  'snapshot.revert': {
    running: { input: { ...vm, name: 'snap-1' }, prepare: then(['snapshot.create', vm]) },
    off: { input: { ...vm, name: 'snap-1' }, prepare: then(['snapshot.create', vm], ['vm.stop', vm]) },
    'two disks': { input: { ...vm, name: 'snap-1' }, prepare: then(attach, ['snapshot.create', vm]) },
  },
  'snapshot.delete': {
    'the first of two': {
      input: { ...vm, name: 'snap-1' },
      prepare: then(['snapshot.create', vm], ['snapshot.create', vm]),
    },
  },
  'snapshot.protect': { on: { input: { ...vm, name: 'snap-1' }, prepare: then(['snapshot.create', vm]) } },
  'snapshot.schedule': {
    first: { input: { ...vm, keep: '3 daily, 2 weekly' }, prepare: create },
    ended: { input: { ...vm, keep: 'off' }, prepare: then(['snapshot.schedule', { ...vm, keep: '24 hourly' }]) },
  },
  'vm.backup.now': {
    'running, frozen': { input: vm, prepare: create },
    'encrypted, at a rate': { input: vm, prepare: create, settings: encrypted },
    'what has changed': { input: vm, ...chained, lastToFail: 'finish-file' },
  },
  'vm.backup.verify': {
    whole: { input: { backup: 'web-01.1' }, prepare: then(['vm.backup.now', vm]) },
    encrypted: { input: { backup: 'web-01.1' }, prepare: then(['vm.backup.now', vm]), settings: encrypted },
  },
  'vm.backup.restore': {
    'as a new VM': { input: { backup: 'web-01.1', as: 'web-02' }, prepare: then(['vm.backup.now', vm]) },
    'in place, running': { input: { backup: 'web-01.1' }, prepare: then(['vm.backup.now', vm]) },
    'encrypted, at a rate': {
      input: { backup: 'web-01.1', as: 'web-02' },
      prepare: then(['vm.backup.now', vm]),
      settings: encrypted,
    },
    'that builds on another': { input: { backup: 'web-01.2', as: 'web-02' }, ...chained },
  },
  'vm.backup.delete': {
    whole: { input: { backup: 'web-01.1' }, prepare: then(['vm.backup.now', vm]) },
    'that builds on another': { input: { backup: 'web-01.2' }, ...chained },
  },
  'vm.backup.schedule': {
    first: { input: { ...vm, keep: '7 daily' }, prepare: create },
    ended: { input: { ...vm, keep: 'off' }, prepare: then(['vm.backup.schedule', { ...vm, keep: '2 weekly' }]) },
  },
  'dr.drill': {
    'of a running VM': {
      input: { ...vm, sameHost: true },
      prepare: then(['vm.backup.now', vm]),
      // What is taken down is asked for until it is gone.
      lastToFail: 'sum-data',
    },
  },
  'dr.postpone': { 'of one’s team': { input: { until: IN_A_MONTH, reason: 'moving' }, as: '01-lead' } },
  'host.maintenance': { 'of a host': { input: { host: 'kvm-1', for: '1h' }, as: 'admin' } },
  'alert.ack': { open: { input: { alert: ALERT }, prepare: alerted } },
  'alert.assign': { open: { input: { alert: ALERT, person: '01-dev2' }, prepare: alerted } },
  'alert.silence': {
    'an alert': { input: { what: ALERT, for: '2h' }, prepare: alerted },
    'a VM': { input: { what: 'web-01', for: '2h' }, prepare: create },
  },
  'alert.unsilence': {
    'a rule': {
      input: { what: 'vm-down' },
      as: 'admin',
      prepare: async (world) => void (await world.ask('alert.silence', { what: 'vm-down' }, 'admin')),
    },
  },
  'storage.pool.extend': {
    'data and metadata': { input: { host: 'kvm-1', by: '1GiB', metadata: '8MiB' }, as: 'admin' },
  },
  // What keeps one guest from it fails nothing.
  'storage.pool.trim': {
    'one guest': { input: { host: 'kvm-1' }, as: 'admin', prepare: seen, lastToFail: 'no step' },
  },
  'storage.pool.reclaim': {
    'a VM and a disk in the trash': {
      input: { host: 'kvm-1', trash: true },
      as: 'admin',
      prepare: async (world) => {
        await then(attach, detach)(world);
        await expectDone(world, 'vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
        await expectDone(world, 'vm.delete', { vm: 'web-02' });
      },
    },
    'a snapshot of before a change': {
      input: { host: 'kvm-1' },
      as: 'admin',
      prepare: async (world) => {
        await then(['vm.disk.extend', { ...vm, disk: 'vda', size: '+1GiB' }])(world);
        world.clock.advance(world.settings.snapshots.beforeChangeMs);
        await expectDone(world, 'snapshot.create', vm);
      },
    },
  },
  'storage.pool.relieve': {
    'two writers': {
      input: { host: 'kvm-1', vms: 2 },
      as: 'admin',
      prepare: async (world) => {
        await create(world);
        await expectDone(world, 'vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
        await seen(world);
        const at = world.clock.now();
        for (const { id } of world.rows.vms.list('team-01')) writes(world, id, 5_000_000, at);
      },
    },
  },
  'image.retire': { 'the one in force': { input: { name: 'tiny' }, as: 'admin' } },
  'image.restore': {
    'an old one': {
      input: { name: 'tiny', version: 1 },
      as: 'admin',
      prepare: async (world) => void (await world.change('image.refresh', { name: 'tiny' }, 'admin')),
    },
  },
  'image.purge': {
    'a retired one': {
      input: { name: 'tiny', version: 1 },
      as: 'admin',
      prepare: async (world) => void (await world.ask('image.retire', { name: 'tiny' }, 'admin')),
    },
  },
  'image.build': {
    'of a VM that is off': {
      input: { name: 'base', from: 'team-01/web-01', clean: false },
      as: 'admin',
      prepare: then(['vm.stop', vm]),
    },
  },
  'image.refresh': {
    'downloaded, a second version': {
      input: { name: 'cloud' },
      as: 'admin',
      images: false,
      settings: withCloud(),
      prepare: async (world) => {
        publish(world);
        const first = await world.change('image.refresh', { name: 'cloud' }, 'admin');
        expect(first.error).toBeNull();
        publish(world, { content: 'cloud v2' });
      },
    },
    'poured anew from the file': { input: { name: 'tiny' }, as: 'admin' },
  },
  'image.add': {
    'that was built on another host': {
      input: { name: 'base' },
      as: 'admin',
      hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }],
      prepare: async (world) => {
        await expectDone(world, 'vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
        await expectDone(world, 'vm.stop', vm);
        await world.change('image.build', { name: 'base', from: 'team-01/web-01', clean: false }, 'admin');
        const [one, two] = world.hosts.map(({ model }) => model.files);
        // The share that both have.
        for (const [path, node] of Object.entries(one ?? {})) if (two !== undefined) two[path] ??= node;
      },
    },
    'on one host': { input: { name: 'tiny' }, as: 'admin', images: false },
  },
  'hostler.drift.ignore': {
    'a domain that is no VM': {
      input: { what: 'domain:kvm-1/u' },
      as: 'admin',
      prepare: async (world) => {
        const deps = { ...world, driver: makeDriver() };
        await lookAtHost(deps, 'kvm-1');
        world.rows.drift.save({ host: 'kvm-1', uuid: 'u', domainName: 'legacy', reason: 'no marks', lookedAt: 0 });
      },
    },
  },
  'hostler.drift.remove': {
    'a volume that is left over': {
      input: { what: 'volume:kvm-1/cloudvg/trash-old' },
      as: 'admin',
      prepare: async (world) => {
        const tag = 'hostler.vm.vm_01J00000000000000000000000';
        const argv = ['lvcreate', '-y', '-V', '4194304b', '--thinpool', 'thinpool', '-n', 'trash-old'];
        world.hosts[0]?.sh([...argv, '--addtag', tag, 'cloudvg']);
        // What an operation did a moment ago, the host has not told yet.
        world.clock.advance(60_000);
        await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
      },
    },
  },
  'hostler.schedule.run': {
    'a job that is there': {
      input: { job: 'sweep' },
      as: 'admin',
      prepare: async (world) => {
        const next = { period: '2040-01-01T00:00Z', dueAt: Date.UTC(2040, 0, 1) };
        const job = { job: 'sweep', place: '', summary: 'Ask each host', zone: 'UTC', rule: 'each minute', next };
        world.rows.schedule.declare([job]);
      },
    },
  },
  'hostler.key.add': { first: { input: { name: 'laptop', key: TEST_KEY } } },
  'hostler.key.remove': {
    own: {
      input: { name: 'laptop' },
      prepare: (world) => expectDone(world, 'hostler.key.add', { name: 'laptop', key: TEST_KEY }),
    },
  },
};

it('has a scenario for every change of the catalog', () => {
  const changes = catalog.filter(({ kind }) => kind === 'change').map(({ name }) => name);
  expect(Object.keys(SCENARIOS).sort()).toEqual([...changes].sort());
});

for (const [name, scenarios] of Object.entries(SCENARIOS)) {
  describe(name, () => {
    for (const [told, scenario] of Object.entries(scenarios)) {
      it(`${told}: fails or loses its link at each step, and ends whole or undone`, { timeout: 240_000 }, async () => {
        await breakEachStep(name, scenario);
      });
      it(`${told}: bears each do twice and each undo twice`, { timeout: 60_000 }, async () => {
        await doAndUndoTwice(name, scenario);
      });
      it(`${told}: killed after each write, it goes on`, { timeout: 240_000 }, async () => {
        expect(await crashAfterEachWrite(name, scenario)).toBeGreaterThan(1);
      });
    }
  });
}
