/**
 * A command for a host, as an argument vector, and the one place where a vector becomes a line of shell.
 * Plans show what `commandLine` gives, and the same text runs: what was approved is what runs.
 */

/** The programs that Hostler ever starts on a host. `argv[0]` is one of these and never comes from input. */
export const TOOLS = [
  'virsh',
  'virt-install',
  'lvs',
  'vgs',
  'pvs',
  'lvcreate',
  'lvextend',
  'lvrename',
  'lvremove',
  'lvchange',
  'lvconvert',
  'lvmconfig',
  'qemu-img',
  'dd',
  'blkdiscard',
  'cat',
  'head',
  'rm',
  'mv',
  'mkdir',
  'test',
  'stat',
  'sha256sum',
  'sha512sum',
  'curl',
  'find',
  'osinfo-query',
  'zstd',
  'python3',
  'age',
  'ssh',
  'sudo',
  'systemctl',
  'systemd-run',
  'uname',
  'id',
  'df',
  'ip',
  'date',
  'ping',
  'bash',
  'awk',
  'dmsetup',
] as const;
export type Tool = (typeof TOOLS)[number];

/** How long a command may take, by kind of work. The seconds stand in the host's configuration: a slow host is not a broken one. */
export const TIME_CLASSES = ['quick', 'normal', 'slow', 'long'] as const;
export type TimeClass = (typeof TIME_CLASSES)[number];
/** Seconds for each class. */
export type TimeLimits = Readonly<Record<TimeClass, number>>;
export const DEFAULT_LIMITS: TimeLimits = { quick: 30, normal: 120, slow: 600, long: 7200 };

/** What a command reads: text (ends in a newline on the host, given or not), or bytes. `label` stands for them in a plan. */
export type Stdin =
  | { readonly kind: 'text'; readonly text: string; readonly label: string }
  | { readonly kind: 'bytes'; readonly base64: string; readonly label: string }
  /** By its name alone: what it is comes into it on the way to the host, and stands in no plan, row or log. */
  | { readonly kind: 'secret'; readonly name: SecretName; readonly label: string };

/** Secrets of the configuration that commands read. */
export type SecretName = 'backup-identity';

/** `input` and `output` are files of the bot's user, opened as him: what runs as root sees their bytes and not their names. */
export interface Detached {
  readonly unit: string;
  readonly input?: string;
  /** Emptied first. Nobody else can read it, and complaints don't go there. */
  readonly output?: string;
  /** Guests come first. */
  readonly gentle?: true;
}

/** One program of a command. */
export interface Stage {
  readonly argv: readonly [Tool, ...string[]];
  /** Runs as root through the host's sudoers file (`hostler host sudoers`). */
  readonly sudo?: boolean;
}

/** Programs in a row, each reading what the one before it wrote. */
export type Pipeline = readonly [Stage, ...Stage[]];

export interface Command extends Stage {
  /** The programs behind it, each reading what the one before it wrote. It fails where any of them does. */
  readonly pipe?: readonly Stage[];
  readonly stdin?: Stdin;
  readonly limit: TimeClass;
  /**
   * Runs on as a unit of the user's own systemd, so that neither the link nor the bot ends it: the command itself only begins it.
   * The unit stays to be looked at after its end. `limit` is the work's, not the beginning's.
   */
  readonly detached?: Detached;
  /** `stop` (default): when it fails, what follows in the same call does not run. `go-on`: the parser looks at its exit code. */
  readonly onFailure?: 'stop' | 'go-on';
}

const PLAIN = /^[A-Za-z0-9_.:=/@%+,-]+$/;

/** One shell word for one argument. A NUL can't be an argument, so it is refused. */
function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError('an argument holds a NUL byte');
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Arguments as a shell reads them. */
export function shellWords(argv: readonly string[]): string {
  return argv.map(quote).join(' ');
}

/**
 * The command as one line of POSIX shell, its time limit inside: `timeout` stands behind `sudo`,
 * for a plain one could not end what sudo started.
 */
export function commandLine(command: Command, limits: TimeLimits): string {
  const { detached, pipe } = command;
  const words = pipe === undefined ? stageWords(command, command.limit, limits) : pipeWords(command, pipe, limits);
  const line = detached === undefined ? words : limited(limits.normal, [...beginUnit(detached), ...words]);
  return shellWords(line);
}

/** What runs in a command, in order. */
export function stagesOf({ argv, sudo, pipe = [] }: Command): readonly Stage[] {
  return [sudo === undefined ? { argv } : { argv, sudo }, ...pipe];
}

function limited(seconds: number, argv: readonly string[]): readonly string[] {
  return ['timeout', '-k', '5', String(seconds), ...argv];
}

function stageWords({ argv, sudo }: Stage, limit: TimeClass, limits: TimeLimits): readonly string[] {
  const work = limited(limits[limit], argv);
  return sudo === true ? ['sudo', '-n', ...work] : work;
}

/** Before the stages of a pipe: it fails where any of them does. */
export const PIPE_FAILS = 'set -o pipefail; ';

/** What root does has its limit inside; all of it has the one around. */
function pipeWords(command: Command, pipe: readonly Stage[], limits: TimeLimits): readonly string[] {
  const stages = [command, ...pipe].map((stage) =>
    shellWords(stage.sudo === true ? stageWords(stage, command.limit, limits) : stage.argv),
  );
  return limited(limits[command.limit], ['bash', '-c', `${PIPE_FAILS}${stages.join(' | ')}`]);
}

/** `exec`: a unit that can't even begin is told at once. `RemainAfterExit`: a success stays to be seen, as a failure does anyway. */
function beginUnit({ unit, input, output, gentle }: Detached): readonly string[] {
  const properties = [
    'Type=exec',
    'RemainAfterExit=yes',
    ...(gentle === undefined ? [] : ['Nice=10']),
    ...(input === undefined ? [] : [`StandardInput=file:${input}`]),
    ...(output === undefined ? [] : ['UMask=0077', `StandardOutput=truncate:${output}`, 'StandardError=journal']),
  ];
  return ['systemd-run', '--user', `--unit=${unit}`, ...properties.map((each) => `--property=${each}`), '--'];
}

/** The line for people, with what the command reads named behind it, and its digest where it is too long to show. */
export function commandText(line: string, command: Command, hash: (text: string) => string): string {
  if (command.stdin === undefined) return line;
  if (command.stdin.kind === 'secret') return `${line} < ${command.stdin.label}`;
  const content = command.stdin.kind === 'text' ? command.stdin.text : command.stdin.base64;
  return `${line} < ${command.stdin.label} (sha256 ${hash(content).slice(0, 16)})`;
}
