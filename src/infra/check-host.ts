import { type Command, stagesOf, type TimeLimits, type Tool } from '../domain/command.ts';
import { readPlace } from '../domain/place.ts';
import type { BackupSettings, HostSettings, Settings } from '../domain/settings.ts';
import type { Driver } from '../operations/driver.ts';
import type { CheckHost, CheckLine, Clock, Fleet, HostCall, Ran } from '../operations/ports.ts';
import { answerTo } from './answer.ts';
import { THIN_DELTA } from './backups/changes.ts';
import * as read from './check-lines.ts';
import { backupMachine } from './check-target.ts';
import { SYSTEM_URI, virshFor } from './libvirt/virsh.ts';
import { lvs, vgs } from './lvm/lvs.ts';

export interface CheckHostDeps {
  readonly fleet: Fleet;
  readonly driver: Driver;
  readonly settings: () => Settings;
  readonly clock: Clock;
  /** libvirt's connection URI. Default `qemu:///system`. */
  readonly uri?: string;
}

/**
 * Looks at all that a host needs: connection and pinned key, clock, groups, programs, libvirt, KVM, networks, storage, directories,
 * each root command that the driver runs, what looks after the pool, and the sessions that sshd gives. Changes nothing.
 */
export function makeCheckHost(deps: CheckHostDeps): CheckHost {
  return async (name) => {
    const settings = deps.settings();
    const host = settings.hosts.find((each) => each.name === name);
    if (host === undefined) return [{ ok: false, what: `the config has no host ${name}`, hint: 'See `/host list`.' }];
    const before = deps.clock.now();
    const parts = partsFor(host, settings, deps);
    const result = await deps.fleet.run(name, wholeCall(name, parts));
    const after = deps.clock.now();
    if (result.outcome !== 'done') {
      const { message, hint } = result.error;
      return [{ ok: false, what: message, hint: hint ?? 'Try again; if it stays so, look at the host’s console.' }];
    }
    const connected: CheckLine = {
      ok: true,
      what: `ssh: ${host.ssh.login} lets us in, with the pinned host key`,
      hint: null,
    };
    const lines = parts.flatMap((part, i) => part.read(answerTo(result.value, i), { before, after }));
    return [connected, ...lines, ...(await care(host, deps)), await sessions(name, deps)];
  };
}

/** One command and what its answer means. */
export interface Part {
  readonly command: Command;
  readonly read: (answer: Ran, times: { readonly before: number; readonly after: number }) => readonly CheckLine[];
}

function wholeCall(name: string, parts: readonly Part[]): HostCall<readonly Ran[]> {
  return {
    title: `Check ${name}`,
    commands: parts.map(({ command }) => ({ ...command, onFailure: 'go-on' as const })),
    parse: (ran) => ran,
  };
}

