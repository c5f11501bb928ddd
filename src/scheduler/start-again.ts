import { fullName } from '../domain/vm.ts';
import type { WantedStart } from '../operations/watch/restart.ts';
import { carryOut } from './carry-out.ts';
import type { JobDeps } from './job.ts';

/** Starts VMs as their policies want it: the operation that people type, with its card in the team's channel. */
export async function startAgain(starts: readonly WantedStart[], deps: JobDeps): Promise<void> {
  const { service, settings, clock, log } = deps;
  await Promise.all(
    starts.map(async ({ vm, reason, forget }) => {
      const name = fullName(vm);
      const error = await carryOut(service, {
        name: 'vm.start',
        input: { vm: name },
        why: ['the restart policy', reason],
        dedupe: `restart:${vm.id}:${clock.now()}`,
        channel: settings().teams.find((team) => team.name === vm.team)?.channel ?? null,
      });
      if (error === null) return;
      // The next sweep looks again: it counts when it is tried.
      forget();
      log.warn('a VM could not be started again', { vm: name, error });
    }),
  );
}
