/**
 * Snapshots of all disks of a VM at one point. One script holds the guest, takes them and lets go, for every round trip in between
 * would be a pause for the guest; and a unit of the host's own systemd lets go if the script does not come so far.
 */
import type { Command } from '../../domain/command.ts';
import { fromTag, opTag, snapTag } from '../../domain/marks.ts';
import { freezes } from '../../domain/snapshot.ts';
import type { FreezeState, SnapshotSpec, SnapshotVerbs } from '../../operations/driver.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { AGENT_TIMEOUT_S } from '../libvirt/agent-timeout.ts';
import { isNoDomain, isNotRunning, type Virsh } from '../libvirt/virsh.ts';
import { selecting } from '../lvm/lvs.ts';
import { root, tags } from '../lvm/volumes.ts';
import { readDevices } from './devices.ts';

/** After the freeze's budget, and the snapshots of a slow host. */
const WATCHDOG_S = 60;

export function snapshotVerbs(virsh: Virsh, uri: string): SnapshotVerbs {
  /** No state of the guest is a fault here: letting go of what isn't held is what was wanted. */
  function letGo(uuid: string, hold: SnapshotSpec['hold']): Command[] {
    if (hold === 'none') return [];
    return [virsh(releasing(uuid, hold), { onFailure: 'go-on' })];
  }

  function watch({ uuid, hold, marks }: Pick<SnapshotSpec, 'uuid' | 'hold' | 'marks'>): Command {
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

  /** One virsh for both, for each is a pause of its own. It goes on to the second whatever became of the first; a guest must run to thaw. */
  function releasing(uuid: string, hold: SnapshotSpec['hold']): readonly [string, ...string[]] {
    if (hold === 'both') return [`resume --domain ${uuid}; domfsthaw --domain ${uuid}`];
    return [hold === 'freeze' ? 'domfsthaw' : 'resume', '--domain', uuid];
  }

  const hold = (spec: SnapshotSpec): Command[] => {
    if (spec.hold === 'none') return [];
    if (spec.hold === 'suspend') return [watch(spec), virsh(['suspend', '--domain', spec.uuid], { limit: 'normal' })];
    return [
      virsh(['guest-agent-timeout', '--domain', spec.uuid, '--timeout', String(AGENT_TIMEOUT_S)], {
        onFailure: 'go-on',
      }),
      watch(spec),
      virsh(
        spec.hold === 'freeze'
          ? ['domfsfreeze', '--domain', spec.uuid]
          : [`domfsfreeze --domain ${spec.uuid}; suspend --domain ${spec.uuid}`],
        { limit: 'normal', onFailure: 'go-on' },
      ),
    ];
  };

  return {
    take: (spec) => ({
      title: `Take snapshot ${spec.snapshot}`,
      commands: [
        removal(spec),
        ...(spec.hold === 'none' ? [] : [unwatch(spec), ...letGo(spec.uuid, spec.hold)]),
        ...hold(spec),
        // Whatever comes of one, the guest is let go: so none stops the script.
        ...spec.disks.map(({ of, volume }): Command => ({ ...take(spec, of, volume), onFailure: 'go-on' })),
        ...letGo(spec.uuid, spec.hold),
      ],
      parse: (ran) => readTaken(spec, ran),
    }),
    release: (spec) => ({
      title: 'Let the guest go on',
      commands: [...letGo(spec.uuid, spec.hold), ...(spec.hold === 'none' ? [] : [unwatch(spec)])],
      parse: nothing,
    }),
    drop: (spec) => ({
      title: `Remove snapshot ${spec.snapshot}`,
      commands: [...letGo(spec.uuid, spec.hold), ...(spec.hold === 'none' ? [] : [unwatch(spec)]), removal(spec)],
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

function take({ vg, snapshot, marks, parent }: SnapshotSpec, of: string, volume: string): Command {
  const more = [snapTag(snapshot), ...(parent === null ? [] : [fromTag(parent)])].flatMap((tag) => ['--addtag', tag]);
  return root('lvcreate', '-y', '-kn', '-s', '-n', volume, ...tags(marks), ...more, `${vg}/${of}`);
}

/** LVM itself selects by both marks, so nothing can come between the look and the removal. */
function removal({ vg, snapshot, marks }: Pick<SnapshotSpec, 'vg' | 'snapshot' | 'marks'>): Command {
  const select = `${selecting({ tag: opTag(marks.op) })} && ${selecting({ tag: snapTag(snapshot) })}`;
  return root('lvremove', '-y', '-S', select, vg);
}

/** Frozen only where both ends say so: what thawed meanwhile by itself was not frozen while it was taken. */
function readTaken(spec: SnapshotSpec, ran: readonly Ran[]): { readonly frozen: boolean } {
  const made = spec.disks.length;
  const letGoes = spec.hold === 'none' ? 0 : 1;
  const first = ran.length - made - letGoes;
  for (let index = first; index < first + made; index += 1) {
    const answer = answerTo(ran, index);
    if (answer.exit !== 0) throw refused('Taking the snapshot', answer);
  }
  if (!freezes(spec.hold)) return { frozen: false };
  const [held, letGo] = [answerTo(ran, first - 1), answerTo(ran, ran.length - 1)];
  const frozen = count(held, 'Froze') > 0 && count(letGo, 'Thawed') > 0;
  // One disk is one point of time anyway; several are not.
  if (!frozen && made > 1 && !/^Domain \S+ suspended$/m.test(held.stdout)) throw refused('Holding the guest', held);
  return { frozen };
}

/** How many file systems; an agent may answer and have none, as that of a guest that runs from its memory (`Froze 0 filesystem(s)`). */
function count({ stdout }: Ran, word: 'Froze' | 'Thawed'): number {
  return Number(new RegExp(`^${word} (\\d+) filesystem`, 'm').exec(stdout)?.[1] ?? 0);
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
