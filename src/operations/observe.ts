import { BotError } from '../domain/error.ts';
import type { Observation } from '../domain/inventory.ts';
import type { CallTimes } from '../domain/samples.ts';
import type { Settings } from '../domain/settings.ts';
import type { Vm } from '../domain/vm.ts';
import type { Driver } from './driver.ts';
import { importUnknown } from './import.ts';
import type { Clock, Fleet } from './ports.ts';
import type { Rows } from './store.ts';

export interface ObserveDeps {
  readonly rows: Rows;
  readonly fleet: Fleet;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly settings: Settings;
}

/** Looks at the hosts whose last report is older than `maxAgeMs`, all at once; one call each. What it finds goes into rows. */
export async function refresh(
  deps: ObserveDeps,
  hosts: readonly string[],
  maxAgeMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const due = hosts.filter((name) => {
    const row = deps.rows.hosts.find(name);
    return row === null || row.seenAt === null || row.trouble !== null || deps.clock.now() - row.seenAt > maxAgeMs;
  });
  // A signal of its own for each: hundreds of listeners on one would look like a leak.
  await Promise.all(due.map((name) => lookAtHost(deps, name, signal && AbortSignal.any([signal]))));
}

/** One host's look: its report, what it says of each VM that we know there, and VMs of ours that we didn't know. */
export async function lookAtHost(deps: ObserveDeps, name: string, signal?: AbortSignal): Promise<void> {
  const { rows, fleet, driver, clock, settings } = deps;
  const host = settings.hosts.find((each) => each.name === name);
  if (host === undefined) return;
  const began = clock.now();
  const result = await fleet.run(name, driver.observe(host.vg), signal === undefined ? {} : { signal });
  // Whoever asked could not wait: that says nothing about the host.
  if (result.outcome !== 'done' && signal?.aborted) return;
  // Until all that a new host has is known, it counts as never seen: whoever wants a list waits for it.
  const isNew = !rows.hosts.isKnown(name);
  if (isNew && result.outcome === 'done') await importUnknown(deps, name, result.value, signal);
  const at = clock.now();
  rows.transaction(() => {
    if (result.outcome !== 'done') {
      rows.hosts.missed(name, result.error.message, at);
      return;
    }
    keepObservation(rows, name, result.value, { began, ended: at });
  });
  if (!isNew && result.outcome === 'done') await importUnknown(deps, name, result.value, signal);
}

/** The report's rows: the host's, and what it says of each VM that we know there. Inside a transaction. The VMs as they are then. */
export function keepObservation(
  rows: Rows,
  name: string,
  observation: Observation,
  times: CallTimes,
  vms: readonly Vm[] = rows.vms.onHost(name),
): readonly Vm[] {
  const at = times.ended;
  rows.hosts.saw(name, observation, at);
  if (observation.domains === null) return vms;
  const byUuid = new Map(observation.domains.map((domain) => [domain.uuid, domain]));
  // Most are as they were: one statement for all of them, and one for each that is not.
  rows.vms.seenAgain(name, times);
  return vms.map((vm) => {
    // What an operation changed while the sweep was under way is newer than what the sweep saw.
    if (vm.life !== 'live' || (vm.seen !== null && vm.seen.at > times.began)) return vm;
    const domain = byUuid.get(vm.uuid);
    const seen =
      domain === undefined
        ? ({ state: 'missing', reason: '', at } as const)
        : { state: domain.state, reason: domain.reason, at };
    if (vm.seen?.state !== seen.state || vm.seen.reason !== seen.reason) rows.vms.update(vm.id, { seen });
    return { ...vm, seen };
  });
}

/** What a host has just now, its domains told. Throws where it does not say. */
export async function reportOf(deps: ObserveDeps, host: string): Promise<ReportedDomains> {
  await refresh(deps, [host], 0);
  const row = deps.rows.hosts.find(host);
  if (row !== null && row.trouble === null && row.observation?.domains != null) return row.observation.domains;
  throw new BotError('host_unreachable', `${host} does not say what it has: ${row?.trouble ?? 'no answer'}`, {
    hint: `See \`/host check ${host}\`.`,
  });
}
type ReportedDomains = NonNullable<Observation['domains']>;

/** For lists and looks: fresh where the hosts answer in time, else as last seen. A host that was never seen is waited for longer. */
export async function refreshBriefly(deps: ObserveDeps, hosts: readonly string[]): Promise<void> {
  const isNew = (name: string): boolean => !deps.rows.hosts.isKnown(name);
  const fresh = hosts.filter(isNew);
  const known = hosts.filter((name) => !fresh.includes(name));
  await Promise.all([
    refresh(deps, known, BRIEF_AGE_MS, AbortSignal.timeout(BRIEF_WAIT_MS)),
    refresh(deps, fresh, BRIEF_AGE_MS, AbortSignal.timeout(FIRST_WAIT_MS)),
  ]);
}
const BRIEF_AGE_MS = 10_000;
const BRIEF_WAIT_MS = 8_000;
/**
 * The first look brings all that the host has, without which a list would be a wrong one. Connecting and asking have limits
 * of their own, so that this one ends only what nobody expects: five hundred hosts on a busy machine take minutes.
 */
const FIRST_WAIT_MS = 600_000;
