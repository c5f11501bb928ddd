/**
 * Snapshots of all disks of a VM at one point. One command holds the guest, takes them and lets go, for all that stands in between
 * would be a pause for the guest; and a unit of the host's own systemd lets go if that does not come so far.
 */
import type { Command } from '../../domain/command.ts';
import { fromTag, opTag, snapTag, vmTag } from '../../domain/marks.ts';
import { freezes } from '../../domain/snapshot.ts';
import type { FreezeState, SnapshotSpec, SnapshotVerbs } from '../../operations/driver.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { AGENT_TIMEOUT_S } from '../libvirt/agent-timeout.ts';
import { isNoDomain, isNotRunning, type Virsh } from '../libvirt/virsh.ts';
import { selecting } from '../lvm/lvs.ts';
import { root } from '../lvm/volumes.ts';
import { readDevices } from './devices.ts';
import { type Held, heldArguments, inOne, takeHeld, WAYS } from './held.ts';

/** After the freeze's budget, and the snapshots of a slow host. */
const WATCHDOG_S = 60;

export function snapshotVerbs(virsh: Virsh, uri: string): SnapshotVerbs {
  /** No state of the guest is a fault here: letting go of what isn't held is what was wanted. */
  function letGo(uuid: string, hold: Held): Command {
    return virsh(releasing(uuid, hold), { onFailure: 'go-on' });
  }

  function watch({ uuid, marks }: Pick<SnapshotSpec, 'uuid' | 'marks'>, hold: Held): Command {
    return {
      argv: [
        'systemd-run',
        '--user',
        '--collect',
        `--unit=${unitOf(marks.op)}`,
        `--on-active=${WATCHDOG_S}`,
        '--timer-property=AccuracySec=1s',
        '--',
        'virsh',
        '-c',
        uri,
        ...releasing(uuid, hold),
      ],
      limit: 'quick',
    };
  }

  /** One virsh for both, for each is a pause of its own. */
  function releasing(uuid: string, hold: Held): readonly [string, ...string[]] {
    const { release } = WAYS[hold];
    const [only = '', ...more] = release;
    return more.length === 0 ? [only, '--domain', uuid] : [inOne(release, `--domain ${uuid}`)];
  }

  function released({ uuid, hold, marks }: Pick<SnapshotSpec, 'uuid' | 'hold' | 'marks'>): Command[] {
    return hold === 'none' ? [] : [letGo(uuid, hold), unwatch({ marks })];
  }

  function taking(spec: SnapshotSpec): Command[] {
    const { vg, uuid, hold, disks } = spec;
    if (hold === 'none') return disks.map((disk) => take(spec, disk));
    return [
      ...(freezes(hold) ? [patience(uuid)] : []),
      watch(spec, hold),
      {
        argv: ['bash', '-c', takeHeld(uri, vg), 'hostler', ...heldArguments({ hold, uuid, tags: tagsOf(spec), disks })],
        sudo: true,
        limit: 'normal',
        onFailure: 'go-on',
      },
      // It may not have come so far.
      letGo(uuid, hold),
    ];
  }

  function patience(uuid: string): Command {
    const args = ['guest-agent-timeout', '--domain', uuid, '--timeout', String(AGENT_TIMEOUT_S)] as const;
    return virsh(args, { onFailure: 'go-on' });
  }

  return {
    take: (spec) => ({
      title: `Take snapshot ${spec.snapshot}`,
      commands: [removal(spec), ...released(spec), ...taking(spec)],
      parse: (ran) => (spec.hold === 'none' ? { frozen: false } : readHeld(spec, ran)),
    }),
    release: (spec) => ({
      title: 'Let the guest go on',
      commands: released(spec),
      parse: nothing,
    }),
    drop: (spec) => ({
      title: `Remove snapshot ${spec.snapshot}`,
      commands: [...released(spec), removal(spec)],
      parse: nothing,
    }),
    watched: (op) => ({
      title: 'Look for the watchdog',
      commands: [
        { argv: ['systemctl', '--user', 'show', '--property=LoadState', `${unitOf(op)}.timer`], limit: 'quick' },
      ],
      parse: (ran) => /^LoadState=loaded$/m.test(answerTo(ran).stdout),
    }),
    freezeState: (uuid) => ({
      title: `Ask the agent of domain ${uuid} whether it is frozen`,
      commands: [
        virsh(
          ['qemu-agent-command', '--domain', uuid, '--timeout', '5', '--cmd', '{"execute":"guest-fsfreeze-status"}'],
          { onFailure: 'go-on' },
        ),
      ],
      parse: (ran) => readFreezeState(answerTo(ran)),
    }),
    devices: (uuid) => ({
      title: `Read the devices of domain ${uuid}`,
      commands: [virsh(['dumpxml', '--domain', uuid, '--inactive'], { onFailure: 'go-on' })],
      parse: readDevices,
    }),
  };
}

