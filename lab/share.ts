// The hosts' directory for backups, as one share: the first host exports its own over NFS, the others mount it.
import { LabError } from './command.ts';
import type { HostRecord } from './host-record.ts';
import { segmentAddress } from './identity.ts';
import type { LabPaths } from './paths.ts';
import { sshScript } from './ssh.ts';
import { target } from './targets.ts';

const DIRECTORY = '/srv/backup';

/** May run again: it brings about that it is so. */
export const exportScript = (network: string): string => `set -euo pipefail
install -d /etc/exports.d
echo '${DIRECTORY} ${network}(rw,sync,no_subtree_check,no_root_squash)' >/etc/exports.d/backup.exports
exportfs -ra
`;

/** A mount whose server came up anew meanwhile is stale, and is made anew. `soft`: a server that is gone hangs nobody for ever. */
export const mountScript = (server: string): string => `set -euo pipefail
if mountpoint -q ${DIRECTORY} && ! timeout 20 stat -t ${DIRECTORY}/hostler >/dev/null 2>&1; then umount -fl ${DIRECTORY}; fi
mountpoint -q ${DIRECTORY} || timeout 60 mount -t nfs4 -o soft,timeo=100,retrans=3 ${server}:${DIRECTORY} ${DIRECTORY}
`;

/** The first host gives, the others take. A host alone has its own, as if it were a share. */
export async function shareBackups(paths: LabPaths, hosts: readonly HostRecord[]): Promise<void> {
  const first = hosts.find(({ number }) => number === 1);
  const others = hosts.filter(({ number }) => number !== 1);
  if (first === undefined || others.length === 0) return;
  await asRoot(paths, first, exportScript('10.10.0.0/24'));
  const [server = ''] = segmentAddress(first.number).split('/');
  await Promise.all(others.map((host) => asRoot(paths, host, mountScript(server))));
}

async function asRoot(paths: LabPaths, host: HostRecord, script: string): Promise<void> {
  const { code, stderr } = await sshScript(target(paths, host, 'root'), script, 120_000);
  if (code !== 0) throw new LabError(`${host.name}: the share for backups is not there: ${stderr.trim().slice(-500)}`);
}
