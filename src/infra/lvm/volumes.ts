/** The volume verbs. All that is made bears its marks as tags, in the command that makes it. */
import type { Command } from '../../domain/command.ts';
import { fromTag, opTag, vmTag } from '../../domain/marks.ts';
import { formatSize } from '../../domain/size.ts';
import type { Marks, VolumeName, VolumeVerbs } from '../../operations/driver.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused } from '../answer.ts';
import { lvs, lvsAttributes, readsZeros, readVolumes, selecting } from './lvs.ts';

const SECTOR = 512;

export function volumeVerbs(): VolumeVerbs {
  return {
    look: ({ vg, name }) => ({
      title: `Look at volume ${vg}/${name}`,
      commands: [lvs(vg, { select: selecting({ name }) })],
      parse: (ran) => readVolumes(answerTo(ran))[0] ?? null,
    }),
    byTag: (vg, tag) => ({
      title: `Find the volumes of ${vg} with tag ${tag}`,
      commands: [lvs(vg, { select: selecting({ tag }) })],
      parse: (ran) => readVolumes(answerTo(ran)),
    }),
    // -kn: a thin snapshot is otherwise skipped at activation, and no VM could start from it.
    clone: ({ vg, name, origin, originBytes, sizeBytes, marks, from }) => ({
      title: `Clone volume ${origin} to ${vg}/${name}`,
      commands: [
        root(
          'lvcreate',
          '-y',
          '-kn',
          '-s',
          '-n',
          name,
          ...tags(marks),
          ...(from === undefined ? [] : ['--addtag', fromTag(from)]),
          `${vg}/${origin}`,
        ),
        ...(sizeBytes > originBytes ? [root('lvextend', '-L', bytes(sizeBytes), `${vg}/${name}`)] : []),
      ],
      parse: nothing,
    }),
    createThin: ({ vg, name, pool, sizeBytes, marks }) => ({
      title: `Create thin volume ${vg}/${name}`,
      commands: [root('lvcreate', '-y', '-V', bytes(sizeBytes), '--thinpool', pool, '-n', name, ...tags(marks), vg)],
      parse: nothing,
    }),
    // -Wy: signatures of what once lay there would be found by the guest. The rest stays until it is wiped.
    createThick: ({ vg, name, sizeBytes, marks }) => ({
      title: `Create volume ${vg}/${name}`,
      commands: [root('lvcreate', '-y', '-Wy', '-L', bytes(sizeBytes), '-n', name, ...tags(marks), vg)],
      parse: nothing,
    }),
    extend: ({ vg, name, sizeBytes }) => ({
      title: `Extend volume ${vg}/${name}`,
      commands: [{ ...root('lvextend', '-L', bytes(sizeBytes), `${vg}/${name}`), onFailure: 'go-on' }],
      parse: readExtend,
    }),
    // Without -f it refuses a device that the host itself has mounted.
    wipe: ({ vg, name, fromBytes, unit }) => ({
      title: `Write zeros over volume ${vg}/${name}${fromBytes === 0 ? '' : ` from ${formatSize(fromBytes)} on`}`,
      commands: [
        {
          argv: ['blkdiscard', '-z', '-o', String(fromBytes), devicePath({ vg, name })],
          sudo: true,
          limit: 'long',
          detached: { unit, gentle: true },
        },
      ],
      parse: nothing,
    }),
    rename: ({ vg, name, to }) => ({
      title: `Rename volume ${vg}/${name} to ${to}`,
      commands: [root('lvrename', vg, name, to)],
      parse: nothing,
    }),
    // The selection is LVM's own, so nothing can come between the look at the tag and the removal.
    removeMarked: ({ vg, name, tag }) => ({
      title: `Remove volume ${vg}/${name}`,
      commands: [root('lvremove', '-y', '-S', selecting({ name, tag }), vg)],
      parse: nothing,
    }),
    retag: ({ vg, name, add, remove }) => ({
      title: `Change the tags of volume ${vg}/${name}`,
      commands: [
        root(
          'lvchange',
          ...add.flatMap((tag) => ['--addtag', tag]),
          ...remove.flatMap((tag) => ['--deltag', tag]),
          `${vg}/${name}`,
        ),
      ],
      parse: nothing,
    }),
    zeroes: ({ vg, name }) => ({
      title: `Look how pool ${vg}/${name} gives out what it has`,
      commands: [lvsAttributes(vg, selecting({ name }))],
      parse: (ran) => readsZeros(answerTo(ran)),
    }),
    devicePath,
  };
}

export function devicePath({ vg, name }: VolumeName): string {
  return `/dev/${vg}/${name}`;
}

/** A command of LVM's that changes something: as root. */
export function root(tool: 'lvcreate' | 'lvextend' | 'lvrename' | 'lvremove' | 'lvchange', ...args: string[]): Command {
  return { argv: [tool, ...args], sudo: true, limit: 'normal' };
}

/** The marks as options of a command that makes a volume. */
function tags({ op, vm }: Marks): string[] {
  return ['--addtag', opTag(op), '--addtag', vmTag(vm)];
}

/** LVM takes whole sectors only, and itself rounds up to whole extents. */
export function bytes(size: number): string {
  if (!Number.isSafeInteger(size) || size <= 0) throw new RangeError(`not a size in bytes: ${size}`);
  return `${Math.ceil(size / SECTOR) * SECTOR}b`;
}

/** A volume that is as large already is what was wanted; LVM calls it exit 5. */
export function readExtend(ran: readonly Ran[]): void {
  const answer = answerTo(ran);
  const large = /matches existing size|not larger than existing size/.test(answer.stderr);
  if (answer.exit !== 0 && !large) throw refused('Extending the volume', answer);
}
