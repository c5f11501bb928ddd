/** sudo, timeout, uname, id. */
import { DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { rulePattern, sudoersFor } from '../../../src/infra/sudoers.ts';
import { fail, ok, type Tool, unknown } from './tool.ts';

/** What the bot's user may do as root: the very lines that `hostler host sudoers` prints, with any time limit and volume group. */
const MAY = sudoersFor('hostler', DEFAULT_LIMITS, 'cloudvg')
  .split('\n')
  .flatMap((line) => /NOPASSWD: \/usr\/bin\/(timeout .*)$/.exec(line)?.[1] ?? [])
  .map(
    (line) =>
      new RegExp(
        `^${rulePattern(line)
          .replaceAll('cloudvg', '[A-Za-z0-9_.+-]+')
          .replace(/-k 5 \d+/, '-k 5 \\d+')}$`,
        's',
      ),
  );

export const sudo: Tool = (call) => {
  const [option, ...rest] = call.args;
  if (option !== '-n')
    return unknown(
      `sudo ${option ?? ''}`,
      1,
      'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required',
    );
  const denied = fail(1, 'sudo: a password is required');
  if (call.model.sudo === 'refused') return denied;
  // Asked what it would do: the command by its path, or exit 1 without a word (tried on a real host).
  if (rest[0] === '-l') {
    const asked = rest.slice(1);
    return MAY.some((it) => it.test(asked.join(' '))) ? ok(`/usr/bin/${asked.join(' ')}\n`) : fail(1, '');
  }
  const argv = rest[0] === '--' ? rest.slice(1) : rest;
  if (!MAY.some((it) => it.test(argv.join(' ')))) return { ...denied, unknown: `sudo may not: ${argv.join(' ')}` };
  return call.run(argv, { root: true });
};

/** Ends nothing here: host.ts sees to commands that hang. */
export const timeout: Tool = (call) => {
  const [k, , seconds, ...argv] = call.args;
  if (k !== '-k' || !/^\d+$/.test(seconds ?? ''))
    return unknown(
      `timeout ${call.args.join(' ')}`,
      125,
      "timeout: invalid time interval\nTry 'timeout --help' for more information.",
    );
  return call.run(argv);
};

export const uname: Tool = ({ args, model }) => {
  const parts: Readonly<Record<string, string>> = { s: 'Linux', n: model.name, r: model.kernel, m: 'x86_64' };
  const letters = args.length === 0 ? 's' : args.join('').replaceAll('-', '');
  const strange = [...letters].find((it) => parts[it] === undefined);
  if (strange !== undefined)
    return unknown(
      `uname -${strange}`,
      1,
      `uname: invalid option -- '${strange}'\nTry 'uname --help' for more information.`,
    );
  return ok(
    `${Object.entries(parts)
      .filter(([letter]) => letters.includes(letter))
      .map(([, text]) => text)
      .join(' ')}\n`,
  );
};

export const id: Tool = ({ args, model, root }) => {
  const user = root ? 'root' : model.user;
  switch (args.join(' ')) {
    case '':
      return ok(
        root
          ? 'uid=0(root) gid=0(root) groups=0(root)\n'
          : `uid=1000(${user}) gid=1000(${user}) groups=1000(${user}),109(libvirt)\n`,
      );
    case '-un':
      return ok(`${user}\n`);
    case '-u':
      return ok(root ? '0\n' : '1000\n');
    case '-Gn':
    case '-nG':
      return ok(root ? 'root\n' : `${user} libvirt\n`);
    default:
      return unknown(
        `id ${args.join(' ')}`,
        1,
        `id: extra operand '${args[0]}'\nTry 'id --help' for more information.`,
      );
  }
};
