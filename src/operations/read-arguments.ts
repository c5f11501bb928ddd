import { BotError } from '../domain/error.ts';
import { nearest } from '../domain/names.ts';
import type { CommonOption } from './common-options.ts';
import { type Field, flagOf, yesNo } from './fields.ts';
import type { RequestOptions } from './service.ts';
import type { Operation } from './spec.ts';
import { typed, usageLine } from './usage.ts';
import type { Word } from './words.ts';

/** Two hyphens, or the dash that a phone puts in their place. */
const FLAG = /^(?:--|[–—―]{1,2})([A-Za-z][A-Za-z0-9-]*)(?:=([\s\S]*))?$/;
interface Known {
  readonly flag: string;
  readonly field: Field | null;
  readonly option: CommonOption | null;
  readonly alone: boolean;
  readonly list: boolean;
}

/** Reads flags and positional arguments. Values stay as typed; only their place is judged. Throws `invalid_input`. */
export function readArguments(
  words: readonly Word[],
  operation: Operation,
  fields: readonly Field[],
  common: readonly CommonOption[],
): { readonly input: Record<string, unknown>; readonly options: RequestOptions } {
  const known: Known[] = [
    ...fields.map((field) => ({
      flag: flagOf(field.name),
      field,
      option: null,
      alone: field.kind === 'flag',
      list: field.kind === 'list',
    })),
    ...common.map((option) => ({ flag: option.flag, field: null, option, alone: option.value === null, list: false })),
  ];
  const values = new Map<Known, string | boolean | string[]>();
  const free: string[] = [];
  let flagsOver = false;

  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    if (!flagsOver && !word.quoted && word.text === '--') {
      flagsOver = true;
      continue;
    }
    const match = flagsOver || word.quoted ? null : FLAG.exec(word.text);
    if (match === null) {
      if (!flagsOver && !word.quoted) refuseShortFlag(word.text, known);
      free.push(word.text);
      continue;
    }
    const { one, off } = find(match[1] ?? '', known, operation);
    let value: string | boolean;
    if (one.alone) {
      value = alone(one, match[2], off);
    } else if (match[2] !== undefined) {
      value = match[2];
    } else {
      const next = words[at + 1];
      if (next === undefined || (!next.quoted && FLAG.test(next.text))) throw missingValue(one);
      value = next.text;
      at += 1;
    }
    set(values, one, value);
  }
  placeFree(free, fields, known, values, operation);

  const input: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const [one, value] of values) {
    if (one.field !== null) input[one.field.name] = value;
    else if (one.option !== null) options[one.option.name] = value;
  }
  return { input, options };
}

/** `--name` and `--no-name`. Throws for one that the operation hasn't. */
function find(
  name: string,
  known: readonly Known[],
  operation: Operation,
): { readonly one: Known; readonly off: boolean } {
  const flag = `--${name.toLowerCase()}`;
  const one = known.find((each) => each.flag === flag);
  if (one !== undefined) return { one, off: false };
  const negated = known.find((each) => each.alone && flag === `--no-${each.flag.slice(2)}`);
  if (negated !== undefined) return { one: negated, off: true };
  const near = nearest(
    name,
    known.map((each) => each.flag.slice(2)),
  );
  throw new BotError('invalid_input', `${typed(operation)} has no flag --${name}`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.map((each) => `\`--${each}\``).join(' or ')}?`
        : `It has: ${known.map((each) => each.flag).join(', ')}.`,
  });
}

function alone(one: Known, given: string | undefined, off: boolean): boolean {
  if (given === undefined) return !off;
  const value = yesNo(given);
  if (value === undefined || off) {
    throw new BotError('invalid_input', `${one.flag} takes no value, but got ${JSON.stringify(given)}`, {
      hint: `Type \`${one.flag}\`, or \`--no-${one.flag.slice(2)}\` for the opposite.`,
      ...(one.field === null ? {} : { field: one.field.name }),
    });
  }
  return value;
}

function missingValue(one: Known): BotError {
  const like = one.field?.options[0] ?? one.field?.placeholder ?? one.option?.value ?? 'VALUE';
  return new BotError('invalid_input', `${one.flag} needs a value`, {
    hint: `Type \`${one.flag} ${like}\`.`,
    ...(one.field === null ? {} : { field: one.field.name }),
  });
}

function set(values: Map<Known, string | boolean | string[]>, one: Known, value: string | boolean): void {
  const before = values.get(one);
  if (one.list && typeof value === 'string') {
    values.set(one, [...(Array.isArray(before) ? before : []), ...value.split(',')]);
  } else if (before !== undefined) {
    throw new BotError('invalid_input', `${one.flag} is given twice`, {
      hint: 'Give it once.',
      ...(one.field === null ? {} : { field: one.field.name }),
    });
  } else {
    values.set(one, value);
  }
}

function placeFree(
  free: readonly string[],
  fields: readonly Field[],
  known: readonly Known[],
  values: Map<Known, string | boolean | string[]>,
  operation: Operation,
): void {
  const places = known.filter((one) => one.field?.position !== null && one.field !== null);
  free.forEach((value, index) => {
    const last = places.at(-1);
    const one = places[index] ?? (last?.list === true ? last : undefined);
    if (one === undefined) {
      const extra = free.slice(places.length).map((each) => JSON.stringify(each));
      const takes = fields.filter((field) => field.position !== null).map((field) => field.title);
      throw new BotError(
        'invalid_input',
        `Too many arguments: ${extra.join(' ')} ${extra.length === 1 ? 'is' : 'are'} left over`,
        {
          hint: `${takes.length === 0 ? `${typed(operation)} takes flags only` : `Without a flag it takes ${takes.join(', ')}`}: \`${usageLine(operation)}\`. Put quotes around a value with spaces.`,
        },
      );
    }
    if (!one.list && values.has(one)) {
      throw new BotError(
        'invalid_input',
        `${one.field?.title ?? one.flag} is given twice: as ${JSON.stringify(value)} and with ${one.flag}`,
        {
          hint: 'Give it once.',
          ...(one.field === null ? {} : { field: one.field.name }),
        },
      );
    }
    set(values, one, value);
  });
}

/** `-image tiny` is meant as a flag; `-web` is a value, which its own check refuses with better words. */
function refuseShortFlag(text: string, known: readonly Known[]): void {
  const name = /^-([A-Za-z][A-Za-z-]*)(?:=|$)/.exec(text)?.[1]?.toLowerCase();
  if (name === undefined || !known.some((one) => one.flag === `--${name}`)) return;
  throw new BotError('invalid_input', `Flags begin with two hyphens: ${text}`, { hint: `Type \`--${name}\`.` });
}
