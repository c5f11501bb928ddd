/** Definitions: made, taken away, shown. */

import { normalise } from '../../model/domain-xml.ts';
import { agentAnswers } from '../../model/domains.ts';
import { factsOf } from '../../model/facts.ts';
import { readText } from '../../model/files.ts';
import type { Domain, HostModel } from '../../model/host-model.ts';
import { liveXml } from '../../model/live-xml.ts';
import { mintMac, mintUuid } from '../../model/mint.ts';
import { child, parseXml, printXml, type XmlNode } from '../../model/xml.ts';
import { xmlProblem } from '../../model/xml-problem.ts';
import type { ToolResult } from '../tool.ts';
import { error, flag, onDomain, option, say, type VirshCall, type VirshCommand } from './command.ts';

export const defineCommands: Readonly<Record<string, VirshCommand>> = {
  define: {
    options: { '--file': 'value', '--validate': 'flag' },
    words: ['--file!'],
    run: (call) => {
      const file = option(call, '--file') ?? '';
      const text =
        file === '/dev/stdin' || file === '/proc/self/fd/0'
          ? (call.stdin?.toString() ?? '')
          : readText(call.model, file);
      if (text === undefined) return error(`Failed to open file '${file}': No such file or directory`);
      const problem = define(call.model, text);
      return problem === undefined
        ? say(`Domain '${nameIn(text)}' defined from ${file}\n`)
        : error(`Failed to define domain from ${file}`, ...problem);
    },
  },
  undefine: onDomain(
    Object.fromEntries(
      [
        'managed-save',
        'snapshots-metadata',
        'checkpoints-metadata',
        'nvram',
        'keep-nvram',
        'tpm',
        'keep-tpm',
        'remove-all-storage',
      ].map((it) => [`--${it}`, 'flag' as const]),
    ),
    undefine,
  ),
  dumpxml: onDomain(
    {
      '--inactive': 'flag',
      '--security-info': 'flag',
      '--update-cpu': 'flag',
      '--migratable': 'flag',
      '--xpath': 'value',
      '--wrap': 'flag',
    },
    (call, domain) => {
      if (option(call, '--xpath') !== undefined)
        return { ...error('the simulator knows no --xpath'), unknown: 'virsh dumpxml --xpath' };
      if (domain.live === null || flag(call, '--inactive')) return say(domain.xml);
      const agent = agentAnswers(domain, call.now);
      return say(liveXml({ model: call.model, live: domain.live, name: domain.name, agent, now: call.now }));
    },
  ),
};

function nameIn(text: string): string {
  return child(parseXml(text), 'name')?.text ?? '';
}

/** Puts a definition into the model. Answers virsh's lines where libvirt refuses. */
function define(model: HostModel, text: string): readonly string[] | undefined {
  let given: XmlNode;
  try {
    given = parseXml(text);
  } catch {
    return [xmlProblem(text)];
  }
  if (given.name !== 'domain') return [`XML error: expecting root element of 'domain', not '${given.name}'`];
  const name = child(given, 'name')?.text ?? '';
  if (name === '') return ['missing name information'];
  if (name.includes('/')) return [`XML error: name ${name} cannot contain '/'`];
  if (child(child(given, 'os'), 'type') === undefined) return ['XML error: an os <type> must be specified'];
  if (child(given, 'memory') === undefined) return ['XML error: cannot parse memory size'];
  const xml = normalise(given, { uuid: () => mintUuid(model), mac: () => mintMac(model) });
  const uuid = child(xml, 'uuid')?.text ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return ['internal error: malformed uuid element'];
  const byUuid = model.domains.find((it) => it.uuid === uuid);
  if (byUuid !== undefined && byUuid.name !== name)
    return [`operation failed: domain '${byUuid.name}' is already defined with uuid ${uuid}`];
  const byName = model.domains.find((it) => it.name === name);
  if (byName !== undefined && byName.uuid !== uuid)
    return [`operation failed: domain '${name}' already exists with uuid ${byName.uuid}`];
  const facts = factsOf(xml);
  const targets = facts.disks.map((it) => it.target);
  const twice = targets.find((it, at) => targets.indexOf(it) !== at);
  if (twice !== undefined) {
    const sources = facts.disks.filter((it) => it.target === twice).map((it) => `'${it.source ?? '(null)'}'`);
    return [`XML error: target '${twice}' duplicated for disk sources ${sources.join(' and ')}`];
  }
  const printed = printXml(xml);
  if (byUuid !== undefined) Object.assign(byUuid, { xml: printed, facts, persistent: true });
  else model.domains.push(newDomain(model, uuid, name, printed, facts));
  return undefined;
}

function newDomain(model: HostModel, uuid: string, name: string, xml: string, facts: Domain['facts']): Domain {
  return {
    uuid,
    name,
    persistent: true,
    autostart: false,
    state: 'shut off',
    reason: 'unknown',
    xml,
    facts,
    live: null,
    managedSave: false,
    snapshots: [],
    guest: { ...model.guestDefaults },
  };
}

/** What stands in the way is told as libvirt does; of a running domain only the definition goes, and it ends with its run. */
function undefine(call: VirshCall, domain: Domain): ToolResult {
  const refuse = (why: string) => error(`Failed to undefine domain '${domain.name}'`, why);
  const invalid = (why: string) => refuse(`Requested operation is not valid: ${why}`);
  const snapshots = domain.snapshots.length;
  if (!domain.persistent) return invalid('cannot undefine transient domain');
  if (domain.live === null && snapshots > 0 && !flag(call, '--snapshots-metadata')) {
    return invalid(`cannot delete inactive domain with ${snapshots} snapshots`);
  }
  if (domain.managedSave && !flag(call, '--managed-save'))
    return error('Refusing to undefine while domain managed save image exists');
  const { nvram } = domain.facts;
  const nvramThere = nvram !== null && call.model.files[nvram] !== undefined;
  if (nvramThere && flag(call, '--nvram')) delete call.model.files[nvram];
  else if (nvramThere && !flag(call, '--keep-nvram'))
    return refuse('Requested operation is not valid: cannot undefine domain with nvram');
  if (call.half) return refuse('internal error: cut short');
  domain.persistent = false;
  domain.autostart = false;
  domain.snapshots = [];
  domain.managedSave = false;
  if (domain.live === null) call.model.domains.splice(call.model.domains.indexOf(domain), 1);
  const done = say(`Domain '${domain.name}' has been undefined\n`);
  if (!flag(call, '--remove-all-storage')) return done;
  const left = domain.facts.disks.filter((it) => it.source !== null);
  return {
    ...done,
    stderr: left
      .map(
        (it) => `error: Storage volume '${it.target}'(${it.source}) is not managed by libvirt. Remove it manually.\n\n`,
      )
      .join(''),
  };
}
