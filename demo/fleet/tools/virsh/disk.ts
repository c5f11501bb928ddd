/** Disks of domains: put in and taken out, of the definition and of the domain that runs. Refusals as libvirt 9 gave them. */
import { diskSize } from '../../model/domains.ts';
import { readText } from '../../model/files.ts';
import type { Domain } from '../../model/host-model.ts';
import { volumeAt } from '../../model/lvm.ts';
import { dropDisk, targetOf, withDisk } from '../../model/plug.ts';
import { child, parseXml, type XmlNode } from '../../model/xml.ts';
import { xmlProblem } from '../../model/xml-problem.ts';
import type { ToolResult } from '../tool.ts';
import { error, flag, onDomain, option, say, type VirshCall, type VirshCommand } from './command.ts';

const WHERE = { '--config': 'flag', '--live': 'flag' } as const;
const NOT_RUNNING = 'Requested operation is not valid: domain is not running';

export const diskCommands: Readonly<Record<string, VirshCommand>> = {
  'attach-device': onDomain({ '--file': 'value', ...WHERE }, attach, ['--file!']),
  'update-device': onDomain({ '--file': 'value', ...WHERE }, update, ['--file!']),
  'detach-disk': onDomain({ '--target': 'value', ...WHERE }, detach, ['--target!']),
};

/** The disk in the file that is named, or why there is none. */
function diskIn(call: VirshCall, refuse: (why: string) => ToolResult): XmlNode | ToolResult {
  const file = option(call, '--file') ?? '';
  const text = file === '/dev/stdin' ? (call.stdin?.toString() ?? '') : readText(call.model, file);
  if (text === undefined) return error(`Failed to open file '${file}': No such file or directory`);
  let disk: XmlNode;
  try {
    disk = parseXml(text);
  } catch {
    return refuse(xmlProblem(text).replace('(domain_definition)', '(device_definition)'));
  }
  return disk.name === 'disk' ? disk : { ...refuse('not a disk'), unknown: `a ${disk.name} where a disk should be` };
}

/** Of the definition only: what a running domain may change of a disk is none of ours. */
function update(call: VirshCall, domain: Domain): ToolResult {
  const refuse = (why: string) => error(`Failed to update device from ${option(call, '--file')}`, why);
  const disk = diskIn(call, refuse);
  if ('exit' in disk) return disk;
  if (!flag(call, '--config') || flag(call, '--live'))
    return { ...refuse('the simulator updates definitions'), unknown: 'virsh update-device without --config' };
  const target = targetOf(disk);
  if (!domain.facts.disks.some((it) => it.target === target))
    return refuse(`invalid argument: target ${target} doesn't exist.`);
  Object.assign(domain, withDisk(dropDisk(domain, target), disk));
  return say('Device updated successfully\n');
}

function attach(call: VirshCall, domain: Domain): ToolResult {
  const refuse = (why: string) => error(`Failed to attach device from ${option(call, '--file')}`, why);
  const disk = diskIn(call, refuse);
  if ('exit' in disk) return disk;
  const target = targetOf(disk);
  const { live } = domain;
  if (flag(call, '--live') && live === null) return refuse(NOT_RUNNING);
  if (flag(call, '--config')) {
    if (domain.facts.disks.some((it) => it.target === target))
      return refuse(`Requested operation is not valid: target ${target} already exists`);
    Object.assign(domain, withDisk(domain, disk));
  }
  if (!flag(call, '--live') || live === null) return say('Device attached successfully\n');
  const source = child(disk, 'source')?.attrs['dev'] ?? child(disk, 'source')?.attrs['file'] ?? '';
  const other = live.facts.disks.find((it) => it.target === target);
  if (other !== undefined)
    return refuse(`XML error: target '${target}' duplicated for disk sources '${other.source}' and '${source}'`);
  if (call.model.files[source] === undefined && volumeAt(call.model, source)?.active !== true)
    return refuse(`Cannot access storage file '${source}': No such file or directory`);
  const size = diskSize(call.model, source);
  domain.live = { ...withDisk(live, disk), diskBytes: { ...live.diskBytes, [target]: size } };
  return say('Device attached successfully\n');
}

/** By target or source, looked for in what is to be changed. virsh says so before the guest has let go. */
function detach(call: VirshCall, domain: Domain): ToolResult {
  const wanted = option(call, '--target') ?? '';
  const { live } = domain;
  const found = ({ facts }: Pick<Domain, 'facts'>) =>
    facts.disks.find((it) => it.target === wanted || it.source === wanted)?.target;
  const none = error(`No disk found whose source path or target is ${wanted}`);
  if (flag(call, '--config')) {
    const target = found(domain);
    if (target === undefined) return none;
    Object.assign(domain, dropDisk(domain, target));
  }
  if (flag(call, '--live')) {
    if (live === null) return found(domain) === undefined ? none : error('Failed to detach disk', NOT_RUNNING);
    const target = found(live);
    if (target === undefined) return none;
    if (live.unplugging?.[target] !== undefined) return say('Disk detached successfully\n');
    domain.live = { ...live, unplugging: { ...live.unplugging, [target]: call.now } };
  }
  return say('Disk detached successfully\n');
}
