import { describe, expect, it } from 'vitest';
import { BotError } from '../../src/domain/error.ts';
import { GiB, MiB } from '../../src/domain/size.ts';
import { makeCheckHost } from '../../src/infra/check-host.ts';
import * as lines from '../../src/infra/check-lines.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import type { PoolSeen } from '../../src/operations/pool-verbs.ts';
import type { CallResult, CheckLine, Fleet, HostCall, Ran } from '../../src/operations/ports.ts';
import { realClock } from '../kit/real-clock.ts';
import { answered, recorded } from '../kit/recorded.ts';
import { hostSettings, testSettings } from '../kit/settings.ts';

const NOW = { before: 1_000_000_000_000, after: 1_000_000_001_000 };

/** ✓ or ✗, and what is told. */
const told = (found: readonly CheckLine[]): string[] =>
  found.map(({ ok, what, hint }) => `${ok ? '✓' : '✗'} ${what}${hint === null ? '' : ` → ${hint}`}`);

describe('lines from what real hosts answered', () => {
  it('libvirt that answers, and one that is stopped', () => {
    expect(told(lines.libvirt(recorded('virsh-version')))).toEqual([
      expect.stringMatching(/^✓ libvirt \d+\.\d+\.\d+ answers, with QEMU \d/),
    ]);
    expect(told(lines.libvirt(recorded('virsh-version-libvirtd-stopped')))).toEqual([
      expect.stringMatching(/^✗ libvirt does not answer: libvirtd is not running → Start it/),
    ]);
    expect(told(lines.libvirt(recorded('virsh-list-as-plain')))).toEqual([
      expect.stringMatching(/^✗ libvirt does not answer: .* → Add that user to the group libvirt/),
    ]);
  });

  it('sudo without a rule', () => {
    expect(told(lines.group(recorded('sudo-n-vgs-as-plain'), hostSettings('kvm-1')))).toEqual([
      expect.stringMatching(/^✗ volume group cloudvg can’t be read: sudo .* → Put what `hostler host sudoers`/),
    ]);
  });

  it('a volume group that is there, and one that isn’t', () => {
    expect(told(lines.group(recorded('lvm-vgs-missing'), hostSettings('kvm-1', { vg: 'nosuchvg' })))).toEqual([
      expect.stringMatching(/^✗ .*volume group \S+ is not there → Look with `vgs`/),
    ]);
  });
});

