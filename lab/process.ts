// Processes that outlive us, known by pid and by what their command line holds: a pid alone may be somebody else's by now.
import { readFileSync } from 'node:fs';
import { waitFor } from './wait.ts';

/** Whether the process lives (a zombie doesn't) and its command line holds `mark`, which must be specific to it. */
export function isOurs(pid: number, mark: string): boolean {
  try {
    // A zombie has an empty command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').includes(mark);
  } catch {
    return false;
  }
}

/** The pid in a file that QEMU wrote, if it is a pid. */
export function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Resident memory in bytes; undefined when the process is gone. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

function signal(pid: number, mark: string, name: NodeJS.Signals): void {
  if (!isOurs(pid, mark)) return;
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Ends one process of ours: SIGTERM, and SIGKILL after `graceMs`. Does nothing to a pid that isn't ours any more. */
export async function end(pid: number, mark: string, graceMs = 5000): Promise<void> {
  const gone = () => (isOurs(pid, mark) ? undefined : true);
  signal(pid, mark, 'SIGTERM');
  try {
    await waitFor(`process ${pid} to end`, graceMs, gone, 50);
  } catch {
    signal(pid, mark, 'SIGKILL');
    await waitFor(`process ${pid} to end`, 5000, gone, 50);
  }
}
