import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Command, commandLine, DEFAULT_LIMITS, stagesOf } from '../../src/domain/command.ts';
import { FIND_CHANGES, READ_RANGES } from '../../src/infra/backups/scripts.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { takeHeld } from '../../src/infra/snapshots/held.ts';
import { rulePattern, sudoersFor } from '../../src/infra/sudoers.ts';

const LIMITS = { ...DEFAULT_LIMITS, quick: 45 };
const TEXT = sudoersFor('hostler', LIMITS, 'cloudvg');
const RULES = TEXT.split('\n').flatMap((line) => /NOPASSWD: (.*)$/.exec(line)?.[1] ?? []);

/** sudo's own way: the command's path, then fnmatch over the arguments joined by spaces, `*` matching any of them. */
function allows(line: string): boolean {
  const typed = line.replace(/^sudo -n timeout/, '/usr/bin/timeout').replaceAll("'", '');
  return RULES.some((rule) => new RegExp(`^${rulePattern(rule)}$`, 's').test(typed));
}

function sudoLines(): string[] {
  const driver = makeDriver();
  const volume = { vg: 'cloudvg', name: 'vm-01-d0' };
  const marks = { op: 'op_01', vm: 'vm_01' };
  const sizeBytes = 2 ** 30;
  const { volumes, pools, snapshots, images, backups, changes, copies } = driver;
  const calls = [
    driver.observe('cloudvg'),
    volumes.look(volume),
    volumes.byTag('cloudvg', 'hostler.op.op_01'),
    volumes.clone({ ...volume, origin: 'img', originBytes: 512, sizeBytes, marks }),
    volumes.createThin({ ...volume, pool: 'thinpool', sizeBytes, marks }),
    volumes.createThick({ ...volume, sizeBytes, marks }),
    volumes.extend({ ...volume, sizeBytes }),
    volumes.wipe({ ...volume, fromBytes: sizeBytes, unit: 'u' }),
    pools.look({ vg: 'cloudvg', name: 'thinpool' }),
    pools.extendMetadata({ vg: 'cloudvg', name: 'thinpool', sizeBytes }),
    volumes.rename({ ...volume, to: 'trash-01' }),
    volumes.removeMarked({ ...volume, tag: 'hostler.op.op_01' }),
    volumes.retag({ ...volume, add: ['a'], remove: ['b'] }),
    volumes.retag({ ...volume, add: [], remove: ['b'] }),
    ...(['none', 'both'] as const).map((hold) =>
      snapshots.take({
        ...{ vg: 'cloudvg', uuid: '6b1b36a2-bb4c-4d6e-9d21-0000000000aa', snapshot: 'snap_01', parent: 'snap_00' },
        ...{ marks, hold, disks: [{ of: 'vm-01-d0', volume: 'snap-01-d0' }] },
      }),
    ),
    images.pour({ path: '/i/t.qcow2', format: 'qcow2', volume, unit: 'u' }),
    images.pour({ path: '/i/t.qcow2', format: 'qcow2', volume, unit: 'u', zeroed: true }),
    volumes.zeroes({ vg: 'cloudvg', name: 'thinpool' }),
    ...[null, sizeBytes].flatMap((rate) => [
      backups.store({ volume, path: '/mnt/backup/d0.zst.part', unit: 'u', rate, encryptTo: null }),
      backups.unpack({ path: '/mnt/backup/d0.zst', volume, unit: 'u', rate }),
      changes.look({ vg: 'cloudvg', name: 'thinpool' }),
      changes.release({ vg: 'cloudvg', name: 'thinpool' }),
      changes.find({ pool: { vg: 'cloudvg', name: 'thin-pool' }, base: volume, volume, into: '/h/r', unit: 'u' }),
      changes.store({ volume, ranges: '/h/r', path: '/mnt/d0.zst', unit: 'u', rate: null, encryptTo: null }),
      changes.apply({ volume, path: '/mnt/d0.zst', into: '/h/sum', unit: 'u', rate: null }),
      backups.sumVolume({ volume, into: '/h/sum', unit: 'u', rate }),
    ]),
    copies.copy({ from: volume, to: { ...volume, name: 'vm-01-d1' }, blank: true, unit: 'u' }),
    copies.compare({ from: volume, to: { ...volume, name: 'vm-01-d1' }, unit: 'u' }),
  ];
  const commands: readonly Command[] = calls.flatMap(({ commands }) => commands);
  return commands.flatMap((command) =>
    stagesOf(command)
      .filter(({ sudo }) => sudo)
      .map((stage) => commandLine({ ...stage, limit: command.limit }, LIMITS)),
  );
}

