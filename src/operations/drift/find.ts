import type { VolumeSeen } from '../../domain/inventory.ts';
import type { Button } from '../../domain/notice.ts';
import type { HostSettings, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { NO_MARKS } from '../importable.ts';
import type { Rows } from '../store.ts';
import { changedByHand } from './changed.ts';

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
  /** Operations that bring record and host together again, where there are any. */
  readonly repairs: readonly Button[];
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
    const asked = rows.drift.autostarting(host.name);
    const autostarting = asked === null || hasChanged(rows, host.name, asked.at) ? null : new Set(asked.uuids);
    return [
      ...unknownDomains(rows, host.name),
      ...orphans(rows, host, volumes ?? [], vms),
      ...vms.flatMap((vm) => changedByHand(vm, rows, { domains, volumes, autostarting })),
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
    todo:
      reason === NO_MARKS
        ? 'Hostler leaves it alone, and counts nothing of it. If that is meant, ignore it; else adopt it into a team with /vm adopt, or remove it on the host.'
        : 'Hostler leaves it alone, and counts nothing of it. If that is meant, ignore it; else mend what is said of it, or remove it on the host.',
    repairs:
      reason === NO_MARKS
        ? [
            {
              label: `Adopt ${domainName}`,
              press: { do: 'open', name: 'vm.adopt', input: { domain: domainName === '' ? uuid : domainName, host } },
            },
          ]
        : [],
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
    ...rows.backups
      .list(null)
      .filter((backup) => backup.host === host.name)
      .flatMap(({ base }) => (base?.disks ?? []).map(({ vg, volume }) => `${vg}/${volume}`)),
    ...rows.images
      .list()
      .filter((image) => image.host === host.name)
      .map(({ vg, volume }) => `${vg}/${volume}`),
  ]);
  return volumes.flatMap((volume): Finding[] => {
    const { vg, name, kind, pool, tags, sizeBytes, open } = volume;
    const ours = tags.some((tag) => TAG.test(tag));
    const key = `volume:${host.name}/${vg}/${name}`;
    const meant = kind !== 'thin-pool' && vg === host.vg && (ours || pool === host.pool);
    if (!meant || used.has(`${vg}/${name}`) || isOnItsWay(rows, tags)) return [];
    return [
      {
        key,
        kind: 'volume',
        host: host.name,
        name: `${vg}/${name}`,
        what: `a volume of ${formatSize(sizeBytes)} that no VM, image or snapshot has${open ? '; something holds it open' : ''}`,
        todo: open
          ? 'Most likely a domain that Hostler doesn’t know uses it: look at that first.'
          : `If nobody needs it, ${ours ? `remove it: /hostler drift remove ${key}` : `remove it on the host: lvremove ${vg}/${name}`}. A VM can be made of it with /vm create --disk.`,
        repairs:
          open || !ours
            ? []
            : [
                {
                  label: `Remove ${name}`,
                  press: { do: 'run', name: 'hostler.drift.remove', input: { what: key } },
                  style: 'danger',
                },
              ],
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

function ownerless(vm: Vm, { teams, people }: Settings): Finding[] {
  const { createdBy, team, id } = vm;
  const of = (what: string, todo: string): Finding[] => [
    { key: `owner:${id}`, kind: 'owner', host: vm.host, name: fullName(vm), what, todo, repairs: [] },
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
      repairs: [
        {
          label: `Delete ${name}`,
          press: { do: 'run' as const, name: 'snapshot.delete', input: { vm: fullName(vm), name } },
        },
        {
          label: `Protect ${name}`,
          press: { do: 'run' as const, name: 'snapshot.protect', input: { vm: fullName(vm), name } },
        },
      ],
    }));
}
