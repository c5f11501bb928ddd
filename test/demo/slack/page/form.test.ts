import { describe, expect, it } from 'vitest';
import { charsLeft, fieldFault } from '../../../../demo/slack/page/form/check-field.ts';
import { formFaults, heldBy, keptTyped, touchedValues } from '../../../../demo/slack/page/form/form-state.ts';
import { type Held, initialHeld, wireValue } from '../../../../demo/slack/page/form/held.ts';
import { fieldKey, fieldsIn, placedOf } from '../../../../demo/slack/page/form/placed.ts';
import type { Json } from '../../../../demo/slack/page/json.ts';

const option = (value: string): Json => ({ text: { type: 'plain_text', text: value.toUpperCase() }, value });
const input = (blockId: string, element: Json, more: Json = {}): Json => ({
  type: 'input',
  block_id: blockId,
  label: { type: 'plain_text', text: blockId },
  element: { action_id: 'value', ...element },
  ...more,
});
const text = input('name', { type: 'plain_text_input', max_length: 10, min_length: 2 });
const choice = input('image', {
  type: 'static_select',
  options: [option('a'), option('b')],
  initial_option: option('a'),
});
const several = input('tags', { type: 'multi_static_select', options: [option('a'), option('b')] }, { optional: true });
const blocks = [{ type: 'divider', block_id: 'd' }, text, choice, several];
const typed = (...entries: readonly (readonly [Json, Held])[]) =>
  new Map(
    entries.map(([block, held]) => {
      const [placed] = fieldsIn([block]);
      return [placed === undefined ? '' : fieldKey(placed), held] as const;
    }),
  );
const placedIn = (block: Json) => placedOf(block, { action_id: 'value', ...fieldsIn([block])[0]?.element });

describe('what is in a field', () => {
  it('is what was typed, else what the server holds, else what the app put in', () => {
    const values = {
      image: { value: { type: 'static_select', selected_option: option('b') } },
      name: { value: { type: 'plain_text_input', value: 'kept' } },
    };
    const placed = placedIn(choice);
    expect(heldBy(new Map(), placed, undefined)).toMatchObject({ chosen: [{ value: 'a', label: 'A' }] });
    expect(heldBy(new Map(), placed, values)).toMatchObject({ chosen: [{ value: 'b', label: 'B' }] });
    expect(heldBy(typed([text, { text: 'new' }]), placedIn(text), values)).toEqual({ text: 'new' });
    expect(heldBy(new Map(), placedIn(text), values)).toEqual({ text: 'kept' });
  });

  it('of another element is not taken over', () => {
    const values = { image: { value: { type: 'radio_buttons', selected_option: option('b') } } };
    expect(heldBy(new Map(), placedIn(choice), values)).toMatchObject({ chosen: [{ value: 'a' }] });
  });

  it.each([
    [{ type: 'number_input', initial_value: '4' }, { text: '4' }],
    [{ type: 'datetimepicker', initial_date_time: 1_795_716_000 }, { text: '1795716000' }],
    [{ type: 'users_select', initial_user: 'U1' }, { chosen: [{ value: 'U1', label: '', description: '' }] }],
    [{ type: 'checkboxes', initial_options: [option('x')] }, { chosen: [{ value: 'x', label: 'X', description: '' }] }],
    [{ type: 'multi_users_select' }, { chosen: [] }],
    [{ type: 'button' }, { text: '' }],
  ])('begins as the app says: %j', (element, expected) => {
    expect(initialHeld(element)).toEqual(expected);
  });
});

describe('an update of the view', () => {
  const before = typed([text, { text: 'half a na' }], [several, { chosen: [] }]);

  it('leaves what was typed where block, action and type stay', () => {
    const renamed = { ...text, label: { type: 'plain_text', text: 'Another label' } };
    expect(keptTyped(before, [renamed, several])).toBe(before);
  });

  it('takes what was typed away with its field', () => {
    expect([...keptTyped(before, [several]).keys()]).toEqual(['tags value multi_static_select']);
    const other = input('name', { type: 'number_input' });
    expect(keptTyped(before, [other, several]).size).toBe(1);
  });
});

describe('what is sent', () => {
  it('is only what was touched', () => {
    const touched = touchedValues(blocks, typed([text, { text: 'web-01' }], [several, { chosen: [] }]));
    expect(touched.map(([{ blockId }, value]) => [blockId, value])).toEqual([
      ['name', 'web-01'],
      ['tags', []],
    ]);
  });

  it.each([
    ['plain_text_input', { text: '' }, null],
    ['datetimepicker', { text: '1795716000' }, 1_795_716_000],
    ['static_select', { chosen: [] }, null],
    ['static_select', { chosen: [{ value: 'a', label: 'A', description: '' }] }, 'a'],
    ['checkboxes', { chosen: [{ value: 'a', label: 'A', description: '' }] }, ['a']],
  ] as const)('%s with %j', (type, held, expected) => {
    expect(wireValue(type, held)).toEqual(expected);
  });
});

describe('what the client says before anything is sent', () => {
  it('names each field that lacks something, and no others', () => {
    expect(formFaults(blocks, new Map(), undefined)).toEqual({ name: 'Please complete this required field.' });
    expect(formFaults(blocks, typed([text, { text: 'web-01' }]), undefined)).toEqual({});
  });

  it.each([
    [{ type: 'plain_text_input', min_length: 3 }, 'ab', 'Must be at least 3 characters.'],
    [{ type: 'plain_text_input', max_length: 3 }, 'abcd', 'Must be at most 3 characters.'],
    [{ type: 'number_input' }, 'two', 'Please enter a number.'],
    [{ type: 'number_input' }, '1.5', 'Please enter a whole number.'],
    [{ type: 'number_input', is_decimal_allowed: true }, '1.5', undefined],
    [{ type: 'number_input', min_value: '2' }, '1', 'Must be at least 2.'],
    [{ type: 'number_input', max_value: '64' }, '65', 'Must be at most 64.'],
    [{ type: 'email_text_input' }, 'a@b', 'Please enter a valid email address.'],
    [{ type: 'url_text_input' }, 'example.com', 'Please enter a valid URL.'],
    [{ type: 'url_text_input' }, 'https://example.com', undefined],
  ])('%j with %s', (element, value, expected) => {
    expect(fieldFault(placedIn(input('x', element)), { text: value })).toBe(expected);
  });

  it('counts what is left once it matters', () => {
    expect(charsLeft({ max_length: 500 }, 'x')).toBeUndefined();
    expect(charsLeft({ max_length: 500 }, 'x'.repeat(470))).toBe(30);
    expect(charsLeft({ max_length: 10 }, 'x'.repeat(12))).toBe(-2);
    expect(charsLeft({}, 'x')).toBeUndefined();
  });
});
