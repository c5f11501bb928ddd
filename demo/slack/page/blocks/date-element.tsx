import { heldBy } from '../form/form-state.ts';
import type { Placed } from '../form/placed.ts';
import { fromLocal, toLocal } from '../form/zoned.ts';
import { textOf } from '../json.ts';
import { reader } from '../model/clock.ts';
import { useSurface } from '../model/surface.ts';
import { choose } from '../model/use-element.ts';
import type { FieldLinks } from './element.tsx';

const INPUTS: Readonly<Record<string, 'date' | 'time' | 'datetime-local'>> = {
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
};

/** Date, time, or both, by the browser's own picker; a moment is meant in the persona's zone. */
export function DateElement({ placed, links }: { readonly placed: Placed; readonly links: FieldLinks | undefined }) {
  const on = useSurface();
  const { element, type, blockId, actionId, block } = placed;
  const { tz } = reader.value;
  const held = heldBy(on.surface.typed.value, placed, on.values);
  const text = 'text' in held ? held.text : '';
  const moment = type === 'datetimepicker';
  return (
    <span class="date-field">
      <input
        id={links?.id}
        class="input"
        type={INPUTS[type] ?? 'date'}
        value={moment && text !== '' ? toLocal(Number(text), tz) : text}
        aria-label={links === undefined ? textOf(element.placeholder) || textOf(block.text) || 'Date' : undefined}
        aria-describedby={links?.describedBy}
        aria-invalid={links?.invalid}
        data-testid="block-date"
        data-block-id={blockId}
        data-action-id={actionId}
        onChange={(event) => {
          const { value } = event.currentTarget;
          choose(on, placed, { text: moment && value !== '' ? String(fromLocal(value, tz)) : value });
        }}
      />
      {moment && <small class="zone">{tz}</small>}
    </span>
  );
}
