// `lab status`: what runs, looked at and not remembered.
import { hostPid, listHosts } from './host-record.ts';
import type { LabPaths } from './paths.ts';
import { residentBytes } from './process.ts';
import { greets } from './ssh.ts';

/** One host as `status --json` prints it. `ready`: it has its identity, and sshd greets now. Memory is resident bytes. */
type HostStatus = {
  readonly name: string;
  readonly state: 'ready' | 'starting' | 'silent' | 'dead';
  readonly pid: number | null;
  readonly sshPort: number;
  readonly memoryBytes: number | null;
};

/** Looks at every host that was started. */
export function status(paths: LabPaths): Promise<HostStatus[]> {
  return Promise.all(
    listHosts(paths.hosts).map(async (host) => {
      const pid = hostPid(paths.hosts, host.name) ?? null;
      const state =
        pid === null ? 'dead' : !host.ready ? 'starting' : (await greets(host.sshPort)) ? 'ready' : 'silent';
      const memoryBytes = pid === null ? null : (residentBytes(pid) ?? null);
      return { name: host.name, state, pid, sshPort: host.sshPort, memoryBytes } as const;
    }),
  );
}

/** The hosts as a table for people. */
export function statusTable(hosts: readonly HostStatus[]): string {
  if (hosts.length === 0) return 'no host runs; start some with: npm run lab -- up';
  const rows = hosts.map((host) => [
    host.name,
    host.state,
    `127.0.0.1:${host.sshPort}`,
    host.pid === null ? '-' : String(host.pid),
    host.memoryBytes === null ? '-' : `${Math.round(host.memoryBytes / 2 ** 20)} MiB`,
  ]);
  const all = [['HOST', 'STATE', 'SSH', 'PID', 'MEMORY'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
