import type { StepLine, StepState } from '../../domain/notice.ts';
import { formatSpan } from '../../domain/size.ts';
import { clip, escapeMrkdwn } from './text.ts';

const MARKS: Readonly<Record<StepState, string>> = {
  waiting: '○',
  running: '…',
  done: '✓',
  failed: '✗',
  unknown: '?',
  undoing: '↩ …',
  undone: '↩',
  skipped: '–',
};
const LINE_CHARS = 400;

/** A line for each step: its mark, title, host, how long it took. In Slack's markup, or plain. */
function stepLines(steps: readonly StepLine[], markup: boolean): string[] {
  return steps.map((step) => {
    const busy = markup && (step.state === 'running' || step.state === 'undoing' || step.state === 'failed');
    const title = escapeMrkdwn(clip(step.title.replaceAll('\n', ' '), LINE_CHARS));
    const more = [
      step.host,
      ...(step.ms === null ? [] : [elapsed(step.ms)]),
      ...(step.note === undefined ? [] : [clip(step.note.replaceAll('\n', ' '), LINE_CHARS)]),
    ].filter((part) => part !== '');
    const tail = more.length === 0 ? '' : `  ·  ${escapeMrkdwn(more.join(' · '))}`;
    return `${MARKS[step.state]}  ${busy ? `*${title}*` : title}${tail}`;
  });
}

/** The lines that fit, around the step that is under way; the rest is counted. */
export function fitSteps(steps: readonly StepLine[], max: number, markup = true): string {
  const lines = stepLines(steps, markup);
  const over = (state: StepState): boolean => state === 'done' || state === 'undone' || state === 'skipped';
  const found = steps.findIndex((step) => !over(step.state));
  const current = found < 0 ? steps.length - 1 : found;
  const room = max - 60;
  let from = current;
  let to = current;
  let used = (lines[current] ?? '').length;
  for (;;) {
    const after = lines[to + 1];
    const before = lines[from - 1];
    if (after !== undefined && used + after.length + 1 <= room) {
      to += 1;
      used += after.length + 1;
    } else if (before !== undefined && used + before.length + 1 <= room) {
      from -= 1;
      used += before.length + 1;
    } else {
      break;
    }
  }
  const shown = lines.slice(from, to + 1);
  if (from > 0) shown.unshift(`✓  … ${from} before`);
  if (to < lines.length - 1) shown.push(`○  … ${lines.length - 1 - to} after`);
  return shown.join('\n');
}

/** `0.4 s`, `12 s`, `2 min 5 s`. */
function elapsed(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : formatSpan(ms);
}
