/** Disks of running domains, mirrored into other block devices. */
import type { MirrorVerbs } from '../../operations/mirror-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused } from '../answer.ts';
import { isNotRunning, type Virsh } from './virsh.ts';

export function mirrorVerbs(virsh: Virsh): MirrorVerbs {
  // --reuse-external: the volume is there. --transient-job: else libvirt mirrors no disk of a domain that it has a definition of.
  // --synchronous-writes: a guest that writes faster than the volume takes it would else never let the mirror come to its end.
  const begin = (uuid: string, from: string, to: string) =>
    virsh(
      [
        'blockcopy',
        '--domain',
        uuid,
        '--path',
        from,
        '--dest',
        to,
        '--blockdev',
        '--format',
        'raw',
        '--reuse-external',
        '--transient-job',
        '--synchronous-writes',
      ],
      { limit: 'normal', onFailure: 'go-on' },
    );
  const end = (uuid: string, from: string, how: '--pivot' | '--abort') =>
    virsh(['blockjob', '--domain', uuid, '--path', from, how], { limit: 'normal', onFailure: 'go-on' });
  return {
    begin: (uuid, { from, to }) => ({
      title: `Mirror ${from} into ${to}`,
      commands: [begin(uuid, from, to)],
      parse: (ran) => readBegin(answerTo(ran)),
    }),
    giveUp: (uuid, { from }) => ({
      title: `Give up the mirror of ${from}`,
      commands: [end(uuid, from, '--abort')],
      parse: (ran) => readEnd('Giving up the mirror', answerTo(ran), true),
    }),
    pivot: (uuid, { from, to }) => ({
      title: `Let the guest go on with ${to}`,
      commands: [end(uuid, from, '--pivot')],
      parse: (ran) => readEnd('Going over to the mirror', answerTo(ran), false),
    }),
    advance: (uuid, { from, to }) => ({
      title: `Mirror ${from} into ${to}, and let the guest go on with that`,
      commands: [end(uuid, from, '--pivot'), begin(uuid, from, to)],
      parse: (ran) => {
        if (!/not ready for pivot/.test(answerTo(ran).stderr)) readEnd('Going over to the mirror', answerTo(ran), true);
        readBegin(answerTo(ran, 1));
      },
    }),
  };
}

/** The domain has that block device behind no disk: not yet, or not any more. */
function isElsewhere({ stderr }: Ran): boolean {
  return /not found in domain|not assigned to domain/.test(stderr);
}

function readBegin(answer: Ran): void {
  const mirrored = /already in active block job|already has an active block job/.test(answer.stderr);
  if (answer.exit !== 0 && !mirrored && !isElsewhere(answer)) throw refused('Mirroring the disk', answer);
}

/** `offToo`: of a domain that is off nothing is mirrored, so there is nothing to give up. */
function readEnd(act: string, answer: Ran, offToo: boolean): void {
  const none = /does not have an active block job|No active operation on device/.test(answer.stderr);
  if (answer.exit !== 0 && !none && !isElsewhere(answer) && !(offToo && isNotRunning(answer)))
    throw refused(act, answer);
}
