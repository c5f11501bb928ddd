/** The kernel's counters as typed numbers. What isn't there is null or empty: a kernel without it is no broken host. */
import type { CpuTicks, IoCounters } from '../../domain/sweep.ts';

const SECTOR = 512;

/** The first line of /proc/stat. Guests' time stands in user time already. */
export function parseCpu(text: string | undefined): CpuTicks | null {
  const line = /^cpu +(\d+(?: \d+)*)/m.exec(text ?? '')?.[1];
  if (line === undefined) return null;
  const ticks = line.split(' ').map(Number);
  const [, , , idle = 0, iowait = 0, , , steal = 0] = ticks;
  return { all: ticks.slice(0, 8).reduce((sum, each) => sum + each, 0), idle, iowait, steal };
}

/** One counter of /proc/vmstat. */
export function parseVmstat(text: string | undefined, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** `avg60` of the line `some` in a file of /proc/pressure. */
export function parsePressure(text: string | undefined): number | null {
  const found = /^some .*\bavg60=(\d+\.\d+)/m.exec(text ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

export interface BlockDevice extends IoCounters {
  readonly name: string;
  readonly minor: number;
}

/** Rows of /proc/diskstats (Documentation/admin-guide/iostats.rst). */
export function parseDiskstats(text: string | undefined): readonly BlockDevice[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const words = line.trim().split(/ +/);
    const [, minor, name, , , read, , , , write, , , busy] = words;
    if (name === undefined || busy === undefined || ![minor, read, write, busy].every((it) => /^\d+$/.test(it ?? '')))
      return [];
    return [
      {
        name,
        minor: Number(minor),
        readBytes: Number(read) * SECTOR,
        writeBytes: Number(write) * SECTOR,
        busyMs: Number(busy),
      },
    ];
  });
}

/** A disk of its own: no partition, no device-mapper or loop device, whose work would be counted twice. */
export function isWholeDisk(name: string): boolean {
  return /^(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(name);
}

/** Mount points of NFS in /proc/self/mounts; spaces and the like are octal there. */
export function parseNfsMounts(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const [, target, type] = line.split(' ');
    if (target === undefined || (type !== 'nfs' && type !== 'nfs4')) return [];
    return [target.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
  });
}
