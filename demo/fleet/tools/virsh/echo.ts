import { ok } from '../tool.ts';
import { flag, option, say, type VirshCommand } from './command.ts';

/** Says one word; with `--err` as an error is said, and yet it is none. */
export const echoCommands: Readonly<Record<string, VirshCommand>> = {
  echo: {
    options: { '--err': 'flag', '--string': 'value' },
    words: ['--string'],
    run: (call) => {
      const word = option(call, '--string') ?? '';
      return flag(call, '--err') ? { ...ok('\n'), stderr: `error: ${word}\n` } : say(word);
    },
  },
};
