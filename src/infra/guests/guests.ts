/** What is done inside guests, by their agents. */
import { BotError } from '../../domain/error.ts';
import type { FilesystemChecked, GuestCommand, GuestRan, GuestVerbs, Traces } from '../../operations/guest-verbs.ts';
import { nothing } from '../answer.ts';
import type { Virsh } from '../libvirt/virsh.ts';
import { CHECK } from './check-script.ts';
import { CLEAN, TRACES } from './clean-scripts.ts';
import { runIn } from './run.ts';

/** The end of what it says, and its own exit code. */
export const COMMAND = 'said=$(sh -c "$1" 2>&1 </dev/null); code=$?; printf "%s\\n" "$said" | tail -n 3; exit "$code"';
export const SHA256 = 'sha256sum "$1"';

export function guestVerbs(virsh: Virsh, uri: string): GuestVerbs {
  const run = runIn(uri);
  return {
    run,
    command: (uuid, line) => {
      const call = run(uuid, { title: `Run in the guest: ${line}`, script: COMMAND, given: [line], limit: 'normal' });
      return { ...call, parse: (ran) => readCommand(call.parse(ran)) };
    },
    sha256: (uuid, path) => {
      const title = `Work out the SHA-256 of ${path} in the guest`;
      const call = run(uuid, { title, script: SHA256, given: [path], limit: 'normal' });
      return { ...call, parse: (ran) => readSum(title, call.parse(ran)) };
    },
    check: (uuid, serial) => {
      const title = `Check the filesystems on disk ${serial} of the guest`;
      const call = run(uuid, { title, script: CHECK, given: [serial], limit: 'slow' });
      return { ...call, parse: (ran) => readChecked(title, call.parse(ran)) };
    },
    clean: (uuid) => {
      const title = 'Have the guest remove what one machine alone should have';
      const call = run(uuid, { title, script: CLEAN, limit: 'slow' });
      return { ...call, parse: (ran) => endedWell(title, call.parse(ran)) };
    },
    traces: (uuid) => {
      const title = 'Ask the guest what is left of it';
      const call = run(uuid, { title, script: TRACES, limit: 'normal' });
      return { ...call, parse: (ran) => readTraces(title, call.parse(ran)) };
    },
    freeze: (uuid) => ({
      title: `Have the agent of domain ${uuid} freeze its filesystems`,
      commands: [virsh(['domfsfreeze', '--domain', uuid], { limit: 'normal', onFailure: 'go-on' })],
      parse: nothing,
    }),
  };
}

function readCommand({ exit, stdout }: GuestRan): GuestCommand {
  return { exit, lastLines: stdout.trim().slice(-500) };
}

/** sha256sum ends with 1 where it can't read the file. */
function readSum(act: string, ran: GuestRan): string | null {
  const hex = /^([0-9a-f]{64}) /.exec(ran.stdout)?.[1];
  if (ran.exit === 0 && hex !== undefined) return hex;
  if (ran.exit === 1) return null;
  throw new BotError('host_fault', `${act}: exit code ${ran.exit}. ${ran.stderr.slice(-400).trim()}`);
}

function readChecked(act: string, ran: GuestRan): FilesystemChecked[] {
  endedWell(act, ran);
  const states: Readonly<Record<string, FilesystemChecked['state']>> = { good: 'good', bad: 'bad', none: 'none' };
  return ran.stdout.split('\n').flatMap((line): FilesystemChecked[] => {
    const [, word = '', part = '', type = '', why = ''] = /^(good|bad|none) (\S+) (\S+?)(?:: (.*))?$/.exec(line) ?? [];
    const state = states[word];
    return state === undefined ? [] : [{ part, type, state, why: why.trim().slice(0, 300) }];
  });
}

function endedWell(act: string, { exit, stderr }: GuestRan): void {
  if (exit !== 0) throw new BotError('host_fault', `${act}: exit code ${exit}. ${stderr.slice(-400).trim()}`);
}

/** Throws where it did not say of each kind what there is. */
export function readTraces(act: string, ran: GuestRan): Traces {
  endedWell(act, ran);
  const lines = ran.stdout.split('\n');
  const of = (pattern: RegExp) => lines.flatMap((line) => [pattern.exec(line)]).filter((found) => found !== null);
  const traces: Traces = {
    clean: of(/^clean (.+)$/).map(([, kind = '']) => kind),
    left: of(/^left (.+?): (.*)$/).map(([, kind = '', where = '']) => ({ kind, where })),
    cloudInit: lines.includes('cloud-init'),
  };
  if (traces.clean.length + traces.left.length !== KINDS) {
    throw new BotError('host_fault', `${act}: the guest did not say all of it. ${ran.stderr.slice(-400).trim()}`);
  }
  return traces;
}

/** So many are looked for. */
const KINDS = TRACES.split('\n').filter((line) => line.startsWith('tell ')).length;
