import type { z } from 'zod';
import { BotError } from '../domain/error.ts';
import { nearest } from '../domain/names.ts';
import { type Field, fieldsOf, flagOf, yesNo } from './fields.ts';
import type { FieldFault } from './service.ts';
import type { Operation } from './spec.ts';
import { typed, usageLine, valueWord } from './usage.ts';

export type CheckedInput =
  /** What the operation's functions take; its type is forgotten with the operation's. */
  | { readonly ok: true; readonly input: never }
  | {
      readonly ok: false;
      readonly faults: readonly FieldFault[];
      /** Nothing is wrong, only missing: a modal can ask for it. */
      readonly onlyMissing: boolean;
    };

/**
 * Checks what was typed or filled in against the operation's input. Text becomes a number, a list or a yes where the field is one;
 * an empty text or null is no value. Each fault says what was wrong, what is expected, and what to type.
 */
export function checkInput(operation: Operation, raw: Readonly<Record<string, unknown>>): CheckedInput {
  const fields = fieldsOf(operation);
  const given: Record<string, unknown> = {};
  const faults: FieldFault[] = [];
  for (const [name, value] of Object.entries(raw)) {
    const field = fields.find((each) => each.name === name);
    if (field === undefined) faults.push({ field: name, message: unknownField(name, fields, operation) });
    else if (value !== null && value !== undefined && !(value === '' && !field.required))
      given[name] = readAs(field, value);
  }
  const missing = fields.filter((field) => field.required && given[field.name] === undefined);
  for (const field of missing) faults.push({ field: field.name, message: missingField(field, operation) });
  const onlyMissing = faults.length === missing.length;

  const parsed = parse(operation, given, fields);
  if (parsed.ok && faults.length === 0) return { ok: true, input: parsed.data };
  const said = new Set(faults.map((fault) => fault.field));
  const wrong = parsed.ok ? [] : parsed.faults.filter((fault) => !said.has(fault.field));
  return { ok: false, faults: [...faults, ...wrong], onlyMissing: onlyMissing && wrong.length === 0 };
}

/** The faults as one refusal. What to type stands in each; the hint says where all of it is explained. */
export function inputError(faults: readonly FieldFault[], operation: Operation): BotError {
  const first = faults[0];
  return new BotError('invalid_input', faults.map((fault) => fault.message).join('\n'), {
    hint: `See \`${typed(operation)} --help\`.`,
    ...(first === undefined ? {} : { field: first.field }),
  });
}

type Parsed =
  | { readonly ok: true; readonly data: never }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

function parse(operation: Operation, given: Readonly<Record<string, unknown>>, fields: readonly Field[]): Parsed {
  let current = '';
  try {
    const result = operation.input.safeParse(given);
    // The input's type went with the operation's: what its own schema has passed is what its functions take.
    if (result.success) return { ok: true, data: result.data as never };
    const faults = new Map<string, FieldFault>();
    for (const issue of result.error.issues) {
      current = String(issue.path[0] ?? '');
      const field = fields.find((each) => each.name === current);
      const message = field === undefined ? issue.message : explain(issue, field, valueAt(given[current], issue.path));
      if (!faults.has(current)) faults.set(current, { field: current, message });
    }
    return { ok: false, faults: [...faults.values()] };
  } catch (cause) {
    // A transform may throw what the domain's parsers throw.
    if (!(cause instanceof BotError)) throw cause;
    const message = cause.hint === undefined ? cause.message : `${cause.message}. ${cause.hint}`;
    return { ok: false, faults: [{ field: cause.field ?? blame(operation, given, fields), message }] };
  }
}

/** The field whose own schema throws, for an error that doesn't name one. */
function blame(operation: Operation, given: Readonly<Record<string, unknown>>, fields: readonly Field[]): string {
  for (const field of fields) {
    if (given[field.name] === undefined) continue;
    try {
      operation.input.safeParse({ [field.name]: given[field.name] });
    } catch {
      return field.name;
    }
  }
  return fields[0]?.name ?? '';
}

/** Text as the field's kind. What doesn't fit stays text, and its schema refuses it. */
function readAs(field: Field, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (field.kind === 'number') return /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  if (field.kind === 'flag') return yesNo(value) ?? value;
  if (field.kind === 'list') return value === '' ? undefined : value.split(',');
  return value;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const index = path[1];
  return Array.isArray(value) && typeof index === 'number' ? value[index] : value;
}

/** What is wrong with one field. */
function explain(issue: z.core.$ZodIssue, field: Field, value: unknown): string {
  const is = `${field.title} is ${show(value)}`;
  const like = field.placeholder ?? field.options[0];
  const give = like === undefined ? '' : ` Give for example ${like}.`;
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_value': {
      const known = issue.values.map(String);
      const near = nearest(String(value), known, 1)[0];
      return `${is}, which it can’t be.${near === undefined ? '' : ` Did you mean ${near}?`} It is one of: ${known.join(', ')}.`;
    }
    case 'invalid_type':
      if (field.kind === 'number')
        return `${is}, which is not a whole number.${give || ` Type for example \`${flagOf(field.name)} 2\`.`}`;
      if (field.kind === 'flag') return `${is}, which is neither yes nor no.`;
      return `${is}, which is not ${issue.expected === 'array' ? 'a list' : 'a text'}.${give}`;
    case 'too_small':
      if (issue.origin === 'number' || issue.origin === 'int') return `${is}; at least ${issue.minimum} is needed.`;
      if (value === '') return `${field.title} is empty.${give}`;
      return `${field.title} is too short: at least ${issue.minimum} ${unit(issue.origin)} are needed.${give}`;
    case 'too_big':
      if (issue.origin === 'number' || issue.origin === 'int') return `${is}; at most ${issue.maximum} is allowed.`;
      return `${field.title} is too long: at most ${issue.maximum} ${unit(issue.origin)} are allowed.${give}`;
    case 'invalid_format':
      return `${is}, which does not have the right form.${give}`;
    default:
      return `${is}: ${issue.message}.${give}`;
  }
}

function unit(origin: string): string {
  return origin === 'array' || origin === 'set' ? 'entries' : 'characters';
}

function missingField(field: Field, operation: Operation): string {
  const value = field.placeholder ?? valueWord(field) ?? '';
  const how = field.position === null ? `Give it with \`${flagOf(field.name)} ${value}\`` : 'Type';
  const among = field.options.length > 0 ? ` It is one of: ${field.options.join(', ')}.` : '';
  return `${field.title} is missing. ${how}${field.position === null ? '' : ` \`${usageLine(operation)}\``}.${among}`;
}

function unknownField(name: string, fields: readonly Field[], operation: Operation): string {
  const near = nearest(
    name,
    fields.map((field) => field.name),
    1,
  )[0];
  return `${operation.name} has no field ${show(name)}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
