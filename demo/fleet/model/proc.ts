/** /proc and /etc as a host shows them, made from its state when they are read. */
import type { HostModel } from './host-model.ts';
import { counterAt, guestMeters, hostMeters, residentKiB, type Stall } from './meters.ts';
import { watched, watchedText } from './watched.ts';

/** The text at a path under /proc or /etc; undefined where there is none. */
export function procText(model: HostModel, path: string, now: number): string | undefined {
  return FILES[path]?.(model, now) ?? watchedText(model, path);
}

const FILES: Readonly<Record<string, (model: HostModel, now: number) => string>> = {
  '/proc/uptime': (model, now) => {
    const seconds = uptimeSeconds(model, now);
    return `${seconds.toFixed(2)} ${(ticks(model, now).idle / 100).toFixed(2)}\n`;
  },
  '/proc/loadavg': (model) =>
    `${hostMeters(model)
      .loads.map((load) => load.toFixed(2))
      .join(' ')} 1/144 7210\n`,
  '/proc/meminfo': meminfo,
  '/proc/cpuinfo': ({ cpus }) =>
    Array.from(
      { length: cpus },
      (_, at) =>
        `processor\t: ${at}\nvendor_id\t: AuthenticAMD\nmodel name\t: QEMU TCG CPU version 2.5+\ncpu MHz\t\t: 2793.538\n`,
    )
      .join('\n')
      .concat('\n'),
  '/proc/stat': (model, now) => {
    const { user, system, idle, iowait } = ticks(model, now);
    // What guests run counts as user time, and is told once more in the ninth column.
    const one = (name: string, part: number) =>
      `${name} ${[user, 0, system, idle, iowait, 0, 40, 0, user * 0.8, 0].map((it) => Math.floor(it / part)).join(' ')}\n`;
    const each = Array.from({ length: model.cpus }, (_, at) => one(`cpu${at}`, model.cpus)).join('');
    return `${one('cpu ', 1)}${each}btime ${Math.floor(model.bootedAt / 1000)}\nprocesses 7199\nprocs_running 1\nprocs_blocked 0\n`;
  },
  '/proc/pressure/cpu': (model, now) => pressure(hostMeters(model).cpuStall, 0, now),
  '/proc/pressure/io': (model, now) => pressure(hostMeters(model).ioStall, 0.8, now),
  '/proc/pressure/memory': (_, now) => pressure(NO_STALL, 0, now),
  '/proc/diskstats': diskstats,
  '/proc/misc': ({ kvm }) => `${kvm ? '232 kvm\n' : ''}229 fuse\n236 device-mapper\n237 loop-control\n`,
  '/proc/version': ({ kernel }) =>
    `Linux version ${kernel} (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)\n`,
  '/proc/sys/kernel/osrelease': ({ kernel }) => `${kernel}\n`,
  '/proc/sys/kernel/hostname': ({ name }) => `${name}\n`,
  '/sys/devices/system/cpu/online': ({ cpus }) => (cpus === 1 ? '0\n' : `0-${cpus - 1}\n`),
  '/etc/hostname': ({ name }) => `${name}\n`,
  '/etc/os-release': () => OS_RELEASE,
};

function uptimeSeconds(model: HostModel, now: number): number {
  return Math.max(0, now - model.bootedAt) / 1000;
}

/** Guests' memory that has been touched, in KiB. */
function guestsKiB(model: HostModel): number {
  return model.domains.reduce((sum, it) => sum + residentKiB(it), 0);
}

function meminfo(model: HostModel): string {
  const total = Math.floor(model.memoryBytes / 1024);
  const cached = Math.round(total * 0.18);
  const used = Math.round(total * 0.1) + guestsKiB(model) + Math.round(watched(model).eatenBytes / 1024);
  const free = Math.max(0, total - cached - used);
  const rows: [string, number][] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', Math.max(0, Math.min(total - used, free + Math.round(cached * 0.7)))],
    ['Buffers', 9060],
    ['Cached', cached],
    ['SwapCached', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
  ];
  return rows.map(([key, kib]) => `${`${key}:`.padEnd(15)}${String(kib).padStart(9)} kB\n`).join('');
}

const NO_STALL: Stall = { averages: [0, 0, 0], totalUs: { at: 0, value: 0, rate: 0 } };

/** `full`: the part of the stall in which nobody could go on. */
function pressure({ averages, totalUs }: Stall, full: number, now: number): string {
  const line = (name: string, part: number) => {
    const [ten, sixty, threeHundred] = averages.map((value) => (value * part).toFixed(2));
    const total = Math.floor(counterAt(totalUs, now) * part);
    return `${name} avg10=${ten} avg60=${sixty} avg300=${threeHundred} total=${total}\n`;
  };
  return line('some', 1) + line('full', full);
}

/** Hundredths of seconds of all CPUs together since the boot, by what they did. */
function ticks(model: HostModel, now: number): { user: number; system: number; idle: number; iowait: number } {
  const meters = hostMeters(model);
  const busy = counterAt(meters.busyMs, now) / 10;
  const iowait = counterAt(meters.iowaitMs, now) / 10;
  const all = uptimeSeconds(model, now) * 100 * model.cpus;
  return { user: busy * 0.7, system: busy * 0.3, idle: Math.max(0, all - busy - iowait), iowait };
}

/** A row for each volume, as the kernel's device mapper counts them; those of the two disks below are their sums. */
function diskstats(model: HostModel, now: number): string {
  const used = new Map<string, { read: number; written: number }>();
  for (const { live } of model.domains) {
    const source = live?.facts.disks[0]?.source;
    if (live === null || source == null) continue;
    const meters = guestMeters(live);
    used.set(source, { read: counterAt(meters.readBytes, now), written: counterAt(meters.writtenBytes, now) });
  }
  const row = (major: number, minor: number, name: string, read: number, written: number): string => {
    const [reads, writes] = [Math.floor(read / 30_000), Math.floor(written / 16_384)];
    const busy = Math.floor(reads * 0.21 + writes * 0.34);
    const counts = [
      reads,
      0,
      Math.floor(read / 512),
      busy,
      writes,
      0,
      Math.floor(written / 512),
      busy,
      0,
      busy,
      busy * 2,
    ];
    return `${String(major).padStart(4)} ${String(minor).padStart(7)} ${name} ${[...counts, 0, 0, 0, 0, 0, 0].join(' ')}\n`;
  };
  let rows = '';
  let [read, written] = [101_000_000, 505_000_000];
  for (const [at, volume] of model.volumes.entries()) {
    if (!volume.active) continue;
    const guest = used.get(`/dev/${volume.vg}/${volume.name}`);
    const [readHere, writtenHere] = [
      13_000_000 + (volume.carried?.read ?? 0) + (guest?.read ?? 0),
      17_000_000 + (volume.carried?.written ?? 0) + (guest?.written ?? 0),
    ];
    read += readHere;
    written += writtenHere;
    rows += row(253, at, `dm-${at}`, readHere, writtenHere);
  }
  return row(254, 0, 'vda', 234_000_000, 168_000_000) + row(254, 16, 'vdb', read, written) + rows;
}

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;
