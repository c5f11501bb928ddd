/** A domain's size: read from its statistics and its definition, and changed. */
import type { Sizing } from '../../domain/sizing.ts';
import type { DomainVerbs } from '../../operations/driver.ts';
import type { Ran } from '../../operations/ports.ts';
import type { SizeSeen } from '../../operations/size-verbs.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { parseDomain } from './domain-xml.ts';
import { parseDomstats } from './parse.ts';
import { stateOf } from './states.ts';
import { isNoDomain, type Virsh } from './virsh.ts';
import { child, type Element, elements, textOf } from './xml.ts';

const KIB = 1024;
const ACT = 'Reading the size of the domain';

/** `--size` is in KiB: virsh's own default, and the unit that libvirt counts in. */
export function sizeVerbs(virsh: Virsh): Pick<DomainVerbs, 'sizeOf' | 'resize' | 'balloon' | 'plugVcpus'> {
  const change = (verb: 'setmem' | 'setmaxmem', uuid: string, bytes: number, where: readonly string[]) =>
    virsh([verb, '--domain', uuid, '--size', String(Math.ceil(bytes / KIB)), ...where], { limit: 'normal' });
  const count = (uuid: string, vcpus: number, where: readonly string[]) =>
    virsh(['setvcpus', '--domain', uuid, '--count', String(vcpus), ...where], { limit: 'normal' });
  return {
    sizeOf: (uuid) => ({
      title: `Read the size of domain ${uuid}`,
      commands: [
        virsh(['domstats', '--nowait', '--state', '--balloon', '--vcpu', '--domain', uuid], { onFailure: 'go-on' }),
        virsh(['dumpxml', '--domain', uuid, '--inactive'], { onFailure: 'go-on' }),
      ],
      parse: readSize,
    }),
    // The maxima first: lowered, they take the present values down with them; raised, they leave them as they are.
    resize: (uuid, size) => ({
      title: `Resize domain ${uuid}`,
      commands: [
        change('setmaxmem', uuid, size.maxMemoryBytes, ['--config']),
        change('setmem', uuid, size.memoryBytes, ['--config']),
        count(uuid, size.maxVcpus, ['--maximum', '--config']),
        count(uuid, size.vcpus, ['--config']),
      ],
      parse: nothing,
    }),
    balloon: (uuid, memoryBytes) => ({
      title: `Set the memory of domain ${uuid}`,
      commands: [change('setmem', uuid, memoryBytes, ['--live', '--config'])],
      parse: nothing,
    }),
    plugVcpus: (uuid, vcpus) => ({
      title: `Set the vCPUs of domain ${uuid}`,
      commands: [
        count(uuid, vcpus, ['--live', '--config']),
        // Many guests leave a new vCPU offline until somebody switches it on: their agent can. One without does it itself, or never.
        virsh(['setvcpus', '--domain', uuid, '--count', String(vcpus), '--guest'], { onFailure: 'go-on' }),
      ],
      parse: nothing,
    }),
  };
}

export function readSize(ran: readonly Ran[]): SizeSeen | null {
  const [statistics, definition] = [answerTo(ran), answerTo(ran, 1)];
  for (const answer of [statistics, definition]) {
    if (isNoDomain(answer)) return null;
    if (answer.exit !== 0) throw refused(ACT, answer);
  }
  const [stats] = parseDomstats(statistics.stdout);
  if (stats === undefined) throw unreadable(ACT, statistics);
  const { fields } = stats;
  const number = (key: string): number => {
    const text = fields[key];
    if (text === undefined || !/^\d+$/.test(text)) throw unreadable(ACT, statistics);
    return Number(text);
  };
  const { state } = stateOf(number('state.state'), number('state.reason'));
  const live = state === 'shut off' || state === 'crashed' ? null : liveSize(number);
  const domain = parseDomain(definition.stdout);
  const vcpu = child(domain, 'vcpu');
  const pins = elements(child(domain, 'cputune') ?? domain, 'vcpupin');
  const cpu = child(domain, 'cpu');
  const cpuset = vcpu?.attributes.cpuset;
  return {
    state,
    live,
    kept: keptSize(domain),
    topology: cpu !== undefined && child(cpu, 'topology') !== undefined,
    numa: cpu !== undefined && child(cpu, 'numa') !== undefined,
    pinned: pins.map((pin) => Number(pin.attributes.vcpu)),
    cpus: cpuset === undefined ? null : parseCpuset(cpuset),
  };
}

function liveSize(number: (key: string) => number): Sizing {
  return {
    vcpus: number('vcpu.current'),
    maxVcpus: number('vcpu.maximum'),
    memoryBytes: number('balloon.current') * KIB,
    maxMemoryBytes: number('balloon.maximum') * KIB,
  };
}

/** What `dumpxml --inactive` prints is in KiB, whatever unit was given once. */
function keptSize(domain: Element): Sizing {
  const vcpu = child(domain, 'vcpu');
  const maxVcpus = Number(textOf(vcpu));
  const maxMemoryBytes = Number(textOf(child(domain, 'memory'))) * KIB;
  const current = child(domain, 'currentMemory');
  return {
    vcpus: Number(vcpu?.attributes.current ?? maxVcpus),
    maxVcpus,
    memoryBytes: current === undefined ? maxMemoryBytes : Number(textOf(current)) * KIB,
    maxMemoryBytes,
  };
}

/** `0-3,^2,8` as libvirt writes it: 0, 1, 3, 8. */
function parseCpuset(text: string): readonly number[] {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const [, not, from, to] = /^(\^?)(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (from === undefined) continue;
    for (let cpu = Number(from); cpu <= Number(to ?? from); cpu += 1) {
      if (not === '^') cpus.delete(cpu);
      else cpus.add(cpu);
    }
  }
  return [...cpus].sort((a, b) => a - b);
}
