import { BotError } from '../error.ts';
import { nearest } from '../names.ts';
import { formatSize, formatSpan, parseSize, parseSpan } from '../size.ts';
import { type MetricInfo, metricsOf, SUBJECTS, type SubjectKind, type Unit } from './metrics.ts';

/** `host.cpu > 85`, or `vm.down` alone for a flag. */
export interface Condition {
  readonly subject: SubjectKind;
  readonly metric: string;
  readonly op: '>' | '<' | 'is';
  /** In the metric's own unit; 1 for a flag. */
  readonly threshold: number;
}

/** Reads a condition. Throws `invalid_input` that says what is expected. */
export function parseCondition(text: string): Condition {
  const match = /^\s*([a-z]+)\.([a-z_]+)\s*(?:([<>])\s*(\S.*?))?\s*$/.exec(text);
  const [, subjectName = '', metric = '', op, value] = match ?? [];
  if (match === null) throw wrong(text, 'Write SUBJECT.METRIC > NUMBER, such as host.cpu > 85, or vm.down.');
  const subject = SUBJECTS.find((each) => each === subjectName);
  if (subject === undefined) throw wrong(text, `${unknownWord(subjectName, SUBJECTS)}.`);
  const metrics = metricsOf(subject);
  const info = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  if (info === undefined)
    throw wrong(text, `${subject}.${metric} is unknown: ${unknownWord(metric, Object.keys(metrics))}.`);
  if (info.unit === 'flag') {
    if (op !== undefined) throw wrong(text, `${subject}.${metric} is so or isn’t: write it alone.`);
    return { subject, metric, op: 'is', threshold: 1 };
  }
  if ((op !== '>' && op !== '<') || value === undefined)
    throw wrong(text, `${subject}.${metric} needs a bound, such as ${subject}.${metric} > ${example(info.unit)}.`);
  return { subject, metric, op, threshold: parseAmount(value, info.unit) };
}

/** A number in a metric's unit: `85`, `85%`, `2s`, `10GiB`. Throws `invalid_input`. */
export function parseAmount(text: string, unit: Unit): number {
  const trimmed = text.trim();
  const plain = /^\d+(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) : null;
  const fault = (): BotError =>
    new BotError('invalid_input', `${JSON.stringify(text)} is no ${NAMES[unit]}`, {
      hint: `Write it as ${example(unit)}.`,
    });
  switch (unit) {
    case 'flag':
      throw fault();
    case 'number':
      if (plain === null) throw fault();
      return plain;
    case 'percent': {
      const share = plain ?? (/^\d+(?:\.\d+)?\s*%$/.test(trimmed) ? Number.parseFloat(trimmed) : null);
      if (share === null || share > 100) throw fault();
      return share;
    }
    case 'ms': {
      const ms = /^(\d+)\s*ms$/.exec(trimmed)?.[1];
      return ms === undefined ? parseSpan(trimmed) : Number(ms);
    }
    case 'bytes':
    case 'bytes/s':
      return parseSize(trimmed.replace(/\/s$/, ''));
  }
}

/** `85 %`, `2 s`, `10 GiB`. */
export function formatAmount(value: number, unit: Unit): string {
  switch (unit) {
    case 'flag':
      return value > 0 ? 'yes' : 'no';
    case 'percent':
      return `${Math.round(value * 10) / 10} %`;
    case 'number':
      return String(Math.round(value * 100) / 100);
    case 'ms':
      return value < 10_000 ? `${Math.round(value / 100) / 10} s` : formatSpan(value);
    case 'bytes':
      return formatSize(value);
    case 'bytes/s':
      return `${formatSize(value)}/s`;
  }
}

/** As it is typed. */
export function conditionText(condition: Condition): string {
  const { subject, metric, op, threshold } = condition;
  return op === 'is'
    ? `${subject}.${metric}`
    : `${subject}.${metric} ${op} ${formatAmount(threshold, infoOf(condition).unit)}`;
}

/** What is known of the condition's metric. */
export function infoOf({ subject, metric }: Pick<Condition, 'subject' | 'metric'>): MetricInfo {
  return metricsOf(subject)[metric] ?? { unit: 'number', label: `${subject}.${metric}` };
}

const NAMES: Readonly<Record<Unit, string>> = {
  flag: 'bound (a flag has none)',
  percent: 'share in per cent from 0 to 100',
  number: 'number',
  ms: 'length of time',
  bytes: 'size',
  'bytes/s': 'size a second',
};

function example(unit: Unit): string {
  return { flag: '', percent: '85%', number: '3', ms: '2s', bytes: '10GiB', 'bytes/s': '1MiB' }[unit];
}

function unknownWord(word: string, known: readonly string[]): string {
  const near = nearest(word, known, 2);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${known.join(', ')}`;
}

function wrong(text: string, hint: string): BotError {
  return new BotError('invalid_input', `${JSON.stringify(text.slice(0, 80))} is no condition`, { hint });
}
