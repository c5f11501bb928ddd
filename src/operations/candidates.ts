import { BotError } from '../domain/error.ts';
import { type Candidate, type Objection, type Placement, place, shortForGrowth } from '../domain/placement.ts';
import { type Amounts, add } from '../domain/plan.ts';
import { amountsOf } from '../domain/quota.ts';
import type { HostSettings, Settings } from '../domain/settings.ts';
import { diskBytes } from '../domain/vm.ts';
import type { Rows } from './store.ts';

export interface PlacementQuestion {
  readonly wants: Amounts;
  /** Only this host; null for any. */
  readonly only: string | null;
  /** The operation that asks: what it holds itself doesn't count against it. */
  readonly opId: string;
  /** What else a host lacks: `has no image tiny`. */
  readonly lacks: (host: HostSettings) => readonly Objection[];
}

/** The hosts as placement wants them, from rows, and its choice. The one place where a host is chosen. */
export function chooseHost(rows: Rows, settings: Settings, question: PlacementQuestion): Placement {
  return place(candidatesFor(rows, settings, question), question.wants, settings.placement.weigh);
}

/** The hosts with what they hold, in the configuration's order. */
export function candidatesFor(rows: Rows, settings: Settings, question: Omit<PlacementQuestion, 'wants'>): Candidate[] {
  return settings.hosts
    .filter(({ name }) => question.only === null || name === question.only)
    .map((host): Candidate => {
      const row = rows.hosts.find(host.name);
      const held = rows.held({ host: host.name, except: question.opId });
      return {
        settings: host,
        observation: row?.observation ?? null,
        trouble: row?.trouble ?? null,
        promised: add(allocatedOn(rows, host.name), held),
        underWayBytes: Math.max(0, held.diskBytes),
        lacks: question.lacks(host),
      };
    });
}

/** Whether a VM's own host has so much more for it. @throws BotError `no_capacity` with what is missing. */
export function roomToGrow(rows: Rows, host: HostSettings, wants: Amounts, opId: string): void {
  const row = rows.hosts.find(host.name);
  const short = shortForGrowth(
    {
      settings: host,
      observation: row?.observation ?? null,
      trouble: row?.trouble ?? null,
      promised: promisedOn(rows, host.name, opId),
    },
    wants,
  );
  if (short.length === 0) return;
  throw new BotError('no_capacity', `Host ${host.name} ${short.join(', ')}`, {
    hint: 'Ask for less, or ask an admin for room (`/host list`).',
  });
}

/** What a host holds or has promised. VMs in the trash hold their disks, and nothing else. */
export function promisedOn(rows: Rows, host: string, except: string, vms = rows.vms.onHost(host)): Amounts {
  return add(allocatedOn(rows, host, vms), rows.held({ host, except }));
}

/** What VMs hold of a host, those in the trash with their disks alone; and disks in the trash. `vms`: where they were read already. */
export function allocatedOn(rows: Rows, host: string, vms = rows.vms.onHost(host)): Amounts {
  const trash = amountsOf(vms.filter(({ life }) => life === 'trashed'));
  const live = amountsOf(vms.filter(({ life }) => life !== 'trashed'));
  const detached = diskBytes({ disks: rows.detached.onHost(host) });
  return add(live, { vms: 0, vcpus: 0, memoryBytes: 0, diskBytes: trash.diskBytes + detached });
}