function partsFor(
  host: HostSettings,
  { networks, backups }: Pick<Settings, 'networks' | 'backups'>,
  { driver, uri = SYSTEM_URI }: CheckHostDeps,
): Part[] {
  const virsh = virshFor(uri);
  const user = host.ssh.login.split('@')[0] ?? '';
  const quick = (argv: Command['argv']): Command => ({ argv, limit: 'quick' });
  return [
    { command: quick(['date', '+%s']), read: read.clock },
    { command: quick(['id', '-nG']), read: (answer) => read.groups(answer, user) },
    ...['virt-install', 'qemu-img', 'systemd-run', ...programsFor(backups)].map((program) => ({
      command: quick(['test', '-x', `/usr/bin/${program}`]),
      read: (answer: Ran) => read.program(answer, program),
    })),
    ...(backups.target === null || backups.fullEvery === 1
      ? []
      : [
          {
            command: quick(['test', '-x', THIN_DELTA]),
            read: (answer: Ran) => read.program(answer, 'thin_delta'),
          },
        ]),
    { command: virsh(['version']), read: read.libvirt },
    { command: quick(['cat', '/proc/misc']), read: read.kvm },
    { command: virsh(['net-list', '--name']), read: (answer) => read.networks(answer, networks) },
    ...networks.flatMap(({ name, source }) =>
      'bridge' in source
        ? [
            {
              command: quick(['test', '-d', `/sys/class/net/${source.bridge}/bridge`]),
              read: (answer: Ran) => read.bridge(answer, name, source.bridge),
            },
          ]
        : [],
    ),
    { command: vgs(host.vg), read: (answer) => read.group(answer, host) },
    { command: lvs(host.vg), read: (answer) => read.pool(answer, host) },
    ...['seed', 'images'].map((folder) => ({
      command: quick(['test', '-w', `${host.directory}/${folder}`]),
      read: (answer: Ran) => read.folder(answer, `${host.directory}/${folder}`, user),
    })),
    ...(backups.target === null ? [] : [targetPart(backups.target, user, driver)]),
    { command: quick(['test', '-e', `/var/lib/systemd/linger/${user}`]), read: (answer) => read.linger(answer, user) },
    ...rootCommands(host, backups, driver).map((command) => ({
      command: mayRun(command, host.limits),
      read: (answer: Ran) => read.mayRun(answer, command, host),
    })),
  ];
}

function programsFor({ target, rateBytes, encryptTo, readable }: BackupSettings): readonly string[] {
  if (target === null) return [];
  const age = encryptTo !== null || readable.length > 0;
  const ssh = readPlace(target).remote !== null;
  return ['zstd', 'ping', ...(rateBytes === null ? [] : ['python3']), ...(age ? ['age'] : []), ...(ssh ? ['ssh'] : [])];
}

function targetPart(directory: string, user: string, driver: Driver): Part {
  const { remote } = readPlace(directory);
  if (remote !== null) {
    const [command] = driver.backups.target(directory).commands;
    if (command !== undefined) return { command, read: (answer) => backupMachine(answer, directory, user) };
  }
  return {
    command: { argv: ['test', '-w', directory], limit: 'quick' },
    read: (answer) => read.backupTarget(answer, directory, user),
  };
}

/** Asks sudo whether it would run this, as it would be run, without running it. */
function mayRun(command: Command, limits: TimeLimits): Command {
  return {
    argv: ['sudo', '-n', '-l', 'timeout', '-k', '5', String(limits[command.limit]), ...command.argv],
    limit: 'quick',
  };
}

