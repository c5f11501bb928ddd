import { useEffect, useRef } from 'preact/hooks';
import { charsLeft } from '../form/check-field.ts';
import { heldBy } from '../form/form-state.ts';
import type { Placed } from '../form/placed.ts';
import { isJson, strings, textOf } from '../json.ts';
import { putIn, useSurface } from '../model/surface.ts';
import { dispatch } from '../model/use-element.ts';
import type { FieldLinks } from './element.tsx';

const INPUT_MODES: Readonly<Record<string, 'numeric' | 'email' | 'url'>> = {
  number_input: 'numeric',
  email_text_input: 'email',
  url_text_input: 'url',
};
const TYPING_RESTS_MS = 300;

/** Everything one types into. */
export function TextElement({ placed, links }: { readonly placed: Placed; readonly links: FieldLinks | undefined }) {
  const on = useSurface();
  const { element, type, blockId, actionId, block } = placed;
  const held = heldBy(on.surface.typed.value, placed, on.values);
  const text = 'text' in held ? held.text : '';
  const wait = useRef<ReturnType<typeof setTimeout>>(undefined);
  const field = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (element.focus_on_load === true) field.current?.focus();
  }, [element.focus_on_load]);

  const when = strings(
    isJson(element.dispatch_action_config) ? element.dispatch_action_config.trigger_actions_on : null,
  );
  const tells = block.dispatch_action === true;
  const onEnter = tells && (when.length === 0 || when.includes('on_enter_pressed'));
  const onTyping = tells && when.includes('on_character_entered');
  const long = element.multiline === true || type === 'rich_text_input';
  const left = charsLeft(element, text);
  const common = {
    id: links?.id,
    class: links?.invalid ? 'input invalid' : 'input',
    value: text,
    placeholder: textOf(element.placeholder),
    'aria-label': links === undefined ? textOf(element.placeholder) || 'Text' : undefined,
    'aria-describedby': links?.describedBy,
    'aria-invalid': links?.invalid === true,
    'aria-required': block.optional !== true,
    'data-testid': 'block-input',
    'data-block-id': blockId,
    'data-action-id': actionId,
  };
  const typed = (value: string): void => {
    putIn(on.surface, placed, { text: value });
    clearTimeout(wait.current);
    if (onTyping) wait.current = setTimeout(() => dispatch(on, placed, { text: value }), TYPING_RESTS_MS);
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing || !onEnter || (long && event.shiftKey)) return;
    event.preventDefault();
    dispatch(on, placed, { text });
  };
  return (
    <span class="text-field">
      {long ? (
        <textarea
          {...common}
          ref={(node) => {
            field.current = node;
          }}
          rows={4}
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={keys}
        />
      ) : (
        <input
          {...common}
          ref={(node) => {
            field.current = node;
          }}
          type="text"
          inputMode={element.is_decimal_allowed === true ? 'decimal' : INPUT_MODES[type]}
          autoComplete="off"
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={keys}
        />
      )}
      {left !== undefined && (
        <span class={left < 0 ? 'counter over' : 'counter'} data-testid="counter">
          {left}
        </span>
      )}
    </span>
  );
}
