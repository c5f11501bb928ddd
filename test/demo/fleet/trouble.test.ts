import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { simulatedFleet } from '../../../demo/fleet/exec.ts';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { loadModel, saveModel } from '../../../demo/fleet/state.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { SCRIPT_EXEC } from '../../../src/infra/ssh/script.ts';
import type { Clock } from '../../../src/operations/ports.ts';

const driver = makeDriver();
const marks = { op: 'op_1', vm: 'vm_1' };
const volume = { vg: 'cloudvg', name: 'v' };
const create = driver.volumes.createThin({ ...volume, pool: 'thinpool', sizeBytes: 1024 ** 3, marks });
const change = { lane: 'change' } as const;

/** Time that passes only when somebody sleeps. */
function jumpingClock(): Clock {
  let now = 1_800_000_000_000;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
}

let host: SimHost;
let fleet: ReturnType<typeof simulatedFleet>;
beforeEach(() => {
  host = makeSimHost({ name: 'kvm-1', clock: jumpingClock() });
  fleet = simulatedFleet([host]);
});

const isThere = () => host.model.volumes.some((it) => it.name === 'v');

describe('trouble', () => {
  it.each([
    ['before', false],
    ['midway', true],
    ['after', true],
  ] as const)('fails %s the act', async (when, there) => {
    const armed = host.trouble.add({ match: /lvcreate/, when, kind: 'fail' });
    expect(await fleet.run('kvm-1', create, change)).toMatchObject({ outcome: 'failed', ran: [{ exit: 5 }] });
    expect(isThere()).toBe(there);
    expect(armed.fired()).toBe(1);
  });

  it.each([
    ['before', false],
    ['midway', true],
    ['after', true],
  ] as const)('cuts the link %s the act: the outcome is unknown', async (when, there) => {
    host.trouble.add({ match: /lvcreate/, when, kind: 'cut' });
    expect(await fleet.run('kvm-1', create, change)).toMatchObject({ outcome: 'unknown', ran: [{ exit: null }] });
    expect(isThere()).toBe(there);
  });

  it('ends a command that hangs at its time limit', async () => {
    host.trouble.add({ match: /lvcreate/, when: 'before', kind: 'hang' });
    const before = host.clock.now();
    expect(await fleet.run('kvm-1', create, change)).toMatchObject({ outcome: 'unknown', ran: [{ exit: 124 }] });
    expect(host.clock.now() - before).toBe(120_000);
    expect(isThere()).toBe(false);
  });

  it('befalls the nth command, so many times, and can be taken back', async () => {
    host.trouble.add({ match: / lvs /, nth: 2, times: 2, when: 'before', kind: 'fail' });
    const look = async () => (await fleet.run('kvm-1', driver.volumes.look(volume))).outcome;
    expect([await look(), await look(), await look(), await look()]).toEqual(['done', 'failed', 'failed', 'done']);
    host.trouble.add({ when: 'before', kind: 'fail' }).remove();
    expect(await look()).toBe('done');
  });

  it('leaves half a file, and half a pour', async () => {
    host.trouble.add({ match: / dd /, when: 'midway', kind: 'fail' });
    const write = driver.files.write('/var/lib/hostler/seed/x', { base64: 'aGVsbG8h', label: 'x' });
    expect(await fleet.run('kvm-1', write, change)).toMatchObject({ outcome: 'failed' });
    expect(host.snapshot().files).toContainEqual(expect.stringMatching(/^\/var\/lib\/hostler\/seed\/x\.part 3 /));
    await fleet.run('kvm-1', create, change);
    const image = { path: '/var/lib/hostler/images/tiny.qcow2', format: 'qcow2', volume, unit: 'hostler-op_1' };
    host.model.unitMs = 60_000;
    await fleet.run('kvm-1', driver.images.pour(image), change);
    expect(await fleet.run('kvm-1', driver.images.pouring(image.unit))).toMatchObject({ value: 'running' });
    await fleet.run('kvm-1', driver.images.stopPouring(image.unit), change);
    expect(await fleet.run('kvm-1', driver.images.pouring(image.unit))).toMatchObject({ value: 'none' });
    expect(host.model.volumes.find((it) => it.name === 'v')?.content).toBe('half of image:tiny.qcow2');
  });

  it('can lose its volume group, and find it again', async () => {
    await fleet.run('kvm-1', create, change);
    host.loseGroup();
    expect(await fleet.run('kvm-1', driver.volumes.look(volume))).toMatchObject({
      ran: [{ exit: 5, stderr: '  Volume group "cloudvg" not found\n  Cannot process volume group cloudvg\n' }],
    });
    host.findGroup();
    expect(await fleet.run('kvm-1', driver.volumes.look(volume))).toMatchObject({ value: { name: 'v' } });
  });

  it('puts on record what it does not know', async () => {
    const output = { stdout: () => {}, stderr: () => {} };
    expect(await host.exec('uptime', '', output)).toEqual({ kind: 'ended', exit: 127 });
    expect(await host.exec(SCRIPT_EXEC, 'echo hello\n', output)).toEqual({ kind: 'ended', exit: 2 });
    const run = (argv: readonly ['virsh' | 'lvs' | 'ip', ...string[]]) =>
      fleet.run('kvm-1', { title: 'try', commands: [{ argv, limit: 'quick' }], parse: () => undefined });
    expect(await run(['virsh', 'frobnicate'])).toMatchObject({
      ran: [{ exit: 1, stderr: "error: unknown command: 'frobnicate'\n" }],
    });
    expect(await run(['lvs', '--bogus'])).toMatchObject({ ran: [{ exit: 3 }] });
    expect(await run(['ip', 'link'])).toMatchObject({ ran: [{ exit: 127 }] });
    expect(fleet.unknown()).toHaveLength(5);
  });

  it('keeps its state over a restart', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hostler-sim-'));
    try {
      await fleet.run('kvm-1', create, change);
      await saveModel(host.model, join(dir, 'kvm-1.json'));
      const model = await loadModel(join(dir, 'kvm-1.json'));
      if (model === null) throw new Error('nothing was saved');
      expect(makeSimHost({ name: 'kvm-1', model }).snapshot()).toEqual(host.snapshot());
      expect(await loadModel(join(dir, 'none.json'))).toBeNull();
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
