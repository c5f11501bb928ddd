/** vCPUs and memory changed: of the definition, of the running domain, or of both at once. Refusals as libvirt 9 gave them. */
import { agentAnswers, balloonKiB } from '../../model/domains.ts';
import { factsOf } from '../../model/facts.ts';
import type { Domain } from '../../model/host-model.ts';
import { parseXml, printXml, type XmlNode } from '../../model/xml.ts';
import type { ToolResult } from '../tool.ts';
import { error, flag, onDomain, option, say, type VirshCall, type VirshCommand } from './command.ts';

const WHERE = { '--config': 'flag', '--live': 'flag', '--current': 'flag' } as const;
const NOT_RUNNING = 'Requested operation is not valid: domain is not running';

export const sizeCommands: Readonly<Record<string, VirshCommand>> = {
  setmem: onDomain({ '--size': 'value', ...WHERE }, setmem, ['--size!']),
  setmaxmem: onDomain({ '--size': 'value', ...WHERE }, setmaxmem, ['--size!']),
  setvcpus: onDomain(
    { '--count': 'value', '--maximum': 'flag', '--guest': 'flag', '--hotpluggable': 'flag', ...WHERE },
    setvcpus,
    ['--count!'],
  ),
};

/** What is changed: the definition, the running domain. Without a word it is what there is. */
function where(call: VirshCall, domain: Domain): { readonly config: boolean; readonly live: boolean } {
  const [config, live] = [flag(call, '--config'), flag(call, '--live')];
  if (config || live) return { config, live };
  return { config: domain.live === null, live: domain.live !== null };
}

function setmem(call: VirshCall, domain: Domain): ToolResult {
  const size = Number(option(call, '--size'));
  const { config, live } = where(call, domain);
  if (size === 0) return error('memory in virDomainSetMemoryFlags must not be zero');
  if (live && domain.live === null) return error(NOT_RUNNING);
  const over = (facts: Domain['facts']) => size > facts.memoryKiB;
  if ((live && domain.live !== null && over(domain.live.facts)) || (config && over(domain.facts)))
    return error('invalid argument: cannot set memory higher than max memory');
  if (live && domain.live !== null) {
    // The guest follows in its own time.
    const balloon = { beforeKiB: balloonKiB(domain, call.now), at: Math.max(call.now, domain.live.bootedAt) };
    domain.live = { ...domain.live, ...changed(domain.live.xml, { currentMemory: size }), balloon };
  }
  if (config) Object.assign(domain, changed(domain.xml, { currentMemory: size }));
  return say('');
}

function setmaxmem(call: VirshCall, domain: Domain): ToolResult {
  const size = Number(option(call, '--size'));
  const refuse = (why: string) => error('Unable to change MaxMemorySize', why);
  const { config, live } = where(call, domain);
  if (size === 0) return refuse('memory in virDomainSetMemoryFlags must not be zero');
  if (live && domain.live === null) return refuse(NOT_RUNNING);
  if (live) return refuse('Requested operation is not valid: cannot resize the maximum memory on an active domain');
  // Lowered, it takes the present value down with it; raised, it leaves it.
  const currentMemory = Math.min(domain.facts.currentKiB, size);
  if (config) Object.assign(domain, changed(domain.xml, { memory: size, currentMemory }));
  return say('');
}

function setvcpus(call: VirshCall, domain: Domain): ToolResult {
  const count = Number(option(call, '--count'));
  const { config, live } = where(call, domain);
  if (count === 0) return error("Can't set 0 processors for a VM");
  if (flag(call, '--guest')) return switchOn(call, domain);
  if (flag(call, '--maximum')) return setMaximum(call, domain, count);
  if (live && domain.live === null) return error(NOT_RUNNING);
  const over = (what: string, maximum: number) =>
    error(
      `invalid argument: requested vcpus is greater than max allowable vcpus for the ${what} domain: ${count} > ${maximum}`,
    );
  const running = live ? domain.live : null;
  if (running !== null && count > running.facts.maxVcpus) return over('live', running.facts.maxVcpus);
  if (config && count > domain.facts.maxVcpus) return over('persistent', domain.facts.maxVcpus);
  // Only what was plugged in can be pulled out again.
  if (running !== null && count < (running.bootVcpus ?? running.facts.vcpus)) {
    return error(
      'unsupported configuration: failed to find appropriate hotpluggable vcpus to reach the desired target vcpu count',
    );
  }
  if (running !== null) domain.live = { ...running, ...changed(running.xml, { vcpus: count }) };
  if (config) Object.assign(domain, changed(domain.xml, { vcpus: count }));
  return say('');
}

function switchOn(call: VirshCall, domain: Domain): ToolResult {
  if (domain.live === null) return error(NOT_RUNNING);
  return agentAnswers(domain, call.now)
    ? say('')
    : error('Guest agent is not responding: QEMU guest agent is not connected');
}

function setMaximum(call: VirshCall, domain: Domain, count: number): ToolResult {
  if (!flag(call, '--config')) return error('Option --config is required by option --maximum');
  if (flag(call, '--live') && domain.live !== null)
    return error("Operation not supported: maximum vcpu count of a live domain can't be modified");
  Object.assign(domain, changed(domain.xml, { maxVcpus: count, vcpus: Math.min(domain.facts.vcpus, count) }));
  return say('');
}

interface Change {
  readonly memory?: number;
  readonly currentMemory?: number;
  readonly vcpus?: number;
  readonly maxVcpus?: number;
}

/** The XML with the change in it, and what the model reads from that. */
function changed(text: string, change: Change): Pick<Domain, 'xml' | 'facts'> {
  const xml = parseXml(text);
  const before = factsOf(xml);
  const maximum = change.maxVcpus ?? before.maxVcpus;
  const current = change.vcpus ?? before.vcpus;
  const next: XmlNode = {
    ...xml,
    children: xml.children.map((it) => {
      if (it.name === 'memory' && change.memory !== undefined) return { ...it, text: String(change.memory) };
      if (it.name === 'currentMemory' && change.currentMemory !== undefined)
        return { ...it, text: String(change.currentMemory) };
      if (it.name === 'cputune') return { ...it, children: it.children.filter((pin) => kept(pin, maximum)) };
      if (it.name !== 'vcpu') return it;
      const { current: _current, ...attrs } = it.attrs;
      return {
        ...it,
        attrs: current === maximum ? attrs : { ...attrs, current: String(current) },
        text: String(maximum),
      };
    }),
  };
  return { xml: printXml(next), facts: factsOf(next) };
}

/** Pins of vCPUs above the maximum go with them. */
function kept(pin: XmlNode, maximum: number): boolean {
  return pin.name !== 'vcpupin' || Number(pin.attrs['vcpu']) < maximum;
}