describe('lines', () => {
  it.each([
    [1_000_000_000, '✓'],
    [1_000_000_005, '✓'],
    [999_999_995, '✓'],
    [1_000_000_060, '✗ its clock is 59 s ahead of ours'],
    [999_999_900, '✗ its clock is 99 s behind ours'],
  ])('the clock at %d', (seconds, start) => {
    expect(told(lines.clock(answered(0, `${seconds}\n`), NOW))[0]).toMatch(new RegExp(`^${start}`));
  });

  it.each([
    ['12.30', '10.10', '✓'],
    ['91.00', '10.10', '✗ .*nearly full → Extend it'],
    ['12.30', '93.00', '✗ .*nearly full → Extend the metadata'],
  ])('a pool with %s %% data and %s %% metadata in use', (data, metadata, start) => {
    const lv = {
      lv_name: 'thinpool',
      vg_name: 'cloudvg',
      lv_size: '42949672960',
      lv_attr: 'twi-aotz--',
      lv_tags: '',
      origin: '',
      pool_lv: '',
      data_percent: data,
      metadata_percent: metadata,
      lv_uuid: 'x',
      lv_active: 'active',
      lv_device_open: 'open',
      lv_layout: 'thin,pool',
      segtype: 'thin-pool',
    };
    const answer = answered(0, JSON.stringify({ report: [{ lv: [lv] }] }));
    expect(told(lines.pool(answer, hostSettings('kvm-1')))[0]).toMatch(new RegExp(`^${start}`));
  });

  it('a pool that is not there, and one that is something else', () => {
    expect(told(lines.pool(answered(0, JSON.stringify({ report: [{ lv: [] }] })), hostSettings('kvm-1')))[0]).toMatch(
      /^✗ there is no thin pool cloudvg\/thinpool → Make it: `lvcreate/,
    );
  });

  it('a pool that LVM extends by itself, would, or could not', () => {
    const pool: PoolSeen = {
      vg: 'cloudvg',
      name: 'thinpool',
      sizeBytes: 40 * GiB,
      dataPercent: 10,
      metadataBytes: 40 * MiB,
      metadataPercent: 10,
      chunkBytes: 65_536,
      whenFull: 'queue',
      monitored: true,
      freeBytes: 20 * GiB,
      extentBytes: 4 * MiB,
      autoextend: { threshold: 80, percent: 20 },
    };
    expect(told(lines.zeroing(pool, true))).toEqual([expect.stringMatching(/^✓ thin pool .* gives out zeros/)]);
    expect(told(lines.zeroing(pool, false))).toEqual([
      expect.stringMatching(/^✗ .* gives out what others have left in it → .*lvchange -Z y cloudvg\/thinpool/),
    ]);
    const line = (change: Partial<PoolSeen>) => told(lines.autoextend({ ...pool, ...change }))[0];
    expect(line({})).toMatch(/^✓ .* by 20 % from 80 % on, dmeventd watches it, and 20 GiB are free for it$/);
    expect(line({ autoextend: { threshold: 100, percent: 20 }, monitored: false })).toMatch(
      /^✓ LVM does not extend .*autoextend is off.*`\/storage pool extend` does, and 20 GiB are free/,
    );
    expect(line({ monitored: false })).toMatch(/^✗ .*dmeventd does not watch it → On the host: `systemctl enable/);
    expect(line({ freeBytes: 7 * GiB })).toMatch(/^✗ .*but only 7 GiB are free for it → Add a disk: `vgextend cloudvg/);
    expect(line({ autoextend: null })).toMatch(/^✗ whether LVM extends .* can’t be told → See what `lvmconfig/);
  });

  it('groups, KVM, networks, directories, linger, sessions', () => {
    expect(told(lines.groups(answered(0, 'hostler sudo\n'), 'hostler'))[0]).toMatch(
      /^✗ .* → On the host: `usermod -aG libvirt hostler`/,
    );
    expect(told(lines.groups(answered(0, 'hostler libvirt\n'), 'hostler'))[0]).toMatch(/^✓/);
    expect(told(lines.kvm(answered(0, '232 kvm\n229 fuse\n')))).toEqual(['✓ KVM is there']);
    expect(told(lines.kvm(answered(0, '229 fuse\n')))[0]).toMatch(
      /^✗ the kernel has no kvm.* → Switch virtualisation on/,
    );
    const wanted = [
      { name: 'default', source: { network: 'default' } },
      { name: 'lan', source: { bridge: 'br0' } },
    ];
    expect(told(lines.networks(answered(0, ' default\n\n'), wanted))).toEqual(['✓ network default is up']);
    expect(told(lines.networks(answered(0, '\n'), wanted))[0]).toMatch(
      /^✗ .* → On the host: `virsh net-start default`/,
    );
    expect(told(lines.bridge(answered(1), 'lan', 'br0'))[0]).toMatch(/^✗ network lan: there is no bridge br0/);
    expect(told(lines.folder(answered(1), '/x/seed', 'hostler'))[0]).toMatch(/^✗ .* → On the host: `install -d/);
    expect(told(lines.linger(answered(1), 'hostler'))[0]).toMatch(
      /^✗ .* → On the host: `loginctl enable-linger hostler`/,
    );
    expect(told([lines.sessions([], 8)])).toEqual(['✓ sshd gives us 8 sessions at once']);
    expect(told([lines.sessions([new BotError('host_fault', 'open failed')], 8)])[0]).toMatch(
      /^✗ .* 7 of 8 .* → Set `MaxSessions 10`/,
    );
  });
});

/** A host that answers each command by its words; what isn't named answers exit 0 and nothing. */
function hostThat(
  answer: (argv: readonly string[]) => Partial<Ran>,
): Fleet & { readonly argvs: (readonly string[])[] } {
  const argvs: (readonly string[])[] = [];
  return {
    argvs,
    hosts: () => ['kvm-1'],
    line: (_, command) => command.argv.join(' '),
    run: async <T>(_: string, call: HostCall<T>): Promise<CallResult<T>> => {
      const ran = call.commands.map(({ argv }) => {
        argvs.push(argv);
        return { ...answered(0), line: argv.join(' '), ...answer(argv) };
      });
      return { outcome: 'done', value: call.parse(ran), ran };
    },
    runInTurn: async () => [],
  };
}

describe('makeCheckHost', () => {
  const settings = testSettings(['kvm-1'], { backups: { ...testSettings([]).backups, fullEvery: 7 } });
  const check = (fleet: Fleet) =>
    makeCheckHost({ fleet, driver: makeDriver(), settings: () => settings, clock: realClock })('kvm-1');

  it('asks sudo about every root command of the driver, as it would run, and runs none that changes anything', async () => {
    const fleet = hostThat(() => ({}));
    const found = await check(fleet);
    const asked = fleet.argvs.filter((argv) => argv[0] === 'sudo');
    expect(new Set(asked.map((argv) => argv[7]))).toEqual(
      new Set([
        'blkdiscard',
        'lvcreate',
        'lvextend',
        'lvrename',
        'lvremove',
        'lvchange',
        'qemu-img',
        'zstd',
        'sha256sum',
        'dmsetup',
        'bash',
      ]),
    );
    for (const argv of asked) expect(argv.slice(0, 6)).toEqual(['sudo', '-n', '-l', 'timeout', '-k', '5']);
    const started = new Set(fleet.argvs.map((argv) => argv[0]));
    expect([...started].sort()).toEqual(['cat', 'date', 'id', 'lvmconfig', 'lvs', 'sudo', 'test', 'vgs', 'virsh']);
    expect(told(found)).toContain('✓ sudo allows lvcreate -s');
    expect(told(found).filter((line) => line.includes('bash'))).toEqual([
      '✓ sudo allows bash to take snapshots of a guest that is held',
      '✓ sudo allows bash to write what has changed',
      '✓ sudo allows bash to find what has changed (thin_delta)',
      '✓ sudo allows bash to read what has changed',
    ]);
  });

  it('says where thin_delta comes from, which increments need', async () => {
    const lacks = (argv: readonly string[]) => (argv.includes('/usr/sbin/thin_delta') ? { exit: 1 } : {});
    expect(told(await check(hostThat(lacks)))).toContainEqual(
      expect.stringMatching(
        /^✗ thin_delta is not installed → Install it: package thin-provisioning-tools .*each backup is a full one/,
      ),
    );
    Object.assign(settings.backups, { fullEvery: 1 });
    expect(told(await check(hostThat(lacks))).filter((line) => line.includes('thin_delta'))).toEqual([]);
    Object.assign(settings.backups, { fullEvery: 7 });
  });

  it('asks for what the backups of the configuration need, and no more', async () => {
    const lacks = (argv: readonly string[]) =>
      argv[0] === 'test' && /(python3|age|ssh)$/.test(argv.at(-1) ?? '') ? { exit: 1 } : {};
    const missing = async () => told(await check(hostThat(lacks))).filter((line) => line.includes('not installed'));
    expect(await missing()).toEqual([]);
    const before = settings.backups;
    const target = 'ssh://backup@nas.example:22/srv/b';
    Object.assign(settings, { backups: { ...before, target, rateBytes: 1024, encryptTo: 'age1x' } });
    expect(await missing()).toEqual([
      expect.stringMatching(/^✗ python3 is not installed → Install it: package python3/),
      expect.stringMatching(/^✗ age is not installed → Install it: package age .* EPEL/),
      expect.stringMatching(/^✗ ssh is not installed → Install it: package openssh-client/),
    ]);
    const silent = hostThat((argv) =>
      argv[0] === 'ssh' ? { exit: 255, stderr: 'Host key verification failed.\n' } : {},
    );
    expect(told(await check(silent))).toContainEqual(expect.stringMatching(/^✗ ssh:.* can’t be reached for backups/));
    Object.assign(settings, { backups: before });
  });

  it('tells each missing sudo rule', async () => {
    const found = told(
      await check(
        hostThat((argv) =>
          argv[0] === 'sudo' && argv.includes('lvremove') ? { exit: 1, stderr: 'sudo: a password is required\n' } : {},
        ),
      ),
    );
    expect(found.filter((line) => line.startsWith('✗ sudo'))).toEqual([
      expect.stringMatching(/^✗ sudo does not allow lvremove \(.*\) → Put what `hostler host sudoers kvm-1` prints/),
    ]);
  });

  it('says only why a host can’t be reached, when it can’t', async () => {
    const fleet: Fleet = {
      ...hostThat(() => ({})),
      run: async () => ({
        outcome: 'failed',
        ran: [],
        error: new BotError('host_unreachable', 'Host kvm-1 can’t be reached', { hint: 'Is it up?' }),
      }),
    };
    expect(told(await check(fleet))).toEqual(['✗ Host kvm-1 can’t be reached → Is it up?']);
  });
});
