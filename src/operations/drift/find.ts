import { powerOf } from '../../domain/health.ts';
import type { VolumeSeen } from '../../domain/inventory.ts';
import type { HostSettings, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';

export const FINDINGS = ['domain', 'volume', 'changed', 'owner', 'snapshot'] as const;

/** Where what is on record and what is there differ, or nobody feels responsible. */
export interface Finding {
  /** For good, so that it is told of once and can be ignored. */
  readonly key: string;
  readonly kind: (typeof FINDINGS)[number];
  readonly host: string;
  /** For people. */
  readonly name: string;
  readonly what: string;
  readonly todo: string;
}

/** Snapshots older than this are seldom meant. */
const OLD_MS = 30 * 86_400_000;
const TAG = /^hostler\./;
/** Who is known by Slack’s id alone is somebody, though not of the configuration. */
const SLACK_ID = /^[UW][A-Z0-9]{2,}$/;

/** All of it, from rows and from what hosts said last. A host that does not answer now is left out: nobody knows. */
export function findDrift(rows: Rows, settings: Settings, now: number): readonly Finding[] {
  const all = settings.hosts.flatMap((host) => {
    const row = rows.hosts.find(host.name);
    if (row === null || row.trouble !== null || row.observation === null) return [];
    const { domains, volumes } = row.observation;
    const vms = rows.vms.onHost(host.name);
    // What an operation did since then, the host had not told yet.
    if (hasChanged(rows, host.name, row.seenAt ?? 0)) return unknownDomains(rows, host.name);
    return [
      ...unknownDomains(rows, host.name),
      ...orphans(rows, host, volumes ?? [], vms),
      ...vms.flatMap((vm) => changedByHand(vm, rows, domains, volumes)),
    ];
  });
  const vms = rows.vms.list(null).filter(({ life }) => life === 'live');
  return [...all, ...vms.flatMap((vm) => [...ownerless(vm, settings), ...oldSnapshots(vm, rows, now)])];
}

/** Whether all hosts were looked at: only then is what was not found gone. */
export function isWhole(rows: Rows, { hosts }: Settings): boolean {
  return hosts.every(({ name }) => {
    const row = rows.hosts.find(name);
    return row !== null && row.trouble === null && !hasChanged(rows, name, row.seenAt ?? 0);
  });
}

function hasChanged(rows: Rows, host: string, since: number): boolean {
  const lately = rows.operations.recent({ team: null, vmId: null, limit: 100 });
  return lately.some((row) => row.host === host && row.startedAt !== null && (row.endedAt ?? since) >= since);
}

function unknownDomains(rows: Rows, host: string): Finding[] {
  return rows.drift.onHost(host).map(({ uuid, domainName, reason }) => ({
    key: `domain:${host}/${uuid}`,
    kind: 'domain',
    host,
    name: domainName === '' ? uuid : domainName,
    what: `a domain that is no VM of Hostler’s: ${reason}`,
    todo: 'Hostler leaves it alone, and counts nothing of it. If that is meant, ignore it; else make it anew with /vm create --disk, or remove it on the host.',
  }));
}

/** Volumes of Hostler’s pool, or with its marks, that belong to no VM, image or snapshot. */
function orphans(rows: Rows, host: HostSettings, volumes: readonly VolumeSeen[], vms: readonly Vm[]): Finding[] {
  const used = new Set<string>([
    ...vms.flatMap((vm) => vm.disks.map(({ vg, volume }) => `${vg}/${volume}`)),
    ...rows.detached.onHost(host.name).map(({ vg, volume }) => `${vg}/${volume}`),
    ...vms.flatMap((vm) =>
      rows.snapshots.of(vm.id).flatMap(({ disks }) => disks.map(({ vg, volume }) => `${vg}/${volume}`)),
    ),
    ...rows.images
      .list()
      .filter((image) => image.host === host.name)
      .map(({ vg, volume }) => `${vg}/${volume}`),
  ]);
  return volumes.flatMap((volume): Finding[] => {
    const { vg, name, kind, pool, tags, sizeBytes, open } = volume;
    const ours = tags.some((tag) => TAG.test(tag));
    const meant = kind !== 'thin-pool' && vg === host.vg && (ours || pool === host.pool);
    if (!meant || used.has(`${vg}/${name}`) || isOnItsWay(rows, tags)) return [];
    return [
      {
        key: `volume:${host.name}/${vg}/${name}`,
        kind: 'volume',
        host: host.name,
        name: `${vg}/${name}`,
        what: `a volume of ${formatSize(sizeBytes)} that no VM, image or snapshot has${open ? '; something holds it open' : ''}`,
        todo: open
          ? 'Most likely a domain that Hostler doesn’t know uses it: look at that first.'
          : `If nobody needs it, remove it on the host: lvremove ${vg}/${name}. A VM can be made of it with /vm create --disk.`,
      },
    ];
  });
}

/** Made by an operation that has not ended: its rows come with its end. */
function isOnItsWay(rows: Rows, tags: readonly string[]): boolean {
  return tags.some((tag) => {
    const op = /^hostler\.op\.(.+)$/.exec(tag)?.[1];
    const row = op === undefined ? null : rows.operations.byId(op);
    return row !== null && ['running', 'unwinding', 'stuck'].includes(row.state);
  });
}

function changedByHand(
  vm: Vm,
  rows: Rows,
  domains: readonly { readonly uuid: string; readonly name: string; readonly vcpus: number }[] | null,
  volumes: readonly VolumeSeen[] | null,
): Finding[] {
  if (vm.life !== 'live' || rows.locks.holder(vmLock(vm)) !== null) return [];
  const of = (part: string, what: string, todo: string): Finding => ({
    key: `changed:${vm.id}/${part}`,
    kind: 'changed',
    host: vm.host,
    name: fullName(vm),
    what,
    todo,
  });
  const found: Finding[] = [];
  const domain = domains?.find(({ uuid }) => uuid === vm.uuid);
  if (domains !== null && domain === undefined)
    found.push(
      of(
        'domain',
        'its domain is gone from the host',
        'Define it again on the host, or /vm delete it: its volumes go to the trash.',
      ),
    );
  if (domain !== undefined && domain.name !== vm.domainName)
    found.push(
      of(
        'name',
        `its domain is called ${domain.name}, not ${vm.domainName}`,
        `Name it back on the host: virsh domrename ${domain.name} ${vm.domainName}`,
      ),
    );
  if (domain !== undefined && powerOf(vm.seen) === 'running' && domain.vcpus > 0 && domain.vcpus !== vm.vcpus)
    found.push(
      of(
        'vcpus',
        `it has ${domain.vcpus} vCPUs, and ${vm.vcpus} on record`,
        `/vm resize ${fullName(vm)} brings both together; quota counts what is on record.`,
      ),
    );
  if (volumes === null) return found;
  for (const disk of vm.disks) {
    const seen = volumes.find(({ vg, name }) => vg === disk.vg && name === disk.volume);
    const name = `${disk.vg}/${disk.volume}`;
    if (seen === undefined)
      found.push(
        of(
          disk.target,
          `its disk ${disk.target} (${name}) is gone from the host`,
          'Look at lvs on the host: was it renamed or removed?',
        ),
      );
    else if (seen.sizeBytes !== disk.sizeBytes && disk.kind !== 'existing' && isOther(seen.sizeBytes, disk.sizeBytes))
      found.push(
        of(
          disk.target,
          `its disk ${disk.target} has ${formatSize(seen.sizeBytes)}, and ${formatSize(disk.sizeBytes)} on record`,
          `Somebody changed ${name} on the host. /vm disk extend to what it has brings both together.`,
        ),
      );
  }
  return found;
}

/** LVM rounds up to whole extents. */
function isOther(seen: number, recorded: number): boolean {
  return seen < recorded || seen - recorded >= 64 * 1024 * 1024;
}

function ownerless(vm: Vm, { teams, people }: Settings): Finding[] {
  const { createdBy, team, id } = vm;
  const of = (what: string, todo: string): Finding[] => [
    { key: `owner:${id}`, kind: 'owner', host: vm.host, name: fullName(vm), what, todo },
  ];
  if (!teams.some(({ name }) => name === team))
    return of(`its team ${team} is not in the configuration`, 'Put the team back, so that somebody may manage it.');
  if (people.some(({ name }) => name === createdBy) || SLACK_ID.test(createdBy)) return [];
  const who =
    createdBy === '(imported)'
      ? 'it was imported, so nobody made it'
      : `its maker ${createdBy} is not in the configuration`;
  return of(who, `Ask a lead of team ${team} whether it is needed; if not: /vm delete ${fullName(vm)}`);
}

function oldSnapshots(vm: Vm, rows: Rows, now: number): Finding[] {
  return rows.snapshots
    .of(vm.id)
    .filter((snapshot) => snapshot.state === 'ready' && !snapshot.protected && now - snapshot.takenAt > OLD_MS)
    .map(({ id, name, takenAt }) => ({
      key: `snapshot:${id}`,
      kind: 'snapshot' as const,
      host: vm.host,
      name: `${fullName(vm)} ${name}`,
      what: `a snapshot that is ${Math.floor((now - takenAt) / 86_400_000)} days old, and holds space in the pool`,
      todo: `/snapshot delete ${fullName(vm)} ${name}, or /snapshot protect it if it is meant to stay.`,
    }));
}
