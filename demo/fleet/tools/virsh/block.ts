/** Disks of domains: how large they are, and told to be. */
import { diskSize } from '../../model/domains.ts';
import { ok } from '../tool.ts';
import { error, onDomain, option, say, type VirshCommand } from './command.ts';

export const blockCommands: Readonly<Record<string, VirshCommand>> = {
  domblkinfo: onDomain({ '--device': 'value' }, (call, domain) => {
    const target = option(call, '--device') ?? '';
    const disk = (domain.live?.facts ?? domain.facts).disks.find((it) => it.target === target);
    if (disk === undefined) return error(`invalid argument: invalid path ${target} not assigned to domain`);
    const physical = diskSize(call.model, disk.source);
    const capacity = domain.live?.diskBytes[target] ?? physical;
    const line = (name: string, bytes: number) => `${name.padEnd(15)} ${bytes}\n`;
    return say(line('Capacity:', capacity) + line('Allocation:', 0) + line('Physical:', physical));
  }),
  blockresize: onDomain({ '--path': 'value', '--size': 'value' }, (call, domain) => {
    const target = option(call, '--path') ?? '';
    const bytes = /^(\d+)B$/.exec(option(call, '--size') ?? '')?.[1];
    if (bytes === undefined)
      return { ...error('Unable to parse integer'), unknown: `blockresize --size ${option(call, '--size')}` };
    if (domain.live === null)
      return error(
        `Failed to resize block device '${target}'`,
        'Requested operation is not valid: domain is not running',
      );
    if (domain.live.diskBytes[target] === undefined)
      return error(
        `Failed to resize block device '${target}'`,
        `invalid argument: disk '${target}' was not found in the domain config`,
      );
    domain.live.diskBytes[target] = Number(bytes);
    return ok(`Block device '${target}' is resized\n`);
  }),
};
