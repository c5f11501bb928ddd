/** blockcopy and blockjob: a running domain's disk mirrored into another block device, as libvirt 9 does it. */
import type { Domain, LiveDomain } from '../../model/host-model.ts';
import { findVolume, isPoolFull, volumeAt } from '../../model/lvm.ts';
import { behindDisk } from '../../model/plug.ts';
import type { ToolResult } from '../tool.ts';
import { error, flag, notRunning, onDomain, option, say, type VirshCall, type VirshCommand } from './command.ts';

export const mirrorCommands: Readonly<Record<string, VirshCommand>> = {
  blockcopy: onDomain(
    {
      '--path': 'value',
      '--dest': 'value',
      '--format': 'value',
      '--blockdev': 'flag',
      '--reuse-external': 'flag',
      '--transient-job': 'flag',
      '--synchronous-writes': 'flag',
    },
    begin,
    ['--path!', '--dest'],
  ),
  blockjob: onDomain({ '--path': 'value', '--abort': 'flag', '--pivot': 'flag' }, end, ['--path!']),
};

/** By target, or by what lies behind it. */
function diskAt(live: LiveDomain, path: string) {
  return live.facts.disks.find((it) => it.target === path || it.source === path);
}

function noDisk(path: string): ToolResult {
  return error(`invalid argument: disk '${path}' not found in domain`);
}

function begin(call: VirshCall, domain: Domain): ToolResult {
  const { live } = domain;
  const [path, to] = [option(call, '--path') ?? '', option(call, '--dest') ?? ''];
  if (live === null) return notRunning(`Failed to start block copy of '${path}'`);
  const disk = diskAt(live, path);
  if (disk === undefined) return noDisk(path);
  if (live.mirrors?.[disk.target] !== undefined)
    return error(`block copy still active: disk '${disk.target}' already in active block job`);
  if (domain.persistent && !flag(call, '--transient-job'))
    return error('Requested operation is not valid: domain is not transient');
  if (!flag(call, '--reuse-external') || !flag(call, '--blockdev') || option(call, '--format') !== 'raw')
    return { ...error('not simulated'), unknown: 'virsh blockcopy but into a raw block device that is there' };
  const volume = volumeAt(call.model, to);
  if (volume?.active !== true) return error(`Cannot access storage file '${to}': No such file or directory`);
  // QEMU may say so before or after it has begun; the job ends at its first write.
  const pool = volume.pool === null ? undefined : findVolume(call.model, volume.vg, volume.pool);
  const full = pool !== undefined && isPoolFull(call.model, pool);
  const mirrors = { ...live.mirrors, [disk.target]: { to, readyAt: call.now + call.model.unitMs } };
  if (!full) domain.live = { ...live, mirrors };
  return say('Block Copy started');
}

function end(call: VirshCall, domain: Domain): ToolResult {
  const { live } = domain;
  const path = option(call, '--path') ?? '';
  const pivot = flag(call, '--pivot');
  if (!pivot && !flag(call, '--abort')) return { ...error('not simulated'), unknown: 'virsh blockjob without an end' };
  if (live === null) return error('Requested operation is not valid: domain is not running');
  const disk = diskAt(live, path);
  if (disk === undefined) return noDisk(path);
  const { [disk.target]: mirror, ...mirrors } = live.mirrors ?? {};
  if (mirror === undefined) return error(`invalid argument: disk ${disk.target} does not have an active block job`);
  if (pivot && call.now < mirror.readyAt)
    return error(`block copy still active: disk '${disk.target}' not ready for pivot yet`);
  domain.live = { ...live, mirrors };
  if (!pivot) return say('');
  const was = domain.facts.disks.find((it) => it.target === disk.target)?.source;
  domain.live = behindDisk(domain.live, disk.target, mirror.to);
  if (was === disk.source) Object.assign(domain, behindDisk(domain, disk.target, mirror.to));
  return say('');
}
