import { powerOf } from '../../domain/health.ts';
import { type RestartVerdict, restartVerdict, withRestart } from '../../domain/restart.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { Clock } from '../ports.ts';
import type { Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';

/** What was seen longer ago says nothing of now. */
const FRESH_MS = 150_000;

/** A start that a VM's policy wants. */
export interface WantedStart {
  readonly vm: Vm;
  /** For people: what happened, by which word, and how often lately. */
  readonly reason: string;
  /** Takes it off the record again, where it came to nothing. */
  readonly forget: () => void;
}

/**
 * After the sweeps: which VMs are to be started again. Each is on record before it is asked for, so that a bot that dies in between
 * starts nothing more often than its limit. Those whose limit is reached are given up, with their audit; the alert comes from that.
 */
export function wantedStarts(rows: Rows, clock: Clock): readonly WantedStart[] {
  if (rows.watch.restarting().length === 0) return [];
  const now = clock.now();
  return rows.transaction(() => {
    const resting = new Set(
      rows.silences.active(now).flatMap(({ maintenance, scope, of }) => (maintenance && scope === 'host' ? [of] : [])),
    );
    const booted = new Map<string, number | null>();
    const bootOf = (host: string): number | null => {
      const known = booted.get(host) ?? bootedAt(rows, host, now);
      booted.set(host, known);
      return known;
    };
    return rows.watch.restarting().flatMap((id): WantedStart[] => {
      const vm = rows.vms.byId(id);
      if (vm?.life !== 'live' || powerOf(vm.seen) !== 'off' || resting.has(vm.host)) return [];
      const boot = bootOf(vm.host);
      if (boot === null) return [];
      const memory = rows.watch.of(vm.id);
      const verdict = restartVerdict(memory, vm.seen, boot, now);
      // An operation at work on it knows what it does.
      if (verdict.do === 'nothing' || rows.locks.holder(vmLock(vm)) !== null) return [];
      if (verdict.do === 'give-up') {
        giveUp(vm, verdict, memory.restartLimit ?? 0, rows, now);
        return [];
      }
      rows.watch.update(vm.id, withRestart(memory, verdict.nth, boot, now));
      const { restarts, startedForBoot } = memory;
      const word = `restart policy ${memory.restartPolicy}`;
      return [
        {
          vm,
          reason:
            verdict.nth === null
              ? `${verdict.why} (${word})`
              : `${verdict.why} (${word}, ${verdict.nth} of ${memory.restartLimit} this hour)`,
          forget: () => rows.watch.update(vm.id, { restarts, startedForBoot }),
        },
      ];
    });
  });
}

/** Since when the host is up; null where it does not say so now, and nothing is known of its VMs. */
function bootedAt(rows: Rows, host: string, now: number): number | null {
  const row = rows.hosts.find(host);
  if (row === null || row.trouble !== null || row.seenAt === null || now - row.seenAt > FRESH_MS) return null;
  return row.observation?.domains == null ? null : row.seenAt - row.observation.uptimeSeconds * 1000;
}

function giveUp(
  vm: Vm,
  { why }: Extract<RestartVerdict, { readonly do: 'give-up' }>,
  limit: number,
  rows: Rows,
  now: number,
): void {
  rows.watch.update(vm.id, { gaveUpAt: now });
  rows.audit.append(
    {
      kind: 'vm.restarts_spent',
      operationId: null,
      actor: { person: 'hostler', slack: null, role: null, via: 'schedule' },
      team: vm.team,
      subject: `vm:${fullName(vm)}`,
      host: vm.host,
      outcome: 'given up',
      data: { id: vm.id, limit, why },
    },
    now,
  );
}
