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
  const now = clock.now();
  return rows.transaction(() => {
    const resting = new Set(
      rows.silences.active(now).flatMap(({ maintenance, scope, of }) => (maintenance && scope === 'host' ? [of] : [])),
    );
    const booted = new Map(
      rows.hosts
        .list()
        .flatMap(({ name, trouble, observation, seenAt }) =>
          trouble === null && observation?.domains != null && seenAt !== null && now - seenAt < FRESH_MS
            ? [[name, seenAt - observation.uptimeSeconds * 1000] as const]
            : [],
        ),
    );
    return rows.vms.list(null).flatMap((vm): WantedStart[] => {
      const bootedAt = booted.get(vm.host);
      if (vm.life !== 'live' || bootedAt === undefined || resting.has(vm.host)) return [];
      const memory = rows.watch.of(vm.id);
      const verdict = restartVerdict(memory, vm.seen, bootedAt, now);
      // An operation at work on it knows what it does.
      if (verdict.do === 'nothing' || rows.locks.holder(vmLock(vm)) !== null) return [];
      if (verdict.do === 'give-up') {
        giveUp(vm, verdict, memory.restartLimit ?? 0, rows, now);
        return [];
      }
      rows.watch.update(vm.id, withRestart(memory, verdict.nth, bootedAt, now));
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
