/** Whole volumes copied and compared, by units of the host's systemd. */
import type { Command } from '../../domain/command.ts';
import type { CopyVerbs } from '../../operations/copy-verbs.ts';
import { nothing } from '../answer.ts';
import { devicePath } from './volumes.ts';

export function copyVerbs(): CopyVerbs {
  return {
    // `none`: around the cache, which would else push out what guests have there. -n: the volume is there already.
    copy: ({ from, to, blank, unit }) => ({
      title: `Copy volume ${from.vg}/${from.name} into ${to.vg}/${to.name}`,
      commands: [
        work(unit, [
          'qemu-img',
          'convert',
          '-n',
          '-O',
          'raw',
          '-f',
          'raw',
          '-T',
          'none',
          '-t',
          'none',
          ...(blank ? ['--target-is-zero'] : []),
          devicePath(from),
          devicePath(to),
        ]),
      ],
      parse: nothing,
    }),
    // -U: a running VM that is suspended for it has both open, and locked.
    compare: ({ from, to, unit }) => ({
      title: `Compare volumes ${from.vg}/${from.name} and ${to.vg}/${to.name}`,
      commands: [
        work(unit, [
          'qemu-img',
          'compare',
          '-f',
          'raw',
          '-F',
          'raw',
          '-T',
          'none',
          '-U',
          devicePath(from),
          devicePath(to),
        ]),
      ],
      parse: nothing,
    }),
  };
}

/** Guests come first: nobody waits for it at a screen. */
function work(unit: string, argv: Command['argv']): Command {
  return { argv, sudo: true, limit: 'long', detached: { unit, gentle: true } };
}
