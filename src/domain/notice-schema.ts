import { z } from 'zod';
import type { Attachment, Chart } from './chart.ts';
import type { Button, Fact, Inline, Notice, Press, StepLine, Table, Text } from './notice.ts';

/** Notices and presses as they come back from rows and from buttons: read, and never trusted to be what was written. */

/** How the action_id of a press's button begins. */
export const PRESS = 'press:';

const InlineShape: z.ZodType<Inline> = z.union([
  z.string(),
  z.strictObject({ bold: z.string() }),
  z.strictObject({ code: z.string() }),
  z.strictObject({ at: z.number() }),
  z.strictObject({ person: z.string(), slack: z.string().nullable() }),
]);
const TextShape: z.ZodType<Text> = z.union([z.string(), z.array(InlineShape)]);

const Input = z.record(z.string(), z.unknown());
const PressShape: z.ZodType<Press> = z.union([
  z.strictObject({
    do: z.enum(['accept', 'cancel', 'approve', 'deny', 'retry', 'roll-back', 'leave', 'wait']),
    op: z.string(),
    digest: z.string(),
  }),
  z.strictObject({ do: z.literal('commands'), op: z.string() }),
  z.strictObject({ do: z.literal('run'), name: z.string(), input: Input }),
  z.strictObject({ do: z.literal('open'), name: z.string(), input: Input }),
]);

const FactShape: z.ZodType<Fact> = z.strictObject({ name: z.string(), value: TextShape });
const TableShape: z.ZodType<Table> = z.strictObject({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  empty: z.string(),
});
const StepShape: z.ZodType<StepLine> = z.strictObject({
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'unknown', 'undoing', 'undone', 'skipped']),
  host: z.string(),
  ms: z.number().nullable(),
  note: z.string().exactOptional(),
});
const ButtonShape: z.ZodType<Button> = z.strictObject({
  label: z.string(),
  press: PressShape,
  style: z.enum(['primary', 'danger']).exactOptional(),
  confirm: z.strictObject({ title: z.string(), text: z.string(), yes: z.string() }).exactOptional(),
});
const Numbers = z.array(z.number().nullable());
const ChartShape: z.ZodType<Chart> = z.strictObject({
  title: z.string(),
  alt: z.string(),
  unit: z.string(),
  labels: z.array(z.string()),
  series: z.array(
    z.strictObject({ name: z.string(), values: Numbers, look: z.enum(['line', 'forecast', 'limit', 'bar']) }),
  ),
  band: z.strictObject({ name: z.string(), low: Numbers, high: Numbers }).nullable(),
});
const FileShape: z.ZodType<Attachment> = z.strictObject({ name: z.string(), title: z.string(), text: z.string() });
const NoticeShape: z.ZodType<Notice> = z.strictObject({
  tone: z.enum(['plain', 'busy', 'wait', 'good', 'warn', 'bad']),
  title: z.string(),
  lines: z.array(TextShape).exactOptional(),
  facts: z.array(FactShape).exactOptional(),
  table: TableShape.exactOptional(),
  steps: z.array(StepShape).exactOptional(),
  code: z.strictObject({ label: z.string(), text: z.string() }).exactOptional(),
  buttons: z.array(ButtonShape).exactOptional(),
  charts: z.array(ChartShape).exactOptional(),
  files: z.array(FileShape).exactOptional(),
  footer: TextShape.exactOptional(),
});

/** The notice that a row holds; null for anything else. */
export function readNotice(value: unknown): Notice | null {
  const read = NoticeShape.safeParse(value);
  return read.success ? read.data : null;
}

/** The press that a button's value holds, as JSON; null for anything else. */
export function readPress(value: string): Press | null {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    return null;
  }
  const read = PressShape.safeParse(json);
  return read.success ? read.data : null;
}
