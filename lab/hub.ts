// Keeps the hub, a small process apart, running with the right members.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from './command.ts';
import { scriptsFolder } from './paths.ts';
import { end, isOurs } from './process.ts';
import { waitFor } from './wait.ts';

const HubRecord = z.object({ pid: z.int(), port: z.int(), members: z.array(z.int()) });
type HubRecord = z.infer<typeof HubRecord>;

/** The running hub, if there is one. */
function runningHub(record: string): HubRecord | undefined {
  if (!existsSync(record)) return undefined;
  try {
    const hub = HubRecord.parse(JSON.parse(readFileSync(record, 'utf8')));
    return isOurs(hub.pid, record) ? hub : undefined;
  } catch {
    return undefined; // half-written by a killed one: as good as none
  }
}

/**
 * Makes sure that a hub runs for just these members (UDP ports), and gives its port. It holds nothing, so for other
 * members it is simply replaced, on the same port, which running hosts know.
 */
export async function ensureHub(record: string, members: readonly number[], knownPort?: number): Promise<number> {
  const old = runningHub(record);
  const wanted = [...members].sort((a, b) => a - b);
  if (old && old.members.join() === wanted.join()) return old.port;
  if (old) await end(old.pid, record);
  rmSync(record, { force: true });
  const port = old?.port ?? knownPort ?? 0;
  const program = join(scriptsFolder(), '..', 'dist', 'lab', 'hub-main.js');
  const child = spawn(process.execPath, [program, record, String(port), ...wanted.map(String)], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  child.unref();
  return waitFor('the hub to start', 10_000, () => {
    if (child.exitCode !== null) throw new LabError(`the hub could not start on UDP port ${port}`);
    return runningHub(record)?.port;
  });
}

/** Ends the hub, if it runs. */
export async function stopHub(record: string): Promise<void> {
  const hub = runningHub(record);
  if (hub) await end(hub.pid, record);
  rmSync(record, { force: true });
}
