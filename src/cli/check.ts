import { asBotError } from '../domain/error.ts';
import type { CheckLine } from '../operations/ports.ts';
import type { Check } from './composition.ts';
import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text-width.ts';

interface Checked {
  readonly name: string;
  readonly ok: boolean;
  readonly checks: readonly CheckLine[];
}

/** `hostler check`: a line for each thing, with what to do for each ✗. All parts are looked at side by side, and told in order. */
export async function check(checks: readonly Check[], json: boolean, terminal: Terminal): Promise<number> {
  const running = checks.map(look);
  const done: Checked[] = [];
  for (const next of running) {
    const checked = await next;
    done.push(checked);
    if (!json) terminal.out(plain(lines(checked, terminal)));
  }
  const bad = done.flatMap((each) => each.checks).filter(({ ok }) => !ok).length;
  if (json) terminal.out(JSON.stringify({ ok: bad === 0, checks: done }, null, 2));
  else terminal.out(bad === 0 ? 'All is well.' : `${bad} ${bad === 1 ? 'thing needs' : 'things need'} doing.`);
  return bad === 0 ? EXIT.done : EXIT.failed;
}

/** A check that can't be carried out is a ✗ itself. */
async function look({ name, run }: Check): Promise<Checked> {
  let checks: readonly CheckLine[];
  try {
    checks = await run();
  } catch (cause) {
    const error = asBotError(cause);
    checks = [{ ok: false, what: error.message, hint: error.hint ?? null }];
  }
  return { name, ok: checks.every(({ ok }) => ok), checks };
}

function lines({ name, checks }: Checked, { outScreen }: Terminal): string {
  const narrow = outScreen.width !== null && outScreen.width < 60;
  return [
    name,
    ...checks.flatMap(({ ok, what, hint }, i) => [
      `  ${ok ? '✓' : '✗'} ${what.replaceAll('\n', '\n    ')}`,
      // What helps several in a row is said once, after the last.
      ...(hint === null || hint === checks[i + 1]?.hint ? [] : [`${narrow ? '    ' : '      '}→ ${hint}`]),
    ]),
  ].join('\n');
}
