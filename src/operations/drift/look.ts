import type { ObserveDeps } from '../observe.ts';

/** What a sweep doesn't ask, and drift is found by: which domains start with their host. Hosts that don't answer are left out. */
export async function lookForDrift(deps: ObserveDeps, signal?: AbortSignal): Promise<void> {
  const { rows, fleet, driver, clock, settings } = deps;
  const answering = settings.hosts.filter(({ name }) => rows.hosts.find(name)?.trouble === null);
  await Promise.all(
    answering.map(async ({ name }) => {
      const at = clock.now();
      const asked = await fleet.run(
        name,
        driver.domains.autostarting(),
        signal && { signal: AbortSignal.any([signal]) },
      );
      if (asked.outcome === 'done') rows.drift.sawAutostarting(name, asked.value, at);
    }),
  );
}
