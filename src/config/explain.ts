import { z } from 'zod';
import { nearest } from '../domain/names.ts';
import type { ConfigFault, Source } from './source.ts';

/** Turns what zod says into faults with a place, the value, what is expected, and the nearest key for a typo. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], schema: z.ZodType, source: Source): ConfigFault[] {
  return issues.flatMap((issue) => explain(issue, schema, source));
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType, source: Source): ConfigFault[] {
  const path = issue.path;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      ...source.placeOfKey(path, key),
      path: pathText([...path, key]),
      message: `unknown key ${JSON.stringify(key)}. ${suggestKey(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const close = issue.errors.find((option) => option.length > 0 && !option.some((each) => each.path.length === 0));
    if (close !== undefined && typeof source.valueAt(path) === 'object') {
      return close.flatMap((each) => explain({ ...each, path: [...path, ...each.path] }, schema, source));
    }
  }
  const value = source.valueAt(path);
  const fault = { ...source.placeOf(path), path: pathText(path) };
  if (value === undefined) {
    const last = path.at(-1);
    const what = typeof last === 'string' ? `${JSON.stringify(last)} is missing` : 'a value is missing';
    return [{ ...fault, message: `${what}; ${expectation(issue)}` }];
  }
  const secret = issue.code === 'custom' && issue.params?.secret === true;
  return [{ ...fault, message: secret ? expectation(issue) : `${shown(value)}: ${expectation(issue)}` }];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value': {
      const known = issue.values.map(String);
      const near = nearest(String(issue.input ?? ''), known, 1)[0];
      return `expected ${known.length === 1 ? '' : 'one of '}${known.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
    }
    case 'invalid_type':
      return ours(issue.message) ?? `expected ${KINDS.get(issue.expected) ?? issue.expected}`;
    case 'too_small':
      return (
        ours(issue.message) ??
        (issue.origin === 'array' ? `expected at least ${issue.minimum}` : `expected ${issue.minimum} or more`)
      );
    case 'too_big':
      return ours(issue.message) ?? `expected ${issue.maximum} or less`;
    default:
      return issue.message;
  }
}

/** A message that we gave, and not zod's own. */
function ours(message: string): string | undefined {
  return /^(Invalid input|Too small|Too big)/.test(message) ? undefined : message;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['string', 'a text (put quotes around a number)'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list: a line for each, beginning with "- "'],
  ['object', 'keys with values, each on its own line'],
  ['record', 'keys with values, each on its own line'],
]);

function suggestKey(key: string, known: readonly string[]): string {
  const plain = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_');
  const near = known.includes(plain) ? [plain] : nearest(plain, known, 2);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  return known.length === 0 ? 'It takes none.' : `Known here: ${known.join(', ')}.`;
}

/** The keys that the schema knows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: z.core.$ZodType[] = [schema];
  for (const key of path) here = here.flatMap((each) => below(each, key));
  return here.flatMap(open).flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
}

function below(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  return open(schema).flatMap((each) => {
    if (each instanceof z.ZodArray) return [each.element];
    if (each instanceof z.ZodRecord) return [each.valueType];
    const inner: z.core.$ZodType | undefined = each instanceof z.ZodObject ? each.shape[String(key)] : undefined;
    return inner === undefined ? [] : [inner];
  });
}

/** What lies under optional and default; each option of a union. */
function open(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return open(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return open(schema.def.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((each) => open(each));
  return [schema];
}

/** `hosts[0].address`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'this list' : 'these keys';
  const text = String(JSON.stringify(value));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
