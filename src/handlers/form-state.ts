import { z } from 'zod';
import type { Field } from '../operations/fields.ts';
import type { RequestOptions } from '../operations/service.ts';

/** A form's blocks are named after their fields, so that what was typed outlives an update of the view, and errors find their place. */
export const FORM = 'form:';
export const TEAM_ACTION = 'form-team';
export const CHOICES = 'choices:';
export const VALUE = 'value';
export const OPTION_TEAM = 'option.team';
export const OPTION_REASON = 'option.reason';
export const blockOf = (field: string): string => `field.${field}`;

/** What a form remembers in its private_metadata. */
export interface FormMemory {
  /** Channel that it was asked for in; null on the Home tab. */
  readonly channel: string | null;
  /** Where its card will stand. */
  readonly place: string;
  /** The channel's team. */
  readonly team: string | null;
  readonly options: RequestOptions;
}

const Memory = z.object({
  channel: z.string().nullable(),
  place: z.string(),
  team: z.string().nullable(),
  options: z.object({
    team: z.string().exactOptional(),
    reason: z.string().exactOptional(),
    dryRun: z.boolean().exactOptional(),
    wait: z.boolean().exactOptional(),
    all: z.boolean().exactOptional(),
  }),
});

/** Slack keeps 3,000 characters. */
export function remember(memory: FormMemory): string {
  const { reason, ...options } = memory.options;
  const kept = reason === undefined ? options : { ...options, reason: reason.slice(0, 1000) };
  return JSON.stringify({ ...memory, options: kept });
}

/** Throws for what no form of ours wrote. */
export function recall(metadata: string): FormMemory {
  return Memory.parse(JSON.parse(metadata));
}

const Option = z.object({ value: z.string() });
const State = z.object({
  value: z.string().nullish(),
  selected_option: Option.nullish(),
  selected_options: z.array(Option).nullish(),
});
/** block_id → action_id → what is in the element. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What is in the form, as field → text, list or yes; nothing for an empty field. */
export function readForm(values: ViewValues, fields: readonly Field[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const field of fields) {
    const value = readBlock(values, blockOf(field.name));
    if (field.kind === 'flag') {
      if (value !== undefined) input[field.name] = Array.isArray(value) && value.length > 0;
    } else if (field.kind === 'list') {
      const list = Array.isArray(value) ? value : (value ?? '').split(/[\n,]/).map((one) => one.trim());
      const given = list.filter((one) => one !== '');
      if (given.length > 0) input[field.name] = given;
    } else if (typeof value === 'string' && value.trim() !== '') {
      input[field.name] = value.trim();
    }
  }
  return input;
}

/** The form's own fields, over what was typed. */
export function readOptions(values: ViewValues, before: RequestOptions): RequestOptions {
  const team = readBlock(values, OPTION_TEAM);
  const reason = readBlock(values, OPTION_REASON);
  return {
    ...before,
    ...(typeof team === 'string' && team !== '' ? { team } : {}),
    ...(typeof reason === 'string' && reason.trim() !== '' ? { reason: reason.trim() } : {}),
  };
}

function readBlock(values: ViewValues, block: string): string | string[] | undefined {
  const [raw] = Object.values(values[block] ?? {});
  const state = State.safeParse(raw);
  if (!state.success) return undefined;
  const { value, selected_option: one, selected_options: many } = state.data;
  if (many != null) return many.map((option) => option.value);
  return one?.value ?? value ?? undefined;
}
