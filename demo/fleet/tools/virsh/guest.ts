/** What a guest's agent tells of its filesystems, and the one thing that it is asked to run: a script that grows them. */
import { z } from 'zod';
import type { Domain, LiveDomain } from '../../model/host-model.ts';
import type { ToolResult } from '../tool.ts';
import { error, flag, option, say, type VirshCall } from './command.ts';

const Execution = z.object({
  execute: z.literal('guest-exec'),
  arguments: z.object({ path: z.literal('/bin/sh'), arg: z.array(z.string()) }),
});

/** The agent's answer to `guest-exec`; undefined for what is none, or another script. */
export function executed(call: VirshCall, domain: Domain): ToolResult | undefined {
  let given: unknown;
  try {
    given = JSON.parse(option(call, '--cmd') ?? '');
  } catch {
    return undefined;
  }
  const parsed = Execution.safeParse(given);
  const [, script = '', , disk = ''] = parsed.data?.arguments.arg ?? [];
  if (!script.includes('growpart "$1"') || domain.live === null) return undefined;
  if (domain.guest.execBlocked === true)
    return error(
      "internal error: unable to execute QEMU agent command 'guest-exec': Command guest-exec has been disabled: the command is not allowed",
    );
  const target = disk.replace('/dev/', '');
  const { live } = domain;
  const bytes = live.diskBytes[target];
  if (live.filesystems?.[target] !== undefined && bytes !== undefined) live.filesystems[target] = bytes;
  return say('{"return":{"pid":812}}\n');
}

export function guestinfo(call: VirshCall, { live, guest }: Domain): ToolResult {
  if (!flag(call, '--filesystem') || live === null)
    return { ...error('the simulator knows guestinfo --filesystem'), unknown: 'virsh guestinfo without --filesystem' };
  const lines = mounted(live).flatMap(([target, bytes], at) => {
    const line = (key: string, value: string | number) => `${`fs.${at}.${key}`.padEnd(20)}: ${value}\n`;
    return [
      line('name', `${target}1`),
      line('mountpoint', at === 0 ? '/' : `/srv/${target}`),
      line('fstype', 'ext4'),
      // What ext4 keeps for itself is not counted.
      line('total-bytes', Math.floor(bytes * 0.96)),
      line('used-bytes', Math.floor(bytes * 0.96 * (guest.diskUsed ?? 0.42))),
      line('disk.count', 1),
      line('disk.0.alias', target),
      line('disk.0.device', `/dev/${target}1`),
    ];
  });
  return say(`${'fs.count'.padEnd(20)}: ${mounted(live).length}\n${lines.join('')}`);
}

function mounted({ filesystems, facts }: LiveDomain): [string, number][] {
  return Object.entries(filesystems ?? {}).filter(([target]) => facts.disks.some((disk) => disk.target === target));
}
