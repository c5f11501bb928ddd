/** The sweep of each minute: the observation and all that is watched beside it, in one call. */
import type { Command } from '../../domain/command.ts';
import type { HostGauges, IoCounters, Sweep } from '../../domain/sweep.ts';
import type { HostCall, Ran } from '../../operations/ports.ts';
import { answerTo } from '../answer.ts';
import { type DomainStats, guestCounters, guestGauges } from '../libvirt/domstats.ts';
import type { Virsh } from '../libvirt/virsh.ts';
import type { WholeGroup } from '../lvm/lvs.ts';
import { OBSERVED, observeCommands, type Part, readObservation } from '../observe.ts';
import { SYSTEM_FILES } from '../system.ts';
import { DF_LOCAL, DF_NFS, parseFileSystems, readNfs } from './df.ts';
import {
  type BlockDevice,
  isWholeDisk,
  parseCpu,
  parseDiskstats,
  parseNfsMounts,
  parsePressure,
  parseVmstat,
} from './kernel.ts';
import { asking, readProbes } from './probe.ts';
import { sectionsOf } from './sections.ts';

const WATCHED_FILES = [
  '/proc/stat',
  '/proc/vmstat',
  '/proc/diskstats',
  '/proc/pressure/cpu',
  '/proc/pressure/memory',
  '/proc/pressure/io',
  '/proc/self/mounts',
] as const;
/** More than any of those files has. */
const FILE_BYTES = String(1024 * 1024);

const WATCHED = ['clock', ...OBSERVED, 'units', 'filesystems', 'nfs'] as const;
type WatchedPart = (typeof WATCHED)[number];

/** `probe`: UUIDs of the guests to ask one by one. */
export function sweep(virsh: Virsh, vg: string, probe: readonly string[]): HostCall<Sweep> {
  const onFailure = 'go-on';
  const files: Command = {
    argv: ['head', '-v', '-c', FILE_BYTES, ...SYSTEM_FILES, ...WATCHED_FILES],
    limit: 'quick',
    onFailure,
  };
  const commands: readonly Command[] = [
    // First, so that what is slow does not blur it.
    { argv: ['date', '+%s.%N'], limit: 'quick', onFailure },
    ...observeCommands(virsh, vg, {
      system: files,
      domstats: ['--block', '--interface'],
      virsh: asking(probe),
    }),
    {
      argv: ['systemctl', 'list-units', '--state=failed', '--plain', '--no-legend', '--no-pager'],
      limit: 'quick',
      onFailure,
    },
    DF_LOCAL,
    DF_NFS,
  ];
  return { title: 'Sweep the host', commands, parse: (ran) => readSweep(ran, probe) };
}

function readSweep(ran: readonly Ran[], probe: readonly string[]): Sweep {
  const answer = (part: WatchedPart): Ran => answerTo(ran, WATCHED.indexOf(part));
  const sections = sectionsOf(answer('system').stdout);
  const system: Ran = { ...answer('system'), stdout: SYSTEM_FILES.map((path) => sections.get(path) ?? '').join('') };
  const told = (part: Part): Ran => (part === 'system' ? withoutPressure(system) : answer(part));
  const { observation, stats, lvm, virsh } = readObservation(told, asking(probe).length);
  const running = observation.domains?.filter(({ cpuTimeNs }) => cpuTimeNs !== null) ?? [];
  const guests = running.flatMap(({ uuid, name }): [string, DomainStats][] => {
    const found = stats?.get(name);
    return found === undefined ? [] : [[uuid, found]];
  });
  const devices = parseDiskstats(sections.get('/proc/diskstats'));
  return {
    observation,
    gauges: gaugesOf(answer, sections, ran),
    counters: {
      uptimeSeconds: observation.uptimeSeconds,
      cpu: parseCpu(sections.get('/proc/stat')),
      swapIn: parseVmstat(sections.get('/proc/vmstat'), 'pswpin'),
      swapOut: parseVmstat(sections.get('/proc/vmstat'), 'pswpout'),
      oomKills: parseVmstat(sections.get('/proc/vmstat'), 'oom_kill'),
      disks: Object.fromEntries(
        devices.filter(({ name }) => isWholeDisk(name)).map((device) => [device.name, ioOf([device])]),
      ),
      pools: poolCounters(lvm, devices),
      guests: Object.fromEntries(guests.map(([uuid, found]) => [uuid, guestCounters(found)])),
    },
    guests: new Map(guests.map(([uuid, found]) => [uuid, guestGauges(found)])),
    probes: readProbes(probe, virsh),
  };
}

/** A kernel without pressure information is no fault: of what `head` missed, only the rest is told. */
function withoutPressure(ran: Ran): Ran {
  const stderr = ran.stderr
    .split('\n')
    .filter((line) => !line.includes('/proc/pressure/'))
    .join('\n');
  return stderr.trim() === '' && ran.exit === 1 ? { ...ran, exit: 0, stderr } : { ...ran, stderr };
}

function gaugesOf(
  answer: (part: WatchedPart) => Ran,
  sections: ReadonlyMap<string, string>,
  ran: readonly Ran[],
): HostGauges {
  const clock = answer('clock');
  const seconds = /^(\d+\.\d+)$/.exec(clock.stdout.trim())?.[1];
  const filesystems = parseFileSystems(answer('filesystems').stdout);
  const mounts = sections.get('/proc/self/mounts');
  const nfs = answer('nfs');
  return {
    clock:
      seconds === undefined
        ? null
        : { at: Number(seconds) * 1000, restMs: ran.slice(1).reduce((sum, { ms }) => sum + ms, 0) },
    pressure: {
      cpu: parsePressure(sections.get('/proc/pressure/cpu')),
      memory: parsePressure(sections.get('/proc/pressure/memory')),
      io: parsePressure(sections.get('/proc/pressure/io')),
    },
    filesystems: filesystems.length === 0 ? null : filesystems,
    failedUnits: answer('units').exit === 0 ? unitsIn(answer('units').stdout) : null,
    nfs: mounts === undefined ? null : readNfs(parseNfsMounts(mounts), nfs),
  };
}

function unitsIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^(\S+) /.exec(line.trim())?.[1] ?? []);
}

/** A volume's device-mapper number is its row in diskstats. What its pool does is what its volumes do. */
function poolCounters(lvm: WholeGroup | null, devices: readonly BlockDevice[]): Readonly<Record<string, IoCounters>> {
  const byMinor = new Map(devices.filter(({ name }) => name.startsWith('dm-')).map((device) => [device.minor, device]));
  const found = new Map<string, BlockDevice[]>();
  for (const { pool, minor } of lvm?.minors ?? []) {
    const device = minor === null ? undefined : byMinor.get(minor);
    if (pool !== null && device !== undefined) found.set(pool, [...(found.get(pool) ?? []), device]);
  }
  return Object.fromEntries([...found].map(([pool, parts]) => [pool, ioOf(parts)]));
}

function ioOf(devices: readonly BlockDevice[]): IoCounters {
  const sum = (key: keyof IoCounters) => devices.reduce((all, device) => all + device[key], 0);
  return { readBytes: sum('readBytes'), writeBytes: sum('writeBytes'), busyMs: sum('busyMs') };
}