function unitOf(op: string): string {
  return `hostler-release-${op}`;
}

/** Where there is no such unit, none has to be stopped. */
function unwatch({ marks }: Pick<SnapshotSpec, 'marks'>): Command {
  return {
    argv: ['systemctl', '--user', 'stop', `${unitOf(marks.op)}.timer`],
    limit: 'quick',
    onFailure: 'go-on',
  };
}

function take(spec: SnapshotSpec, { of, volume }: SnapshotSpec['disks'][number]): Command {
  const options = tagsOf(spec).flatMap((tag) => ['--addtag', tag]);
  return root('lvcreate', '-y', '-kn', '-s', '-n', volume, ...options, `${spec.vg}/${of}`);
}

function tagsOf({ marks, snapshot, parent }: SnapshotSpec): string[] {
  return [opTag(marks.op), vmTag(marks.vm), snapTag(snapshot), ...(parent === null ? [] : [fromTag(parent)])];
}

/** LVM itself selects by both marks, so nothing can come between the look and the removal. */
function removal({ vg, snapshot, marks }: Pick<SnapshotSpec, 'vg' | 'snapshot' | 'marks'>): Command {
  const select = `${selecting({ tag: opTag(marks.op) })} && ${selecting({ tag: snapTag(snapshot) })}`;
  return root('lvremove', '-y', '-S', select, vg);
}

/** Frozen only where both ends say so: what thawed meanwhile by itself was not frozen while it was taken. */
function readHeld({ hold, disks }: SnapshotSpec, ran: readonly Ran[]): { readonly frozen: boolean } {
  const answer = answerTo(ran, ran.length - 2);
  const { stdout } = answer;
  const frozen = count(stdout, 'Froze') > 0 && count(stdout, 'Thawed') > 0;
  // The other virsh's prompt may stand before it on its line.
  const stopped = /Domain '\S+' suspended$/m.test(stdout);
  if (hold === 'suspend' && !stopped) throw refused('Holding the guest', answer);
  if (answer.exit !== 0) throw refused('Taking the snapshot', answer);
  // One disk is one point of time anyway; several are not.
  if (!frozen && !stopped && disks.length > 1) throw refused('Holding the guest', answer);
  return { frozen };
}

/** How many file systems; an agent may answer and have none, as that of a guest that runs from its memory (`Froze 0 filesystem(s)`). */
function count(said: string, word: 'Froze' | 'Thawed'): number {
  return Number(new RegExp(`\\b${word} (\\d+) filesystem`).exec(said)?.[1] ?? 0);
}

function readFreezeState(answer: Ran): FreezeState {
  if (answer.exit === 0) {
    const found = /"return"\s*:\s*"(thawed|frozen)"/.exec(answer.stdout)?.[1];
    if (found === 'thawed' || found === 'frozen') return found;
    throw unreadable('Asking the guest agent', answer);
  }
  const none = /[Gg]uest agent|QEMU agent command|agent is not/.test(answer.stderr);
  if (none || isNotRunning(answer) || isNoDomain(answer)) return 'no-answer';
  throw refused('Asking the guest agent', answer);
}
