/**
 * Hosts for a sweep on this machine: one sshd, an address of the loopback for each host. Files of /proc, `df` and the clock are this
 * machine's; virsh, LVM and systemctl are scripts that print what the simulator answered beforehand.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSimHost, type SimHost } from '../demo/fleet/host.ts';
import { makeMoulds, populatedHost } from '../demo/fleet/populate.ts';
import { planFleet } from '../demo/fleet/vm-plan.ts';
import { shellWords } from '../src/domain/command.ts';
import type { HostCall } from '../src/operations/ports.ts';
import { type Sshd, startSshd } from '../test/kit/sshd.ts';
import type { PeerHost } from './peers.ts';

export const TEAMS = 10;
/** Guests that a sweep asks one by one. */
export const PROBES = 4;

export interface SweptHosts {
  readonly sshd: Sshd;
  readonly hosts: readonly PeerHost[];
  /** Where their answers come from; whoever has no more use for them empties it. */
  readonly simulated: SimHost[];
  readonly remove: () => Promise<void>;
}

/** `call` makes what will be asked of a host, for guests with these UUIDs. */
export async function sweptHosts(
  count: number,
  vmsEach: number,
  call: (probe: readonly string[]) => HostCall<unknown>,
): Promise<SweptHosts> {
  const dir = mkdtempSync(join(tmpdir(), 'hostler-sweep-'));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  for (const [name, text] of Object.entries(STUBS)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text.replaceAll('DIR', dir)}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const now = Date.now();
  const moulds = makeMoulds(now);
  const simulated = planFleet('sweep', count, count * vmsEach, TEAMS).map((plan) =>
    makeSimHost({ name: plan.name, model: populatedHost(plan, moulds, now) }),
  );
  const hosts = simulated.map((host, index) => {
    const address = `127.0.1.${index + 1}`;
    writeAnswers(join(dir, address), host, call);
    return { name: host.name, address };
  });
  const sshd = await startSshd({
    // sshd takes sixteen addresses at most, or all of them. Only the key made for this run is let in.
    listen: ['0.0.0.0'],
    config: ['LogLevel ERROR', 'ClientAliveInterval 0'],
    env: { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` },
  });
  return {
    sshd,
    hosts,
    simulated,
    remove: async () => {
      await sshd.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Which host it is, a script knows by the address that it was reached at. */
const PLACE = `a=\${SSH_CONNECTION% *}; a=DIR/\${a##* }`;
const STUBS: Readonly<Record<string, string>> = {
  // Behind it stands what is to run: `sudo -n timeout …`.
  sudo: 'shift; exec "$@"',
  // What it says on stderr costs no process.
  virsh: `${PLACE}; . "$a/virsh.err"; exec cat "$a/virsh"`,
  vgs: `${PLACE}; exec cat "$a/vgs"`,
  systemctl: `${PLACE}; exec cat "$a/systemctl"`,
};

function writeAnswers(folder: string, host: SimHost, call: (probe: readonly string[]) => HostCall<unknown>): void {
  mkdirSync(folder);
  const probe = host.model.domains.filter(({ live }) => live !== null).map(({ uuid }) => uuid);
  for (const { argv } of call(probe.slice(0, PROBES)).commands) {
    const [tool] = argv;
    if (!Object.hasOwn(STUBS, tool)) continue;
    const { exit, stdout, stderr } = host.sh(argv);
    if (exit !== 0) throw new Error(`the simulated ${argv.join(' ')}: exit ${exit}: ${stderr}`);
    writeFileSync(join(folder, tool), stdout);
    if (tool === 'virsh') writeFileSync(join(folder, 'virsh.err'), `printf %s ${shellWords([stderr])} >&2\n`);
  }
}
