/** All that a sweep wants to know of a host, in one round trip. */
import type { Command } from '../domain/command.ts';
import { asBotError } from '../domain/error.ts';
import type { Observation } from '../domain/inventory.ts';
import type { HostCall, Ran } from '../operations/ports.ts';
import { answerTo, lastWords, refused } from './answer.ts';
import { type DomainStats, domainSeen, parseDomstats, parseUuidNames, parseVersion } from './libvirt/parse.ts';
import type { Virsh } from './libvirt/virsh.ts';
import { lvs, readGroups, readVolumes, vgs } from './lvm/lvs.ts';
import { parseSystem, SYSTEM_FILES } from './system.ts';

/** The parts of an observation, in the order of their commands. */
export const OBSERVED = ['system', 'kvm', 'libvirt', 'list', 'domstats', 'groups', 'volumes'] as const;
export type Part = (typeof OBSERVED)[number];

/** What a sweep asks more of the same commands. */
export interface More {
  readonly system: Command;
  readonly domstats: readonly string[];
  readonly volumes: Command;
}

/** Every command goes on after a failure: half an answer is still an answer. */
export function observe(virsh: Virsh, vg: string): HostCall<Observation> {
  const onFailure = 'go-on';
  return {
    title: 'Look at the host',
    commands: observeCommands(virsh, vg, {
      system: { argv: ['cat', ...SYSTEM_FILES], limit: 'quick', onFailure },
      domstats: [],
      volumes: lvs(vg, { onFailure }),
    }),
    parse: (ran) => readObservation((part) => answerTo(ran, OBSERVED.indexOf(part))).observation,
  };
}

export function observeCommands(virsh: Virsh, vg: string, more: More): readonly Command[] {
  const onFailure = 'go-on';
  return [
    more.system,
    // That it is there tells that KVM is loaded; who may open it is QEMU's user, not ours.
    { argv: ['test', '-c', '/dev/kvm'], limit: 'quick', onFailure },
    virsh(['version'], { onFailure }),
    virsh(['list', '--all', '--uuid', '--name'], { onFailure }),
    virsh(['domstats', '--raw', '--nowait', '--state', '--cpu-total', '--balloon', '--vcpu', ...more.domstats], {
      onFailure,
    }),
    vgs(vg, onFailure),
    more.volumes,
  ];
}

/** The observation, and the statistics of each domain by name for whoever wants more of them. */
export function readObservation(answer: (part: Part) => Ran): {
  readonly observation: Observation;
  readonly stats: ReadonlyMap<string, DomainStats> | null;
} {
  const problems: { part: string; message: string }[] = [];
  const attempt = <T>(part: string, read: () => T): T | null => {
    try {
      return read();
    } catch (cause) {
      problems.push({ part, message: asBotError(cause).message });
      return null;
    }
  };
  const system = parseSystem(answer('system').stdout);
  if (answer('system').exit !== 0) problems.push({ part: 'system', message: lastWords(answer('system')) });
  const kvm = answer('kvm').exit === 0;
  if (!kvm) problems.push({ part: 'kvm', message: 'There is no /dev/kvm: the kvm module is not loaded' });
  const version = attempt('libvirt', () => ok(answer('libvirt'), 'Asking libvirt for its version'));
  const found = attempt('domains', () => readDomains(answer('list'), answer('domstats')));
  const observation: Observation = {
    ...system,
    ...(version === null ? { libvirt: null, qemu: null } : parseVersion(version.stdout)),
    kvm,
    domains: found?.domains ?? null,
    groups: attempt('groups', () => readGroups(answer('groups'))),
    volumes: attempt('volumes', () => readVolumes(answer('volumes'))),
    problems,
  };
  return { observation, stats: found?.stats ?? null };
}

/** Throws host_fault for a command that failed. */
function ok(answer: Ran, act: string): Ran {
  if (answer.exit !== 0) throw refused(act, answer);
  return answer;
}

/**
 * The list has the UUIDs, the statistics have the rest; names, unique on a host, join them. One that is listed and without
 * statistics was renamed or undefined in between: it is told as `no state`, not as missing.
 */
function readDomains(list: Ran, domstats: Ran) {
  const stats = new Map(parseDomstats(ok(domstats, 'Reading all domains').stdout).map((one) => [one.name, one]));
  const domains = parseUuidNames(ok(list, 'Listing all domains').stdout).map(({ uuid, name }) =>
    domainSeen(uuid, stats.get(name) ?? { name, fields: {} }),
  );
  return { domains, stats };
}
