import { z } from 'zod';
import { CHOICES, type Choices, type Operation } from './spec.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** Source of a field's choices. */
    choices?: Choices;
    /** What an empty field shows, and what messages give as an example. */
    placeholder?: string;
  }
}

/**
 * An operation's input as its fronts see it: a flag in text, an element in a modal, a row in the docs.
 * Read off the zod schema, so that nothing is declared twice.
 */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `flag` is a boolean that is typed without a value; `list` is repeated or comma-separated. */
  readonly kind: 'text' | 'choice' | 'number' | 'flag' | 'list';
  /** Fixed options of an enum; empty where `from` names a source or all is free. */
  readonly options: readonly string[];
  readonly from: Choices | null;
  readonly required: boolean;
  readonly byDefault: unknown;
  /** Its place among the arguments that need no flag; null where the flag is needed. */
  readonly position: number | null;
  readonly placeholder: string | null;
}

/** The fields of an operation, positional ones first. Throws TypeError for an input that is no z.strictObject: a bug of the operation. */
export function fieldsOf(operation: Pick<Operation, 'name' | 'input' | 'positional'>): readonly Field[] {
  if (!(operation.input instanceof z.ZodObject)) throw new TypeError(`the input of ${operation.name} is no object`);
  const positional: readonly string[] = operation.positional;
  const fields = Object.entries(operation.input.shape).map(([name, schema]) => {
    const at = positional.indexOf(name);
    return fieldOf(name, schema, at < 0 ? null : at);
  });
  return fields.sort((a, b) => (a.position ?? fields.length) - (b.position ?? fields.length));
}

/** `dryRun` is typed `--dry-run`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')}`;
}

/** A yes or no as people type it; undefined for anything else. */
export function yesNo(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['true', 'yes', 'on'].includes(word)) return true;
  return ['false', 'no', 'off'].includes(word) ? false : undefined;
}

function fieldOf(name: string, schema: z.core.$ZodType, position: number | null): Field {
  const seen = unwrap(schema);
  const { meta } = seen;
  const from = CHOICES.find((each) => each === meta.choices) ?? null;
  return {
    name,
    title: text(meta.title) ?? sentence(name),
    description: text(meta.description) ?? '',
    ...kindOf(seen.inner),
    from,
    required: seen.required,
    byDefault: seen.byDefault,
    position,
    placeholder: text(meta.placeholder) ?? null,
  };
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly required: boolean;
  readonly byDefault: unknown;
}

/** What lies under optional, default and pipe, with the labels of every layer: the outer one's wins. */
function unwrap(schema: z.core.$ZodType): Unwrapped {
  let meta: Record<string, unknown> = {};
  let required = true;
  let byDefault: unknown;
  let inner = schema;
  for (;;) {
    meta = { ...z.globalRegistry.get(inner), ...meta };
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      required = false;
      byDefault ??= inner.def.defaultValue;
      inner = inner.def.innerType;
    } else if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
      required = false;
      inner = inner.def.innerType;
    } else if (inner instanceof z.ZodReadonly || inner instanceof z.ZodCatch) {
      inner = inner.def.innerType;
    } else if (inner instanceof z.ZodPipe) {
      // z.preprocess stands as transform → schema; all else as schema → transform.
      inner = inner.def.in instanceof z.ZodTransform ? inner.def.out : inner.def.in;
    } else {
      return { inner, meta, required, byDefault };
    }
  }
}

function kindOf(inner: z.core.$ZodType): Pick<Field, 'kind' | 'options'> {
  if (inner instanceof z.ZodBoolean) return { kind: 'flag', options: [] };
  if (inner instanceof z.ZodNumber) return { kind: 'number', options: [] };
  if (inner instanceof z.ZodEnum) return { kind: 'choice', options: inner.options.map(String) };
  if (inner instanceof z.ZodArray) return { kind: 'list', options: kindOf(unwrap(inner.element).inner).options };
  return { kind: 'text', options: [] };
}

function sentence(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
