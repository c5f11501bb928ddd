/** The image verbs: what a file holds, and pouring it into a volume. */
import { BotError } from '../../domain/error.ts';
import type { ImageVerbs } from '../../operations/driver.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { devicePath } from '../lvm/volumes.ts';
import { ImageInfo, readUnit } from './schema.ts';

export function imageVerbs(): ImageVerbs {
  return {
    // -U: a file that a running VM has open is locked, and a look does no harm.
    inspect: (path) => ({
      title: `Inspect image ${path}`,
      commands: [{ argv: ['qemu-img', 'info', '--output=json', '-U', '--', path], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => readInfo(path, answerTo(ran)),
    }),
    // -n: the volume is there already. -f: told, for a guess would let a raw image pass for another format.
    pour: ({ path, format, volume, unit }) => ({
      title: `Pour image ${path} into ${volume.vg}/${volume.name}`,
      commands: [
        {
          argv: ['qemu-img', 'convert', '-n', '-O', 'raw', '-f', format, path, devicePath(volume)],
          sudo: true,
          limit: 'long',
          detached: { unit },
        },
      ],
      parse: nothing,
    }),
    pouring: (unit) => ({
      title: `Look at unit ${unit}`,
      commands: [
        {
          argv: ['systemctl', '--user', 'show', '--property=LoadState,ActiveState,SubState,Result', `${unit}.service`],
          limit: 'quick',
        },
      ],
      parse: (ran) => {
        const state = readUnit(answerTo(ran).stdout);
        if (state === null) throw unreadable(`Looking at unit ${unit}`, answerTo(ran));
        return state;
      },
    }),
    stopPouring: (unit) => ({
      title: `Stop unit ${unit}`,
      commands: [
        { argv: ['systemctl', '--user', 'stop', `${unit}.service`], limit: 'normal', onFailure: 'go-on' },
        { argv: ['systemctl', '--user', 'reset-failed', `${unit}.service`], limit: 'quick', onFailure: 'go-on' },
      ],
      parse: (ran) => {
        for (const answer of ran)
          if (answer.exit !== 0 && !isNotLoaded(answer)) throw refused('Stopping the unit', answer);
      },
    }),
  };
}

/** Where there is no such unit, nothing has to be stopped. */
function isNotLoaded(answer: Ran): boolean {
  return /not loaded/.test(answer.stderr);
}

function readInfo(path: string, answer: Ran): { readonly format: string; readonly virtualBytes: number } | null {
  const act = `Inspecting ${path}`;
  if (answer.exit === 1 && answer.stderr.includes('No such file or directory')) return null;
  if (answer.exit !== 0) throw refused(act, answer);
  const info = ImageInfo.safeParse(answer.stdout);
  if (!info.success) throw unreadable(act, answer, info.error);
  const { format, virtualBytes, refersTo } = info.data;
  // Poured as root, such an image would bring in whatever file it names.
  if (refersTo !== null) {
    throw new BotError('invalid_input', `${path} is not a whole image: it draws on ${refersTo}`, {
      hint: 'Make one of its own with `qemu-img convert -O qcow2`, and add that.',
    });
  }
  return { format, virtualBytes };
}
