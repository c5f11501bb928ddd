/** A shell script in a guest, by its agent, from its beginning to its end in one call. */
import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import type { GuestRan, GuestScript, GuestVerbs } from '../../operations/guest-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused, unreadable } from '../answer.ts';
import { EXEC_FORBIDDEN, SILENT } from '../libvirt/agent-ping.ts';
import { json } from '../lvm/lvs.ts';

/**
 * `guest-exec` answers with a number, by which the end is asked for: so it takes a shell on the host. Connection, domain and request come
 * as arguments. The host's time limit ends the asking, and not what runs in the guest.
 */
export const GUEST_RUN = [
  'ask() { virsh -c "$1" qemu-agent-command --domain "$2" --timeout 10 --cmd "$3"; }',
  'began=$(ask "$1" "$2" "$3") || exit 1',
  '[[ $began =~ \\"pid\\":([0-9]+) ]] || { printf "%s\\n" "$began" >&2; exit 1; }',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  'status="{\\"execute\\":\\"guest-exec-status\\",\\"arguments\\":{\\"pid\\":${BASH_REMATCH[1]}}}"',
  'while :; do',
  'ended=$(ask "$1" "$2" "$status") || exit 1',
  '[[ $ended == *\\"exited\\":true* ]] && break',
  'sleep 1',
  'done',
  'printf "%s\\n" "$ended"',
].join('\n');

const Ended = z.object({
  return: z.object({
    exitcode: z.int().optional(),
    signal: z.int().optional(),
    'out-data': z.base64().default(''),
    'err-data': z.base64().default(''),
  }),
});

export function runIn(uri: string): GuestVerbs['run'] {
  return (uuid, { title, script, given = [], limit }) => ({
    title,
    commands: [
      {
        argv: ['bash', '-c', GUEST_RUN, 'hostler', uri, uuid, requestFor({ script, given })],
        limit,
        onFailure: 'go-on',
      },
    ],
    parse: (ran) => readRan(title, answerTo(ran)),
  });
}

/** The agent's request: a shell in the guest, whose output is kept. */
function requestFor({ script, given = [] }: Pick<GuestScript, 'script' | 'given'>): string {
  const arg = ['-c', script, 'hostler', ...given];
  return JSON.stringify({ execute: 'guest-exec', arguments: { path: '/bin/sh', arg, 'capture-output': true } });
}

function readRan(act: string, answer: Ran): GuestRan {
  if (answer.exit !== 0) throw notRun(act, answer);
  const ended = Ended.safeParse(json(answer, act));
  if (!ended.success) throw unreadable(act, answer, ended.error);
  const { exitcode, signal, 'out-data': out, 'err-data': err } = ended.data.return;
  return { exit: signal === undefined ? (exitcode ?? 0) : 128 + signal, stdout: text(out), stderr: text(err) };
}

function notRun(act: string, answer: Ran): BotError {
  const cause = { line: answer.line, stderr: answer.stderr };
  if (EXEC_FORBIDDEN.test(answer.stderr)) {
    return new BotError('wrong_state', `${act}: the guest’s agent may not run commands`, {
      hint: 'Enterprise Linux forbids it by default: take `guest-exec` and `guest-exec-status` out of what /etc/sysconfig/qemu-ga blocks in the guest.',
      cause,
    });
  }
  if (/Failed to execute child process/.test(answer.stderr)) {
    return new BotError('wrong_state', `${act}: the guest has no /bin/sh`, { hint: 'Do it by hand there.', cause });
  }
  if (SILENT.test(answer.stderr)) {
    return new BotError('wrong_state', `${act}: the guest’s agent does not answer`, {
      hint: 'Install and start qemu-guest-agent in it.',
      cause,
    });
  }
  return refused(act, answer);
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
