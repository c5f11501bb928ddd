import type { types } from '@slack/bolt';
import type { Actor } from '../domain/access.ts';
import { fieldsOf } from '../operations/fields.ts';
import type { FieldFault, Service } from '../operations/service.ts';
import type { Operation } from '../operations/spec.ts';
import { typed } from '../operations/usage.ts';
import { type Choice, elementOf, MOST_OPTIONS, optionOf } from './form-element.ts';
import {
  blockOf,
  FORM,
  type FormMemory,
  OPTION_REASON,
  OPTION_TEAM,
  remember,
  TEAM_ACTION,
  VALUE,
} from './form-state.ts';
import { short } from './slack-text.ts';

const TITLE_CHARS = 24;
const HINT_CHARS = 500;
const METADATA_CHARS = 3000;

export interface FormContent {
  readonly operation: Operation;
  /** What was typed or put in so far. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly faults: readonly FieldFault[];
  readonly memory: FormMemory;
  readonly actor: Actor;
}

/** The modal of an operation, drawn from its declaration. */
export function formView(content: FormContent, service: Pick<Service, 'choices'>): types.ModalView {
  const { operation, input, faults, memory, actor } = content;
  const fields = fieldsOf(operation);
  const team = memory.options.team ?? memory.team;
  const choicesOf = (from: string): readonly Choice[] =>
    service.choices({ choices: from, actor, team }, '', MOST_OPTIONS + 1);
  const blocks: types.KnownBlock[] = [
    ...about(operation),
    ...(asksTeam(content) ? [teamBlock(choicesOf('team'), memory.options.team ?? null)] : []),
  ];
  for (const field of fields) {
    blocks.push({
      type: 'input',
      block_id: blockOf(field.name),
      label: plain(field.title),
      element: elementOf(field, input[field.name], field.from === null ? null : choicesOf(field.from)),
      optional: !field.required,
      ...(field.description === '' ? {} : { hint: plain(short(field.description, HINT_CHARS)) }),
    });
    const fault = faults.find((one) => one.field === field.name);
    if (fault !== undefined && (input[field.name] ?? '') !== '') blocks.push(warning(fault.message));
  }
  if (operation.kind === 'change' && !fields.some(({ name }) => name === 'reason')) blocks.push(reasonBlock(memory));
  const metadata = remember(memory);
  if (metadata.length > METADATA_CHARS) throw new Error('the form remembers too much');
  return {
    type: 'modal',
    callback_id: `${FORM}${operation.name}`,
    private_metadata: metadata,
    title: plain(short(typed(operation), TITLE_CHARS)),
    submit: plain(operation.kind === 'change' ? 'Plan it' : 'Show'),
    close: plain('Cancel'),
    blocks: blocks.slice(0, 100),
  };
}

/** Shown within a trigger's three seconds; the form replaces it. */
export function loadingView(operation: Operation | null): types.ModalView {
  return {
    type: 'modal',
    title: plain(short(operation === null ? 'Hostler' : typed(operation), TITLE_CHARS)),
    close: plain('Cancel'),
    blocks: [{ type: 'section', text: plain('One moment …') }],
  };
}

/** Any text in a modal. */
export function textView(title: string, blocks: types.KnownBlock[]): types.ModalView {
  return {
    type: 'modal',
    title: plain(short(title, TITLE_CHARS)),
    close: plain('Close'),
    blocks: blocks.slice(0, 100),
  };
}

/** Where neither the channel nor the person says which team. A VM brings its own along. */
function asksTeam({ operation, memory, actor }: FormContent): boolean {
  if (operation.permission === 'self' || operation.permission === 'platform') return false;
  const fields = fieldsOf(operation);
  if (fields.some(({ name, from }) => name === 'team' || from === 'vm' || from === 'vm-trashed')) return false;
  return memory.options.team !== undefined || (memory.team === null && actor.teams.size !== 1);
}

function teamBlock(choices: readonly Choice[], given: string | null): types.KnownBlock {
  const options = choices.slice(0, MOST_OPTIONS);
  const chosen = options.find(({ value }) => value === given);
  const label = plain('Team');
  if (options.length === 0) {
    return { type: 'input', block_id: OPTION_TEAM, label, element: { type: 'plain_text_input', action_id: VALUE } };
  }
  return {
    type: 'input',
    block_id: OPTION_TEAM,
    label,
    // What else there is to choose depends on the team.
    dispatch_action: true,
    element: {
      type: 'static_select',
      action_id: TEAM_ACTION,
      options: options.map(optionOf),
      ...(chosen === undefined ? {} : { initial_option: optionOf(chosen) }),
    },
  };
}

function reasonBlock({ options }: FormMemory): types.KnownBlock {
  return {
    type: 'input',
    block_id: OPTION_REASON,
    label: plain('Reason'),
    hint: plain('Why: kept in the audit history.'),
    optional: true,
    element: {
      type: 'plain_text_input',
      action_id: VALUE,
      max_length: 500,
      ...(options.reason === undefined ? {} : { initial_value: options.reason.slice(0, 500) }),
    },
  };
}

function about(operation: Operation): types.KnownBlock[] {
  return [{ type: 'context', elements: [plain(short(`${operation.summary}.`, 2000))] }];
}

function warning(text: string): types.KnownBlock {
  return { type: 'context', elements: [plain(short(`⚠️ ${text}`, 2000))] };
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: true };
}
