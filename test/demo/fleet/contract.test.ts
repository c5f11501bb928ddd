/** The driver's contract on simulated hosts, in process and over ssh: the same tests that real hosts of the lab must pass. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../../demo/fleet/clock.ts';
import { simulatedFleet } from '../../../demo/fleet/exec.ts';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { makeKeyPair } from '../../../demo/fleet/keys.ts';
import { serveHost } from '../../../demo/fleet/server.ts';
import { DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { openFleet } from '../../../src/infra/ssh/fleet.ts';
import { hostContract } from '../../contract/host-contract.ts';
import type { ContractWorld } from '../../contract/world.ts';
import { breakHost } from './sim-trouble.ts';

// A guest boots long enough to be asked twice meanwhile, on a busy machine too.
const makeHost = () => makeSimHost({ name: 'kvm-1', guest: { leaseMs: 5, agentMs: 500, shutdownMs: 20 } });
const common = {
  driver: makeDriver(),
  host: 'kvm-1',
  vg: 'cloudvg',
  pool: 'thinpool',
  image: '/var/lib/hostler/images/tiny.qcow2',
  directory: '/var/lib/hostler',
  osinfo: 'linux2022',
  network: 'default',
  pause: 2,
};

/** Nothing that the driver asks may be unknown to the simulator. */
function allKnown(host: SimHost): void {
  if (host.unknown().length > 0) throw new Error(`unknown to the simulator: ${host.unknown().join('; ')}`);
}

hostContract('simulated host, in process', async () => {
  const host = makeHost();
  const trouble: ContractWorld['trouble'] = (kind, prefix) => breakHost(host, kind, prefix);
  return { ...common, fleet: simulatedFleet([host]), trouble, close: async () => allKnown(host) };
});

hostContract('simulated host, over ssh', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hostler-sim-'));
  const key = makeKeyPair('bot');
  await writeFile(join(dir, 'id'), key.privateKey, { mode: 0o600 });
  const host = makeHost();
  const server = await serveHost(host, { authorizedKeys: [key.publicKey] });
  const end = { address: server.address, port: server.port, user: 'hostler', hostKeys: [server.hostKey()] };
  const fleet = openFleet([{ ...end, name: 'kvm-1', identityFiles: [join(dir, 'id')], limits: DEFAULT_LIMITS }], {
    clock: realClock,
  });
  return {
    ...common,
    fleet,
    trouble: (kind, prefix) => breakHost(host, kind, prefix),
    close: async () => {
      await fleet.close();
      await server.close();
      await rm(dir, { recursive: true });
      allKnown(host);
    },
  };
});
