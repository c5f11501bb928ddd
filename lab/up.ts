// `lab up`: hosts that are ready are kept, all others are begun from the saved state.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureImage, ensureState, type Say } from './build.ts';
import { prune } from './cache.ts';
import { LabError } from './command.ts';
import { type HostRecord, hostMark, hostPid, listHosts, saveHost } from './host-record.ts';
import { ensureHub } from './hub.ts';
import { grant } from './identity.ts';
import { ensureKey } from './keys.ts';
import { labSudoers } from './limits.ts';
import { quitQemu } from './machine.ts';
import { type LabPaths, scriptsFolder } from './paths.ts';
import { DEFAULT_POOL_BYTES, hasOtherPool } from './pool.ts';
import { shareBackups } from './share.ts';
import { greets } from './ssh.ts';
import { newRecord, startHost } from './start.ts';
import { sweep } from './sweep.ts';
import { botKeyFile, target } from './targets.ts';
import { ensureTools, RUN_TOOLS } from './tools.ts';
import { waitFor } from './wait.ts';

/** `poolBytes`: the thin pool of hosts that are begun; undefined for the usual one. */
type Wanted = { readonly count: number; readonly poolBytes?: number | undefined };

/** Brings up kvm-1 … kvm-<count>; hosts beyond that are left as they are. Call it under the lab's lock. */
export async function up(paths: LabPaths, { count, poolBytes }: Wanted, say: Say): Promise<void> {
  const wanted = Array.from({ length: count }, (_, at) => `kvm-${at + 1}`);
  const kept = await running(paths, say);
  const other = kept.find((host) => wanted.includes(host.name) && host.poolBytes !== (poolBytes ?? host.poolBytes));
  if (other !== undefined) throw new LabError(hasOtherPool(other));
  const missing = wanted.filter((name) => !kept.some((host) => host.name === name));
  await ensureTools(RUN_TOOLS, say);
  await sweep(paths);
  const scripts = scriptsFolder();
  let fresh: HostRecord[] = [];
  if (missing.length > 0) {
    const image = await ensureImage(paths.cache, scripts, say);
    const state = await ensureState(paths.cache, scripts, image, say);
    for (const name of missing) {
      const folder = join(paths.hosts, name);
      await quitQemu(folder, hostMark(paths.hosts, name)); // one that runs without ever having got ready
      rmSync(folder, { recursive: true, force: true });
    }
    fresh = await Promise.all(
      missing.map((name) => newRecord(paths, name, poolBytes ?? DEFAULT_POOL_BYTES, { image, state })),
    );
  }
  const members = [...kept, ...fresh].map((host) => host.segmentPort);
  const hubPort = await ensureHub(paths.hub, members, kept[0]?.hubPort);
  const botKey = await ensureKey(botKeyFile(paths), 'hostler');
  const results = await Promise.allSettled(fresh.map((host) => startHost(paths, { ...host, hubPort }, botKey, say)));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (errors.length > 0) {
    const words = errors.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new LabError(`not all hosts came up; \`up\` again tries the others anew\n${words.join('\n')}`);
  }
  for (const host of kept.filter((one) => one.sudoers !== labSudoers())) {
    await grant(target(paths, host, 'root'), labSudoers());
    saveHost(paths.hosts, { ...host, sudoers: labSudoers() });
    say(`${host.name}: sudoers written anew`);
  }
  await shareBackups(paths, [...kept, ...fresh]);
  const inUse = listHosts(paths.hosts).flatMap((host) => [host.image, host.state]);
  if (missing.length > 0) for (const kind of ['image', 'state']) await prune(paths.cache, kind, 2, inUse);
}

/** The hosts that are ready and answer. One that panicked reboots by itself, so a silent one gets some time to come back. */
async function running(paths: LabPaths, say: Say): Promise<HostRecord[]> {
  const alive = listHosts(paths.hosts).filter((host) => host.ready && hostPid(paths.hosts, host.name) !== undefined);
  const answering = await Promise.all(
    alive.map(async (host) => {
      if (await greets(host.sshPort)) return host;
      say(`${host.name}: silent; waiting for it`);
      const back = async () => (await greets(host.sshPort)) || undefined;
      return waitFor(host.name, 120_000, back, 500).then(
        () => host,
        () => undefined,
      );
    }),
  );
  return answering.filter((host) => host !== undefined);
}
