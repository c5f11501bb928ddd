// Wakes one host from the saved state and makes it ready.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageRoot, type Say } from './build.ts';
import { LabError, run } from './command.ts';
import { type HostRecord, saveHost } from './host-record.ts';
import { giveIdentity } from './identity.ts';
import { ensureKey } from './keys.ts';
import { LAB_LIMITS, labSudoers } from './limits.ts';
import { startQemu } from './machine.ts';
import type { LabPaths } from './paths.ts';
import { freeTcpPort, freeUdpPort } from './ports.ts';
import { HOST_SIZE } from './qemu.ts';
import { greets, sshScript } from './ssh.ts';
import { target } from './targets.ts';
import { waitFor } from './wait.ts';

/** What the bot needs to be able to do; a host that can't is not ready. */
const READY_CHECK = [
  'virsh -c qemu:///system version >/dev/null',
  `sudo -n timeout -k 5 ${LAB_LIMITS.quick} vgs --reportformat json --units b --nosuffix -o vg_name cloudvg >/dev/null`,
].join(' && ');

/** A record for a host that is to be started: ports, a host key and an id of its own. */
export async function newRecord(
  paths: LabPaths,
  name: string,
  poolBytes: number,
  { image, state }: { readonly image: string; readonly state: string },
): Promise<HostRecord> {
  mkdirSync(join(paths.hosts, name), { recursive: true });
  const hostKey = await ensureKey(join(paths.hosts, name, 'host_key'), name);
  const [sshPort, segmentPort] = [await freeTcpPort(), await freeUdpPort()];
  const number = Number(name.slice('kvm-'.length));
  const sudoers = labSudoers();
  const ids = { name, number, uuid: randomUUID(), hostKey, sudoers, poolBytes };
  return { ...ids, sshPort, segmentPort, hubPort: 0, image, state, ready: false };
}

/** Starts a host and waits until user hostler can work there; its record then says `ready`. Rejects with a LabError. */
export async function startHost(paths: LabPaths, planned: HostRecord, botKey: string, say: Say): Promise<void> {
  const folder = join(paths.hosts, planned.name);
  const create = ['create', '-q', '-f', 'qcow2'];
  const base = ['-F', 'qcow2', '-b', join(planned.state, 'root.qcow2')];
  await run('qemu-img', [...create, ...base, join(folder, 'root.qcow2')]);
  await run('qemu-img', [...create, join(folder, 'data.qcow2'), HOST_SIZE.dataDisk]);
  const host = await wake(paths, planned);
  await waitFor(`${host.name} to answer`, 120_000, async () => (await greets(host.sshPort)) || undefined);
  say(`${host.name}: awake`);
  await giveIdentity(imageRoot(host.image, host.sshPort), {
    name: host.name,
    number: host.number,
    uuid: host.uuid,
    poolBytes: host.poolBytes,
    hostKey: readFileSync(join(folder, 'host_key'), 'utf8'),
    hostKeyPublic: host.hostKey,
    botKey,
    sudoers: host.sudoers,
  });
  say(`${host.name}: has its identity`);
  const check = await sshScript(target(paths, host, 'hostler'), READY_CHECK, 120_000);
  if (check.code !== 0) throw new LabError(`${host.name}: user hostler can't work there: ${check.stderr.trim()}`);
  saveHost(paths.hosts, { ...host, ready: true });
  say(`${host.name}: ready`);
}

/** Starts QEMU, with another ssh port when somebody took the first one meanwhile. Gives the record that holds. */
async function wake(paths: LabPaths, host: HostRecord, tries = 3): Promise<HostRecord> {
  saveHost(paths.hosts, host);
  try {
    await startQemu({
      name: host.name,
      number: host.number,
      folder: join(paths.hosts, host.name),
      image: host.image,
      sshPort: host.sshPort,
      segment: { localPort: host.segmentPort, hubPort: host.hubPort },
      state: join(host.state, 'state'),
    });
    return host;
  } catch (error) {
    const portTaken = error instanceof LabError && error.message.includes('host forwarding rule');
    if (!portTaken || tries <= 1) throw error;
    return wake(paths, { ...host, sshPort: await freeTcpPort() }, tries - 1);
  }
}
