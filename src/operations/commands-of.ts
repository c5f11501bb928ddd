import type { Plan } from '../domain/plan.ts';
import type { Ran } from './ports.ts';
import type { StepCommands } from './service.ts';
import type { JournalRow } from './store.ts';

/** Lines of one command's output that are shown; the rest is in the audit. */
const OUTPUT_LINES = 30;

/** Each step's commands: what the journal holds of those that ran, what the plan holds of the others. */
export function commandsOf(plan: Plan, journal: readonly JournalRow[]): StepCommands[] {
  return plan.steps.map(({ name, title, host, commands }) => {
    const ran = journal.filter(({ step }) => step === name).flatMap((event) => event.ran);
    const lines = ran.length > 0 ? ran.flatMap(linesOf) : commands.map((line) => `$ ${line}`);
    return { title, host, lines: lines.length > 0 ? lines : ['(only looks, until it is so)'] };
  });
}

function linesOf(ran: Ran): string[] {
  const said = [ran.stdout, ran.stderr].flatMap((text) => (text.trim() === '' ? [] : text.trimEnd().split('\n')));
  const shown =
    said.length > OUTPUT_LINES ? [`… ${said.length - OUTPUT_LINES} lines`, ...said.slice(-OUTPUT_LINES)] : said;
  const end = ran.exit === null ? 'no end seen' : `exit ${ran.exit}`;
  return [`$ ${ran.line}`, ...shown, `# ${end}, ${ran.ms} ms`];
}
