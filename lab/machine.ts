// Starts and ends one QEMU.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, run } from './command.ts';
import { end, isOurs, readPid } from './process.ts';
import { type HostMachine, qemuArgs } from './qemu.ts';
import { withQmp } from './qmp.ts';
import { waitFor } from './wait.ts';

/** Starts QEMU as a daemon, and lets it run on once a saved state is in. Gives the mark on its command line. */
export async function startQemu(machine: HostMachine): Promise<string> {
  const monitor = join(machine.folder, 'qmp');
  if (Buffer.byteLength(monitor) > 107) {
    throw new LabError(`${monitor} is too long for a Unix socket (107 bytes): set HOSTLER_LAB_DIR to a shorter path`);
  }
  await run('qemu-system-x86_64', qemuArgs(machine), { timeoutMs: 60_000 });
  if (machine.state !== undefined) {
    await withQmp(monitor, async (execute) => {
      // `cont` before the state is all in would be forgotten: the saved run state is paused.
      await waitFor(`${machine.name} to wake`, 120_000, async () => {
        const status = String(Object(await execute('query-migrate')).status);
        if (status === 'failed') throw new LabError(`${machine.name}: QEMU could not read the saved state`);
        return status === 'completed' || undefined;
      });
      await execute('cont');
    });
  }
  return join(machine.folder, 'pid');
}

/** Ends the QEMU of a folder: by its monitor, else by signal. Nothing happens when it is gone. */
export async function quitQemu(folder: string, mark: string): Promise<void> {
  const pid = readPid(join(folder, 'pid'));
  if (pid === undefined || !isOurs(pid, mark)) return;
  if (existsSync(join(folder, 'qmp'))) {
    // QEMU may close the socket before it answers; and where the monitor hangs, the signal below serves.
    const quit = withQmp(join(folder, 'qmp'), (execute) => execute('quit')).catch(() => {});
    await Promise.race([quit, waitFor('quit', 5000, () => (isOurs(pid, mark) ? undefined : true)).catch(() => {})]);
    await waitFor('quit', 2000, () => (isOurs(pid, mark) ? undefined : true), 20).catch(() => {});
  }
  await end(pid, mark);
}