/** Every root command of the driver, once for each form that sudoers tells apart, with names that stand for ours. */
function rootCommands(
  { vg, pool }: HostSettings,
  { target, rateBytes: rate, encryptTo, fullEvery }: BackupSettings,
  { volumes, pools, snapshots, images, backups, changes, copies }: Driver,
): Command[] {
  const volume = { vg, name: 'vm-check-d0' };
  const marks = { op: 'op_check', vm: 'vm_check' };
  const poured = { path: '/var/lib/hostler/images/check.qcow2', format: 'qcow2', volume, unit: 'hostler-check' };
  const calls: readonly HostCall<unknown>[] = [
    volumes.clone({ ...volume, origin: 'img-check', originBytes: 1024 ** 3, sizeBytes: 2 * 1024 ** 3, marks }),
    volumes.createThin({ ...volume, pool, sizeBytes: 1024 ** 3, marks }),
    volumes.createThick({ ...volume, sizeBytes: 1024 ** 3, marks }),
    volumes.extend({ ...volume, sizeBytes: 2 * 1024 ** 3 }),
    volumes.wipe({ ...volume, fromBytes: 0, unit: 'hostler-check' }),
    pools.extendMetadata({ vg, name: pool, sizeBytes: 1024 ** 2 }),
    volumes.rename({ ...volume, to: 'trash-check-d0' }),
    volumes.removeMarked({ ...volume, tag: 'hostler.op.op_check' }),
    volumes.retag({ ...volume, add: ['hostler.op.op_check'], remove: ['hostler.op.op_was'] }),
    // What it removes first is of the form above.
    only(
      'bash',
      snapshots.take({
        ...{ vg, marks, snapshot: 'snap_check', parent: null, hold: 'freeze' },
        ...{ uuid: '00000000-0000-4000-8000-000000000000', disks: [{ of: 'vm-check-d0', volume: 'snap-check-d0' }] },
      }),
    ),
    images.pour(poured),
    images.pour({ ...poured, zeroed: true }),
    copies.compare({ from: volume, to: { vg, name: 'vm-check-d1' }, unit: 'hostler-check' }),
    ...(target !== null
      ? [
          backups.store({ volume, path: '/check.zst', unit: 'hostler-check', rate, encryptTo }),
          backups.unpack({ volume, path: '/check.zst', unit: 'hostler-check', rate }),
          backups.sumVolume({ volume, into: '/check.sum', unit: 'hostler-check', rate }),
          changes.apply({ volume, path: '/check.zst', into: '/check.sum', unit: 'hostler-check', rate }),
          ...(fullEvery === 1
            ? []
            : [
                changes.look({ vg, name: pool }),
                changes.release({ vg, name: pool }),
                changes.store({
                  ...{ volume, ranges: '/check.ranges', path: '/check.zst', unit: 'hostler-check' },
                  ...{ rate, encryptTo },
                }),
              ]),
        ]
      : []),
  ];
  const seen = new Set<string>();
  return calls
    .flatMap(({ commands }) => commands)
    .flatMap((command) => stagesOf(command).map((stage): Command => ({ ...stage, limit: command.limit })))
    .filter((command) => {
      // lvs and vgs have just run for real.
      if (command.sudo !== true || command.argv[0] === 'lvs' || command.argv[0] === 'vgs') return false;
      const key = JSON.stringify(command.argv);
      return !seen.has(key) && seen.add(key);
    });
}

function only(tool: Tool, call: HostCall<unknown>): HostCall<unknown> {
  return { ...call, commands: call.commands.filter(({ argv }) => argv[0] === tool) };
}

/**
 * Whether the pool keeps tenants apart, and what keeps LVM from looking after it. That there is none, or that it can’t be read, is told where
 * it was looked for.
 */
async function care({ name, vg, pool }: HostSettings, { fleet, driver }: CheckHostDeps): Promise<readonly CheckLine[]> {
  const [look, zeroes] = [driver.pools.look({ vg, name: pool }), driver.volumes.zeroes({ vg, name: pool })];
  const asked = await fleet.run(name, {
    title: look.title,
    commands: [...look.commands, ...zeroes.commands],
    parse: (ran) => ran,
  });
  if (asked.outcome !== 'done') return [];
  const { length } = look.commands;
  try {
    const seen = look.parse(asked.value.slice(0, length));
    return seen === null
      ? []
      : [...read.zeroing(seen, zeroes.parse(asked.value.slice(length))), ...read.autoextend(seen)];
  } catch {
    return [];
  }
}

/** How many calls Hostler may have open at once on one host, and so sessions of sshd (MaxSessions). */
const SESSIONS = 8;

/** Opens as many sessions as work may take, all at the same time: each waits for events of libvirt that don't come. */
async function sessions(name: string, { fleet, uri = SYSTEM_URI }: CheckHostDeps): Promise<CheckLine> {
  const wait: HostCall<null> = {
    title: 'Hold a session open',
    commands: [{ ...virshFor(uri)(['event', '--event', 'lifecycle', '--timeout', '2']), onFailure: 'go-on' }],
    parse: () => null,
  };
  const results = await Promise.all(Array.from({ length: SESSIONS }, () => fleet.run(name, wait)));
  return read.sessions(
    results.flatMap((result) => (result.outcome === 'done' ? [] : [result.error])),
    SESSIONS,
  );
}
