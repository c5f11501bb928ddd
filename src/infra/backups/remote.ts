/**
 * Files on another machine, as a host reaches them: over SSH, with a key and a list of known host keys of its own, which lie in the home of the
 * bot's user. Nothing of them comes from the bot.
 */
import { type Command, type Pipeline, type Stage, shellWords } from '../../domain/command.ts';
import { type Remote, readPlace } from '../../domain/place.ts';
import type { HostCall } from '../../operations/ports.ts';

/** Its private key, and beside it the keys that it may answer with. ssh itself puts the home in. */
export const TARGET_KEY = '~/.ssh/hostler-backup';
export const TARGET_KNOWN = `${TARGET_KEY}.known`;

/** What ssh ends with where it did not get so far as to run anything, or lost the link. */
export const NOT_REACHED = 255;

const OPTIONS = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  `UserKnownHostsFile=${TARGET_KNOWN}`,
  'GlobalKnownHostsFile=none',
  'IdentitiesOnly=yes',
  `IdentityFile=${TARGET_KEY}`,
  'ConnectTimeout=15',
  // One that is gone in the middle is told within a minute.
  'ServerAliveInterval=15',
  'ServerAliveCountMax=4',
  'LogLevel=ERROR',
] as const;

/** ssh up to the line that it runs there. -F: the host's own settings are for people. */
export function sshTo({ user, address, port }: Remote): Stage['argv'] {
  const options = OPTIONS.flatMap((option) => ['-o', option]);
  return ['ssh', '-F', 'none', '-T', ...options, '-p', String(port), `${user}@${address}`];
}

/** Runs a program there. Its words are as here, whatever language the machine speaks. */
export function runThere(remote: Remote, argv: readonly string[]): Stage {
  return { argv: [...sshTo(remote), lineThere(argv)] };
}

export function lineThere(argv: readonly string[]): string {
  return `LC_ALL=C ${shellWords(argv)}`;
}

/** What comes out of a pipeline goes into a file there that nobody else can read. What was to run there last writes it itself. */
export function intoFile(pipeline: Pipeline, remote: Remote, path: string): Pipeline {
  const to = `> ${shellWords([path])}`;
  const [only] = pipeline;
  const line = only.argv.at(-1) ?? '';
  if (pipeline.length === 1 && only.argv[0] === 'ssh')
    return [{ argv: [...sshTo(remote), `umask 077; ${line} ${to}`] }];
  return [...pipeline, { argv: [...sshTo(remote), `umask 077; ${lineThere(['cat'])} ${to}`] }];
}

/** A call on files, made where these lie. `there` has their paths on that machine; all of them are on the same. */
export function callAt<T>(paths: readonly string[], there: (paths: readonly string[]) => HostCall<T>): HostCall<T> {
  const places = paths.map(readPlace);
  const call = there(places.map(({ path }) => path));
  const remote = places[0]?.remote ?? null;
  if (remote === null) return call;
  const sent = ({ argv, ...command }: Command): Command => ({ ...command, ...runThere(remote, argv) });
  return { ...call, commands: call.commands.map(sent) };
}
