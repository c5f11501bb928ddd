import { formatAmount } from '../../domain/alerts/condition.ts';
import type { Subject } from '../../domain/alerts/subject.ts';
import { fillingText, freshFilling } from '../../domain/guest-filesystem.ts';
import { isBootLoop, powerOf, whyDown, whyPaused } from '../../domain/health.ts';
import type { VolumeSeen } from '../../domain/inventory.ts';
import { type Amounts, add, NOTHING } from '../../domain/plan.ts';
import { poolOf } from '../../domain/pool.ts';
import { amountsOf } from '../../domain/quota.ts';
import { percent } from '../../domain/rates.ts';
import { hasGivenUp } from '../../domain/restart.ts';
import type { HostSettings, Settings, Team } from '../../domain/settings.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { UNWATCHED } from '../../domain/vm-watch.ts';
import { promisedOn } from '../candidates.ts';
import { type Burn, burns } from '../slo/burn.ts';
import { fullIn, type PoolPace, paceOf } from '../storage/pool/common.ts';
import type { HostRow, Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';
import type { SampleRow } from '../watch/watch-rows.ts';

/** A sample older than this says nothing of now. */
const FRESH_MS = 150_000;
const SHOWN_VMS = 10;

type Values = Record<string, number | null>;

/** All that rules look at, with what is known of each now. */
export function subjectsOf(rows: Rows, settings: Settings, now: number): readonly Subject[] {
  const hosts = settings.hosts.map((host) => ({ host, row: rows.hosts.find(host.name) }));
  const silent = new Set(hosts.filter(({ row }) => row !== null && row.trouble !== null).map(({ host }) => host.name));
  const blind = new Set(
    hosts
      .filter(({ row }) => row === null || row.trouble !== null || row.observation?.domains == null)
      .map(({ host }) => host.name),
  );
  const all = rows.vms.list(null);
  const vms = all.filter(({ life }) => life === 'live');
  const byTeam = groupedBy(all, ({ team }) => team);
  const byHost = groupedBy([...all, ...rows.vms.trashed(null, null)], ({ host }) => host);
  const known = knownOfVms(rows, now);
  const burn = burns(rows, settings, now);
  return [
    ...hosts.flatMap(({ host, row }) => hostSubjects(host, row, byHost.get(host.name) ?? [], rows, now)),
    ...vms.map((vm) => vmSubject(vm, blind.has(vm.host), known, now)),
    ...settings.teams.map((team) => teamSubject(team, byTeam.get(team.name) ?? [], rows, burn(team.name))),
    fleetSubject(hosts, byHost, silent.size, rows, burn(null)),
  ];
}

function groupedBy(vms: readonly Vm[], key: (vm: Vm) => string): ReadonlyMap<string, readonly Vm[]> {
  const groups = new Map<string, Vm[]>();
  for (const vm of vms) {
    const its = groups.get(key(vm));
    if (its === undefined) groups.set(key(vm), [vm]);
    else its.push(vm);
  }
  return groups;
}

/** What is known beside the VMs' own rows: each kind read once for all of them, for there may be thousands. */
function knownOfVms(rows: Rows, now: number) {
  return {
    held: rows.locks.held(),
    watched: rows.watch.on(null),
    samples: rows.samples.latestSince('vm', now - FRESH_MS),
    filesystems: rows.filesystems.all(),
  };
}

function hostSubjects(
  host: HostSettings,
  row: HostRow | null,
  vms: readonly Vm[],
  rows: Rows,
  now: number,
): readonly Subject[] {
  const { name } = host;
  const answers = row !== null && row.trouble === null;
  const seen = answers ? row.observation : null;
  const sample = answers ? fresh(rows.samples.latest('host', name), now) : {};
  const on = vms.filter(({ life }) => life === 'live').map(fullName);
  const many = on.length > SHOWN_VMS ? `, and ${on.length - SHOWN_VMS} more` : '';
  const vmsThere = on.length === 0 ? '' : ` VMs on it: ${on.slice(0, SHOWN_VMS).join(', ')}${many}.`;
  const skew = sample['skew'] ?? null;
  const problem = (part: string): string | undefined => seen?.problems.find((each) => each.part === part)?.message;
  const subject: Subject = {
    kind: 'host',
    id: name,
    name,
    host: name,
    team: null,
    values: {
      ...sample,
      skew: skew === null ? null : Math.abs(skew),
      unreachable: row === null ? null : answers ? 0 : 1,
      libvirt_down: seen === null ? null : seen.libvirt === null ? 1 : 0,
      kvm_missing: seen === null || seen.kvm === null ? null : seen.kvm ? 0 : 1,
      nfs_bad: sample['nfs_bad'] == null ? null : Math.min(1, sample['nfs_bad']),
    },
    details: {
      unreachable: `${row?.trouble ?? 'it does not answer'}.${vmsThere}`,
      libvirt_down: `${problem('libvirt') ?? 'virsh can’t connect'}.${vmsThere}`,
      kvm_missing: 'the kernel has no kvm: its module is not loaded, or virtualization is off in the firmware',
      nfs_bad: 'a mount is stale, or its server does not answer: see df on the host',
      ...(skew === null ? {} : { skew: `${formatAmount(Math.abs(skew), 'ms')} ${skew > 0 ? 'ahead' : 'behind'}` }),
    },
  };
  const pool = seen === null ? undefined : poolOf(host, seen);
  if (pool === undefined) return [subject];
  return [
    subject,
    {
      kind: 'pool',
      id: `${name}/${pool.name}`,
      name: `${pool.name} on ${name}`,
      host: name,
      team: null,
      values: { data: pool.dataPercent, metadata: pool.metadataPercent },
      details: isFilling(pool) ? poolDetails(pool, paceOf(rows, host, now)) : {},
    },
  ];
}

/** Below that no pool has an alert whose words would need its pace. Per cent. */
const FILLING = 60;

function isFilling({ dataPercent, metadataPercent }: VolumeSeen): boolean {
  return Math.max(dataPercent ?? 0, metadataPercent ?? 0) >= FILLING;
}

/** How full, and when it is so at this pace. */
function poolDetails({ dataPercent, metadataPercent }: VolumeSeen, pace: PoolPace): Readonly<Record<string, string>> {
  const told = (percent: number | null, hours: number | null) => {
    const when = fullIn(hours);
    return percent === null || when === null ? null : `${formatAmount(percent, 'percent')}, ${when}`;
  };
  const [data, metadata] = [told(dataPercent, pace.hoursToFull), told(metadataPercent, pace.hoursToFullMetadata)];
  return { ...(data === null ? {} : { data }), ...(metadata === null ? {} : { metadata }) };
}

/** While an operation works on it, what it is now says nothing; nor while its host can't tell. */
function vmSubject(
  vm: Vm,
  blind: boolean,
  { held, watched, samples, filesystems }: ReturnType<typeof knownOfVms>,
  now: number,
): Subject {
  const known = !blind && !held.has(vmLock(vm));
  const watch = watched.get(vm.id) ?? UNWATCHED;
  const sample = known ? fresh(samples.get(vm.id) ?? null, now) : {};
  const down = whyDown(watch.wanted, vm.seen);
  const paused = whyPaused(vm.seen);
  const running = powerOf(vm.seen) === 'running';
  const [fullest] = (known && running ? freshFilling(filesystems.get(vm.id) ?? null, vm.disks, now) : null) ?? [];
  const spent = down !== null && watch.restartPolicy !== null && hasGivenUp(watch);
  const flags: Values = known
    ? {
        down: down === null ? 0 : 1,
        paused: paused === null ? 0 : 1,
        boot_loop: isBootLoop(watch.starts, now) ? 1 : 0,
        restarts_spent: spent ? 1 : 0,
        agent_silent: running && watch.agentSilentSince !== null ? 1 : 0,
        no_address: running && watch.addressLostSince !== null ? 1 : 0,
      }
    : {};
  return {
    kind: 'vm',
    id: vm.id,
    name: fullName(vm),
    host: vm.host,
    team: vm.team,
    values: {
      cpu: sample['cpu'] ?? null,
      memory: sample['memory'] ?? null,
      cpu_wait: sample['cpu_wait'] ?? null,
      disk: fullest?.usedPercent ?? null,
      ...flags,
    },
    details: {
      ...(down === null ? {} : { down }),
      ...(paused === null ? {} : { paused }),
      ...(fullest === undefined ? {} : { disk: fillingText(fullest) }),
      restarts_spent: `${down ?? 'it is off'}, and was started ${watch.restartLimit === 1 ? 'once' : `${watch.restartLimit} times`} in an hour: it stays off until somebody starts it`,
      boot_loop: 'it started at least three times in a quarter of an hour',
      agent_silent: 'its guest agent answered before, and does not any more',
      no_address: 'it had an address before, and has none now',
    },
  };
}

function teamSubject(team: Team, vms: readonly Vm[], rows: Rows, burn: Burn): Subject {
  const { name, quota } = team;
  const used = add(amountsOf(vms), rows.held({ team: name }));
  return {
    kind: 'team',
    id: name,
    name: `team ${name}`,
    host: null,
    team: name,
    values: {
      vms: percent(used.vms, quota.vms),
      vcpus: percent(used.vcpus, quota.vcpus),
      memory: percent(used.memoryBytes, quota.memoryBytes),
      disk: percent(used.diskBytes, quota.diskBytes),
      ...burn.values,
    },
    details: burn.details,
  };
}

/** What is promised of what can be promised, over the hosts whose size is known. */
function fleetSubject(
  hosts: readonly { readonly host: HostSettings; readonly row: HostRow | null }[],
  vmsOn: ReadonlyMap<string, readonly Vm[]>,
  silent: number,
  rows: Rows,
  burn: Burn,
): Subject {
  let whole: Amounts = NOTHING;
  let promised: Amounts = NOTHING;
  for (const { host, row } of hosts) {
    const seen = row?.observation ?? null;
    if (seen === null) continue;
    whole = add(whole, {
      vms: 0,
      vcpus: seen.cpus * host.overcommit.vcpus,
      memoryBytes: (seen.memoryBytes - host.reserveMemoryBytes) * host.overcommit.memory,
      diskBytes: (poolOf(host, seen)?.sizeBytes ?? 0) * host.overcommit.disk,
    });
    promised = add(promised, promisedOn(rows, host.name, '', vmsOn.get(host.name) ?? []));
  }
  return {
    kind: 'fleet',
    id: 'fleet',
    name: 'the fleet',
    host: null,
    team: null,
    values: {
      hosts_down: silent,
      vcpus: percent(promised.vcpus, whole.vcpus),
      memory: percent(promised.memoryBytes, whole.memoryBytes),
      disk: percent(promised.diskBytes, whole.diskBytes),
      ...burn.values,
    },
    details: burn.details,
  };
}

function fresh(sample: SampleRow | null, now: number): Readonly<Values> {
  return sample === null || Math.abs(now - sample.at) > FRESH_MS ? {} : sample.values;
}
