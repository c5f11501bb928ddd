/** What every parser of a host's answer needs: the one command's answer, and a readable refusal. */
import { BotError } from '../domain/error.ts';
import type { Ran } from '../operations/ports.ts';

/** The answer to the command at `index` of the call. Throws host_fault when it did not run. */
export function answerTo(ran: readonly Ran[], index = 0): Ran {
  const found = ran[index];
  if (found === undefined) throw new BotError('host_fault', 'The host gave fewer answers than it was asked for');
  return found;
}

/** Last lines of what a command said: of stderr, or of stdout where that is empty. One line, in the tool's own words. */
export function lastWords(ran: Ran, lines = 2): string {
  const said = ran.stderr.trim() === '' ? ran.stdout : ran.stderr;
  const kept = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-lines);
  if (kept.length > 0) return kept.join(' · ');
  if (ran.exit === 124 || ran.exit === 137) return 'no answer within the time limit';
  return `exit code ${ran.exit ?? 'unknown'}, and not a word`;
}

/** A `go-on` command's failure that its parser can't take for an answer. */
export function refused(act: string, ran: Ran): BotError {
  return new BotError('host_fault', `${act}: ${lastWords(ran)}`, { cause: { line: ran.line, exit: ran.exit } });
}

/** An answer that isn't what the tool is known to print. */
export function unreadable(act: string, ran: Ran, cause?: unknown): BotError {
  return new BotError('host_fault', `${act}: the host's answer can't be read`, {
    hint: 'See the command and its output in the operation; the tool may be of a version that Hostler does not know.',
    cause: cause ?? { line: ran.line, stdout: ran.stdout.slice(0, 2000) },
  });
}

/** For calls whose commands all stop on failure: that they ran is the answer. */
export const nothing = (): void => undefined;
