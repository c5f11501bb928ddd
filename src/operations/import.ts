/** VMs that hosts have and that this database doesn't know: after a restore from nothing, on a fleet that was there before. */

import type { Observation } from '../domain/inventory.ts';
import { fullName, type Vm } from '../domain/vm.ts';
import { type Found, verdictOn } from './importable.ts';
import type { ObserveDeps } from './observe.ts';

/** Definitions asked for in one call, and with one sweep: so many that a host is whole at once, so few that a foreign one costs little. */
const A_CALL = 50;
const A_SWEEP = 500;
/** What was drift is looked at again after so long: its team may stand in the config by now, its name be free. */
const AGAIN_MS = 3_600_000;

/** Asks for domains that nobody knows. Those that are ours become rows, each with its audit; the others are remembered as drift. */
export async function importUnknown(
  deps: ObserveDeps,
  host: string,
  observation: Observation,
  signal?: AbortSignal,
): Promise<void> {
  const unknown = unknownDomains(deps, host, observation).slice(0, A_SWEEP);
  const portions = Array.from({ length: Math.ceil(unknown.length / A_CALL) }, (_, n) =>
    unknown.slice(n * A_CALL, (n + 1) * A_CALL),
  );
  for (let uuids = portions.shift(); uuids !== undefined; uuids = portions.shift()) {
    if (signal?.aborted) return;
    const call = deps.driver.domains.definitions(uuids);
    const result = await deps.fleet.run(host, call, signal === undefined ? {} : { signal });
    const now = deps.clock.now();
    if (result.outcome === 'failed' && result.error.code === 'host_fault') {
      // More than a call may answer, or one among them that nothing can read: the others must not wait for it.
      const [uuid] = uuids;
      const half = Math.ceil(uuids.length / 2);
      if (uuids.length > 1) portions.unshift(uuids.slice(0, half), uuids.slice(half));
      else if (uuid !== undefined) {
        const reason = `its definition can’t be read: ${result.error.message}`;
        deps.rows.transaction(() => deps.rows.drift.save({ host, uuid, domainName: '', reason, lookedAt: now }));
      }
      continue;
    }
    // The next sweep asks again.
    if (result.outcome !== 'done') return;
    deps.rows.transaction(() => {
      const neighbours = [...deps.rows.vms.onHost(host)];
      for (const definition of result.value) {
        // Gone meanwhile; or another sweep was faster.
        if (definition === null || deps.rows.vms.byUuid(definition.uuid) !== null) continue;
        const vm = take({ definition, host, neighbours, observation, at: now }, deps);
        if (vm !== null) neighbours.push(vm);
      }
    });
  }
}

function take(found: Found, { rows, settings }: ObserveDeps): Vm | null {
  const { definition, host, at } = found;
  const verdict = verdictOn(found, rows, settings);
  if (verdict.kind === 'drift') {
    const domainName = definition.kind === 'read' ? definition.domainName : '';
    rows.drift.save({ host, uuid: definition.uuid, domainName, reason: verdict.reason, lookedAt: at });
    return null;
  }
  const { vm, op } = verdict;
  rows.vms.insert(vm);
  rows.drift.forget(host, vm.uuid);
  rows.audit.append(
    {
      kind: 'vm.imported',
      operationId: null,
      actor: { person: 'hostler', slack: null, role: null, via: 'schedule' },
      team: vm.team,
      subject: `vm:${fullName(vm)}`,
      host,
      outcome: 'done',
      data: { id: vm.id, uuid: vm.uuid, domain: vm.domainName, madeBy: op },
    },
    at,
  );
  return vm;
}

/** UUIDs of the host's domains that are no VM's and weren't looked at lately. Forgets drift that is gone. */
function unknownDomains({ rows, clock }: ObserveDeps, host: string, observation: Observation): string[] {
  const domains = observation.domains ?? [];
  const known = new Set(rows.watch.uuidsOn(host));
  const there = new Set(domains.map(({ uuid }) => uuid));
  const drift = rows.drift.onHost(host);
  const gone = drift.filter(({ uuid }) => !there.has(uuid));
  if (gone.length > 0) rows.transaction(() => gone.forEach(({ uuid }) => void rows.drift.forget(host, uuid)));
  const lately = drift.filter(({ lookedAt }) => clock.now() - lookedAt < AGAIN_MS);
  for (const { uuid } of lately) known.add(uuid);
  return [...there].filter((uuid) => !known.has(uuid) && rows.vms.byUuid(uuid) === null);
}