describe('sudoers', () => {
  it('allows every root command of the driver', () => {
    const lines = sudoLines();
    expect(lines.length).toBeGreaterThan(12);
    expect(lines.filter((line) => !allows(line))).toEqual([]);
  });

  it('has no rule that the driver does not need', () => {
    const lines = sudoLines().map((line) => line.replace(/^sudo -n timeout/, '/usr/bin/timeout').replaceAll("'", ''));
    const begins = (rule: string) => rule.replaceAll(/\\(.)/g, '$1').split('*')[0] ?? rule;
    const unused = RULES.filter((rule) => !lines.some((line) => line.startsWith(begins(rule))));
    expect(unused).toEqual([]);
  });

  it.each([
    'sudo -n id',
    'sudo -n timeout -k 5 45 id',
    'sudo -n timeout -k 5 46 lvs --reportformat json --units b --nosuffix -o vg_name cloudvg',
    'sudo -n timeout -k 5 1 sh -c id lvs --reportformat json --units b --nosuffix -o vg_name cloudvg',
    'sudo -n timeout -k 5 120 lvremove -y cloudvg/vm-01-d0',
    'sudo -n timeout -k 5 120 lvcreate -y -L 4m -n x othervg',
    'sudo -n timeout -k 5 7200 blkdiscard -z -o 0 /dev/sda',
    'sudo -n timeout -k 5 7200 qemu-img convert -n -O raw -f raw /x /dev/othervg/y',
    'sudo -n timeout -k 5 7200 qemu-img compare -f raw -F raw -T none -U /dev/cloudvg/x /etc/shadow',
    'sudo -n timeout -k 5 7200 bash -c id hostler /dev/cloudvg/x',
    `sudo -n timeout -k 5 7200 bash -c ${READ_RANGES}; id hostler /dev/cloudvg/x`,
    `sudo -n timeout -k 5 7200 bash -c ${READ_RANGES} hostler /dev/sda`,
    `sudo -n timeout -k 5 7200 bash -c ${FIND_CHANGES} hostler othervg/x cloudvg-x`,
    `sudo -n timeout -k 5 120 bash -c ${takeHeld('qemu:///system', 'othervg')} hostler freeze u t d0 s0`,
    `sudo -n timeout -k 5 120 bash -c ${takeHeld('qemu+ext:///?command=/bin/id', 'cloudvg')} hostler freeze u t d0 s0`,
    'sudo -n timeout -k 5 45 dmsetup status othervg-x-tpool',
    'sudo -n timeout -k 5 45 dmsetup remove cloudvg-x-tpool',
  ])('refuses %s', (line) => {
    expect(allows(line)).toBe(false);
  });

  it('refuses names that would be more than names', () => {
    expect(() => sudoersFor('a\nALL ALL=(ALL) ALL', LIMITS, 'cloudvg')).toThrow(RangeError);
    expect(() => sudoersFor('hostler', LIMITS, '*')).toThrow(RangeError);
    expect(() => sudoersFor('hostler', { ...LIMITS, quick: 1.5 }, 'cloudvg')).toThrow(RangeError);
  });

  it('is what visudo takes', async ({ skip }) => {
    skip(spawnSync('visudo', ['-V']).error !== undefined, 'sudo, with its visudo, is not installed');
    const directory = await mkdtemp(join(tmpdir(), 'hostler-sudoers-'));
    const path = join(directory, 'hostler');
    await writeFile(path, TEXT, { mode: 0o440 });
    expect(execFileSync('visudo', ['-cf', path], { encoding: 'utf8' })).toContain('parsed OK');
    await rm(directory, { recursive: true });
  });
});
