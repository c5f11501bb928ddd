import { isJson, type Json } from '../json.ts';

/** Where blocks are to be shown; some blocks live on one surface only. */
export type Surface = 'message' | 'modal' | 'home';

/** What a run of checks has found, and what it needs to know while it runs. */
export interface Findings {
  surface: Surface;
  /** In Slack's words: `must be less than 151 characters [json-pointer:/blocks/0/text/text]`. */
  problems: string[];
  /** Elements with focus_on_load; a view may have one. */
  focused: number;
}

/** Looks at one value at a JSON pointer and writes down what Slack would refuse. */
export type Check = (value: unknown, at: string, found: Findings) => void;

/** Writes a problem down. */
export const refuse = (found: Findings, at: string, problem: string): void => {
  found.problems.push(`${problem} [json-pointer:${at}]`);
};

/** A string of `min` to `max` characters. */
export const str =
  (max: number, min = 0): Check =>
  (value, at, found) => {
    if (typeof value !== 'string') refuse(found, at, 'must be a string');
    else if (value.length > max) refuse(found, at, `must be less than ${max + 1} characters`);
    else if (value.length < min) refuse(found, at, `must be more than ${min - 1} characters`);
  };

/** A string that matches; `what` says it in words. */
export const pattern =
  (shape: RegExp, what: string): Check =>
  (value, at, found) => {
    if (typeof value !== 'string' || !shape.test(value)) refuse(found, at, what);
  };

/** True or false. */
export const bool: Check = (value, at, found) => {
  if (typeof value !== 'boolean') refuse(found, at, 'must be a boolean');
};

/** A whole number within bounds. */
export const int =
  (min: number, max: number): Check =>
  (value, at, found) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) refuse(found, at, 'must be an integer');
    else if (value < min) refuse(found, at, `must be greater than or equal to ${min}`);
    else if (value > max) refuse(found, at, `must be less than or equal to ${max}`);
  };

/** One of some words. */
export const word =
  (...allowed: string[]): Check =>
  (value, at, found) => {
    if (typeof value !== 'string' || !allowed.includes(value)) {
      refuse(found, at, `must be a valid enum value: ${allowed.join(', ')}`);
    }
  };

/** Anything: for what Slack's documentation leaves open. */
export const anything: Check = () => undefined;

/** An array of `min` to `max` items. */
export const listOf =
  (item: Check, max: number, min = 1): Check =>
  (value, at, found) => {
    if (!Array.isArray(value)) return refuse(found, at, 'must be an array');
    if (value.length > max) return refuse(found, at, `no more than ${max} items allowed`);
    if (value.length < min) return refuse(found, at, `must be at least ${min} items`);
    value.forEach((one, index) => {
      item(one, `${at}/${index}`, found);
    });
  };

/** An object with these fields and no others; `type` is looked at elsewhere. */
export const object =
  (required: Record<string, Check>, optional: Record<string, Check> = {}, more?: Check): Check =>
  (value, at, found) => {
    if (!isJson(value)) return refuse(found, at, 'must be an object');
    for (const name of Object.keys(required)) {
      if (value[name] === undefined || value[name] === null) refuse(found, at, `missing required field: ${name}`);
    }
    for (const [name, field] of Object.entries(value)) {
      const check = required[name] ?? optional[name];
      if (check) {
        if (field !== undefined && field !== null) check(field, `${at}/${name}`, found);
      } else if (name !== 'type') refuse(found, at, `invalid additional property: ${name}`);
    }
    more?.(value, at, found);
  };

/** An object whose `type` is one of these, checked by the entry of that name. */
export const byType =
  (table: Readonly<Record<string, Check>>, allowed: readonly string[] = Object.keys(table)): Check =>
  (value, at, found) => {
    if (!isJson(value)) return refuse(found, at, 'must be an object');
    if (value.type === undefined) return refuse(found, at, 'missing required field: type');
    const check = typeof value.type === 'string' && allowed.includes(value.type) ? table[value.type] : undefined;
    if (check) check(value, at, found);
    else refuse(found, `${at}/type`, `unsupported type: ${String(value.type)}`);
  };

/** Refuses an object that has none of some fields, or where asked, more than one. */
export const needsOneOf =
  (names: readonly string[], exactly = false): Check =>
  (value, at, found) => {
    const present = isJson(value) ? names.filter((name) => value[name] !== undefined && value[name] !== null) : [];
    if (present.length === 0) refuse(found, at, `missing required field: ${names.join(' or ')}`);
    else if (exactly && present.length > 1) refuse(found, at, `only one of ${names.join(', ')} may be given`);
  };

/** Runs several checks on the same value. */
export const all =
  (...checks: Check[]): Check =>
  (value, at, found) => {
    for (const check of checks) check(value, at, found);
  };

/** Refuses the second use of a name among siblings. */
export const unique = (items: readonly Json[], name: string, at: (index: number) => string, found: Findings): void => {
  const seen = new Set<unknown>();
  items.forEach((item, index) => {
    const value = item[name];
    if (typeof value !== 'string' || value === '') return;
    if (seen.has(value)) refuse(found, `${at(index)}/${name}`, `\`${name}\` "${value}" already exists`);
    seen.add(value);
  });
};
