/** What a guest's agent tells of its filesystems, and the scripts that it is asked to run: it knows ours, and no shell. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CHECK } from '../../../../src/infra/guests/check-script.ts';
import { CLEAN, TRACES } from '../../../../src/infra/guests/clean-scripts.ts';
import { COMMAND, SHA256 } from '../../../../src/infra/guests/guests.ts';
import type { Domain, LiveDomain, Volume } from '../../model/host-model.ts';
import { volumeAt } from '../../model/lvm.ts';
import type { ToolResult } from '../tool.ts';
import { error, flag, option, say, type VirshCall } from './command.ts';

const Execution = z.object({
  execute: z.literal('guest-exec'),
  arguments: z.object({
    path: z.literal('/bin/sh'),
    arg: z.tuple([z.literal('-c'), z.string(), z.literal('hostler')], z.string()),
    'capture-output': z.boolean().default(false),
  }),
});
const Status = z.object({
  execute: z.literal('guest-exec-status'),
  arguments: z.object({ pid: z.int() }),
});

interface Ended {
  readonly exit: number;
  readonly out: string;
}

/** The agent's answer to `guest-exec` and `guest-exec-status`; undefined for what is neither, or another script. */
export function executed(call: VirshCall, domain: Domain): ToolResult | undefined {
  let given: unknown;
  try {
    given = JSON.parse(option(call, '--cmd') ?? '');
  } catch {
    return undefined;
  }
  const { live } = domain;
  if (live === null) return undefined;
  const asked = Status.safeParse(given).data;
  if (asked !== undefined) return statusOf(live, asked.arguments.pid);
  const parsed = Execution.safeParse(given).data;
  if (parsed === undefined) return undefined;
  const [, script, , ...words] = parsed.arguments.arg;
  const carryOut = script.includes('growpart "$1"') ? grow : SCRIPTS.get(script);
  if (carryOut === undefined) return undefined;
  if (domain.guest.execBlocked === true)
    return error(
      "internal error: unable to execute QEMU agent command 'guest-exec': Command guest-exec has been disabled: the command is not allowed",
    );
  live.execs ??= [];
  live.execs.push(carryOut({ call, domain, live, words }));
  return say(`{"return":{"pid":${FIRST_PID + live.execs.length - 1}}}\n`);
}

const FIRST_PID = 812;

function statusOf(live: LiveDomain, pid: number): ToolResult {
  const ended = live.execs?.[pid - FIRST_PID];
  if (ended === undefined) {
    return error(`internal error: unable to execute QEMU agent command 'guest-exec-status': Invalid parameter 'pid'`);
  }
  const out = ended.out === '' ? {} : { 'out-data': Buffer.from(ended.out).toString('base64') };
  return say(`${JSON.stringify({ return: { exitcode: ended.exit, ...out, exited: true } })}\n`);
}

interface Around {
  readonly call: VirshCall;
  readonly domain: Domain;
  readonly live: LiveDomain;
  readonly words: readonly string[];
}

/** What each script of ours comes to in a guest. */
const SCRIPTS: ReadonlyMap<string, (around: Around) => Ended> = new Map([
  [CLEAN, clean],
  [TRACES, traces],
  [COMMAND, command],
  [SHA256, sha256],
  [CHECK, check],
]);

function grow({ live, words: [disk = ''] }: Around): Ended {
  const target = disk.replace('/dev/', '');
  const bytes = live.diskBytes[target];
  if (live.filesystems?.[target] !== undefined && bytes !== undefined) live.filesystems[target] = bytes;
  return { exit: 0, out: '' };
}

/** What it holds besides what people put there: gone by the cleaning, so that the volume's bytes are others. */
const CLEANED = ', cleaned';
const KINDS = ['machine-id', 'ssh host keys', 'people’s ssh keys', 'shell histories', 'logs', 'cloud-init’s data'];
const MORE_KINDS = [
  'DHCP leases and names of network cards',
  'random seeds',
  'mail and crash dumps',
  'temporary files',
];

function clean(around: Around): Ended {
  const volume = firstVolume(around);
  if (volume !== undefined && !volume.content.endsWith(CLEANED)) volume.content += CLEANED;
  return { exit: 0, out: '' };
}

function traces(around: Around): Ended {
  const cleaned = firstVolume(around)?.content.endsWith(CLEANED) === true;
  const { keeps } = around.domain.guest;
  const lines = [...KINDS, ...MORE_KINDS].map((kind) => {
    const where = keeps?.[kind] ?? (cleaned || kind !== 'machine-id' ? undefined : '/etc/machine-id');
    return where === undefined ? `clean ${kind}` : `left ${kind}: ${where}`;
  });
  return { exit: 0, out: `${[...lines, 'cloud-init'].join('\n')}\n` };
}

function command({ domain, words: [line = ''] }: Around): Ended {
  const known = { true: { exit: 0, out: '' }, ...domain.guest.commands };
  return (
    Object.entries(known).find(([each]) => each === line)?.[1] ?? { exit: 127, out: `sh: 1: ${line}: not found\n` }
  );
}

function sha256(around: Around): Ended {
  const [path = ''] = around.words;
  const { files = ['/etc/os-release'] } = around.domain.guest;
  if (!files.includes(path)) return { exit: 1, out: '' };
  const content = `${firstVolume(around)?.content} ${path}`;
  return { exit: 0, out: `${createHash('sha256').update(content).digest('hex')}  ${path}\n` };
}

/** What a torn filesystem's volume holds, for tests. */
export const TORN = 'torn';

/** A simulated guest knows a disk by its target, which is the end of the serial. */
function check({ call, live, words: [serial = ''] }: Around): Ended {
  const target = serial.slice(serial.lastIndexOf('-') + 1);
  const disk = live.facts.disks.find((each) => each.target === target);
  if (disk === undefined) return { exit: 3, out: '' };
  const content = volumeAt(call.model, disk.source ?? '')?.content ?? '';
  const torn = `bad ${target}1 ext4: exit code 4: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n`;
  return { exit: 0, out: content.includes(TORN) ? torn : `good ${target}1 ext4\n` };
}

function firstVolume({ call, live }: Around): Volume | undefined {
  return volumeAt(call.model, live.facts.disks[0]?.source ?? '');
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
