import { useMemo } from 'preact/hooks';
import { heldBy } from '../form/form-state.ts';
import { choiceOf } from '../form/held.ts';
import type { Placed } from '../form/placed.ts';
import { objects, textOf } from '../json.ts';
import { useSurface } from '../model/surface.ts';
import { choose } from '../model/use-element.ts';
import { TextObject } from '../text/marks.tsx';
import { freshId } from '../widgets/ids.ts';
import type { FieldLinks } from './element.tsx';

/** Radio buttons and checkboxes. */
export function OptionList({ placed, links }: { readonly placed: Placed; readonly links: FieldLinks | undefined }) {
  const on = useSurface();
  const { element, type, blockId, actionId, block } = placed;
  const name = useMemo(() => freshId('option'), []);
  const held = heldBy(on.surface.typed.value, placed, on.values);
  const chosen = 'chosen' in held ? held.chosen : [];
  const radio = type === 'radio_buttons';
  const toggle = (value: string, now: boolean): void => {
    const all = objects(element.options).map(choiceOf);
    const next = radio
      ? all.filter((one) => one.value === value)
      : all.filter((one) => (one.value === value ? now : chosen.some((had) => had.value === one.value)));
    choose(on, placed, { chosen: next });
  };
  return (
    <fieldset
      class="option-list"
      id={links?.id}
      aria-label={textOf(block.label) || (radio ? 'Choose one' : 'Choose')}
      aria-describedby={links?.describedBy}
      data-testid={radio ? 'block-radio' : 'block-checkboxes'}
      data-block-id={blockId}
      data-action-id={actionId}
    >
      {objects(element.options).map((option) => {
        const { value } = choiceOf(option);
        return (
          <label key={value} class="option">
            <input
              type={radio ? 'radio' : 'checkbox'}
              name={name}
              value={value}
              checked={chosen.some((one) => one.value === value)}
              data-block-id={blockId}
              data-action-id={actionId}
              onChange={(event) => toggle(value, event.currentTarget.checked)}
            />
            <span>
              <TextObject value={option.text} />
              {textOf(option.description) !== '' && (
                <small>
                  <TextObject value={option.description} />
                </small>
              )}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
