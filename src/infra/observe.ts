/** All that a look at a host wants to know, in one round trip: the kernel's files, one virsh, one `vgs`. */
import type { Command } from '../domain/command.ts';
import { asBotError } from '../domain/error.ts';
import type { Observation } from '../domain/inventory.ts';
import type { HostCall, Ran } from '../operations/ports.ts';
import { answerTo, lastWords, refused } from './answer.ts';
import { chained, links } from './libvirt/chain.ts';
import { type DomainStats, domainSeen, noStats, readDomstats } from './libvirt/domstats.ts';
import { parseUuidNames, parseVersion } from './libvirt/parse.ts';
import type { Virsh } from './libvirt/virsh.ts';
import { readWholeGroup, type WholeGroup, wholeGroup } from './lvm/lvs.ts';
import { parseSystem, SYSTEM_FILES } from './system.ts';

/** The parts of an observation, in the order of their commands. */
export const OBSERVED = ['system', 'libvirt', 'lvm'] as const;
export type Part = (typeof OBSERVED)[number];

/** What virsh is asked first: version, list, statistics. */
const ASKED = 3;

/** What a sweep asks more of the same commands. */
export interface More {
  readonly system: Command;
  readonly domstats: readonly string[];
  /** virsh's words, command by command, for behind the rest. */
  readonly virsh: readonly (readonly string[])[];
}

/** Every command goes on after a failure: half an answer is still an answer. */
export function observe(virsh: Virsh, vg: string): HostCall<Observation> {
  return {
    title: 'Look at the host',
    commands: observeCommands(virsh, vg, {
      system: { argv: ['cat', ...SYSTEM_FILES], limit: 'quick', onFailure: 'go-on' },
      domstats: [],
      virsh: [],
    }),
    parse: (ran) => readObservation((part) => answerTo(ran, OBSERVED.indexOf(part)), 0).observation,
  };
}

export function observeCommands(virsh: Virsh, vg: string, more: More): readonly Command[] {
  const domstats = ['domstats', '--raw', '--nowait', '--state', '--cpu-total', '--balloon', '--vcpu', ...more.domstats];
  const asked = [['version'], ['list', '--all', '--uuid', '--name'], domstats, ...more.virsh];
  return [more.system, virsh([chained(asked)], { onFailure: 'go-on' }), wholeGroup(vg)];
}

/** An observation, and what came with it for whoever wants more. */
export interface Read {
  readonly observation: Observation;
  /** The statistics of each domain by name. */
  readonly stats: ReadonlyMap<string, DomainStats> | null;
  readonly lvm: WholeGroup | null;
  /** The answers to what virsh was asked more. */
  readonly virsh: readonly Ran[];
}

/** `more`: how many commands virsh was given behind its own. */
export function readObservation(answer: (part: Part) => Ran, more: number): Read {
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
  if (system.kvm === false) problems.push({ part: 'kvm', message: 'The kernel has no kvm: its module is not loaded' });
  const said = links(answer('libvirt'), ASKED + more);
  const version = attempt('libvirt', () => ok(answerTo(said, 0), 'Asking libvirt for its version'));
  const found = attempt('domains', () => readDomains(answerTo(said, 1), answerTo(said, 2)));
  const lvm = attempt('lvm', () => readWholeGroup(answer('lvm')));
  if (lvm?.group === null)
    problems.push({ part: 'lvm', message: 'The volume group has no volume, and so no thin pool' });
  const observation: Observation = {
    ...system,
    ...(version === null ? { libvirt: null, qemu: null } : parseVersion(version.stdout)),
    domains: found?.domains ?? null,
    groups: lvm === null || lvm.group === null ? null : [lvm.group],
    volumes: lvm?.volumes ?? null,
    problems,
  };
  return { observation, stats: found?.stats ?? null, lvm, virsh: said.slice(ASKED) };
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
  const stats = readDomstats(ok(domstats, 'Reading all domains').stdout);
  const domains = parseUuidNames(ok(list, 'Listing all domains').stdout).map(({ uuid, name }) =>
    domainSeen(uuid, stats.get(name) ?? noStats(name)),
  );
  return { domains, stats };
}
