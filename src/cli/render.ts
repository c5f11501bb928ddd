import { type Notice, plainText, type StepLine, type Table, type Text, type Tone } from '../domain/notice.ts';
import { formatSpan } from '../domain/size.ts';
import { timeIn } from '../domain/time-zone.ts';
import { clip, columns, padEnd, plain, wrap } from './text-width.ts';

/** What a terminal can show. */
export interface Screen {
  /** Columns; null where lines may be as long as they are (no terminal: a file, a pipe). */
  readonly width: number | null;
  readonly colors: boolean;
  /** IANA zone of shown times. */
  readonly zone: string;
}

/** The screen behind a stream. `NO_COLOR` (no-color.org) and `TERM=dumb` are heeded. */
export function screenOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Screen {
  const tty = stream.isTTY === true;
  return {
    // A pseudo-terminal that nobody has sized says 0.
    width: tty ? Math.max(40, Math.min(stream.columns || 80, 160)) : null,
    colors: tty && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

const COLORS: Readonly<Record<Tone, string>> = {
  plain: '1',
  busy: '36',
  wait: '33',
  good: '32',
  warn: '33',
  bad: '31',
};
const MARKS: Readonly<Record<StepLine['state'], readonly [mark: string, color: string]>> = {
  waiting: ['·', '2'],
  running: ['…', '36'],
  done: ['✓', '32'],
  failed: ['✗', '31'],
  unknown: ['?', '33'],
  undoing: ['↶', '33'],
  undone: ['↺', '33'],
  skipped: ['-', '2'],
};

/** A notice as lines for a terminal, without a newline at the end. Buttons are left out: what they do is typed. */
export function renderNotice(notice: Notice, screen: Screen): string {
  const words = (text: Text): string => plain(plainText(text, (at) => timeIn(at, screen.zone)));
  const flow = (text: string, indent: number): string[] => {
    const lines = screen.width === null ? text.split('\n') : wrap(text, screen.width - indent);
    return lines.map((line) => `${' '.repeat(indent)}${line}`.trimEnd());
  };
  const parts: string[][] = [[paint(plain(notice.title), COLORS[notice.tone], screen)]];
  if (notice.lines !== undefined && notice.lines.length > 0)
    parts.push(notice.lines.flatMap((line) => flow(words(line), 0)));
  if (notice.facts !== undefined && notice.facts.length > 0) {
    const names = notice.facts.map((fact) => plain(fact.name));
    const width = Math.min(24, Math.max(...names.map(columns)));
    parts.push(
      notice.facts.flatMap((fact, i) => {
        const name = names[i] ?? '';
        const value = flow(words(fact.value), width + 4);
        // A long name stands on a line of its own, so that the values stay in one column.
        if (columns(name) > width) return [`  ${name}`, ...value];
        return [`  ${padEnd(name, width)}  ${(value[0] ?? '').trimStart()}`.trimEnd(), ...value.slice(1)];
      }),
    );
  }
  if (notice.table !== undefined) parts.push(renderTable(notice.table, screen));
  if (notice.steps !== undefined && notice.steps.length > 0) {
    parts.push(notice.steps.map((step) => `  ${renderStep(step, screen)}`));
  }
  if (notice.code !== undefined && notice.code.text !== '') {
    parts.push([
      `${plain(notice.code.label)}:`,
      ...plain(notice.code.text)
        .split('\n')
        .map((line) => `  ${line}`.trimEnd()),
    ]);
  }
  if (notice.footer !== undefined) parts.push(flow(words(notice.footer), 0).map((line) => paint(line, '2', screen)));
  // A title and what is said right under it are one paragraph.
  return parts
    .map((lines) => lines.join('\n'))
    .reduce((text, part, i) => (i <= 1 ? `${text}\n${part}` : `${text}\n\n${part}`));
}

/** `✓ Clone image tiny (kvm-1, 2 s)`. */
export function renderStep(step: StepLine, screen: Screen): string {
  const [mark, color] = MARKS[step.state];
  const took = step.ms === null ? '' : `, ${step.ms < 1000 ? `${step.ms} ms` : formatSpan(step.ms)}`;
  const note = step.note === undefined ? '' : ` ${plain(step.note)}`;
  return `${paint(mark, color, screen)} ${plain(step.title)} (${plain(step.host)}${took})${note}`;
}

/** Columns as wide as they need; on a terminal the widest are clipped until a row fits its line. */
function renderTable(table: Table, screen: Screen): string[] {
  if (table.rows.length === 0) return [plain(table.empty)];
  const rows = [table.columns, ...table.rows].map((row) =>
    table.columns.map((_, i) => plain(row[i] ?? '').replaceAll('\n', ' ')),
  );
  const widths = table.columns.map((_, i) => Math.max(...rows.map((row) => columns(row[i] ?? ''))));
  if (screen.width !== null) {
    let over = widths.reduce((sum, width) => sum + width + 2, -2) - screen.width;
    while (over > 0) {
      const widest = widths.indexOf(Math.max(...widths));
      const width = widths[widest] ?? 0;
      if (width <= 8) break;
      widths[widest] = width - 1;
      over -= 1;
    }
  }
  return rows.map((row, r) => {
    const line = row
      .map((cell, i) => padEnd(clip(cell, widths[i] ?? 0), widths[i] ?? 0))
      .join('  ')
      .trimEnd();
    return r === 0 ? paint(line, '1', screen) : line;
  });
}

function paint(text: string, color: string, screen: Screen): string {
  return screen.colors ? `\u001b[${color}m${text}\u001b[0m` : text;
}
