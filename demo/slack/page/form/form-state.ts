import type { Json } from '../json.ts';
import { fieldFault } from './check-field.ts';
import { type Held, heldOfState, initialHeld, type WireValue, wireValue } from './held.ts';
import { fieldKey, fieldsIn, type Placed } from './placed.ts';

/** What a person has typed and chosen and the app may not know yet, by field. */
export type Typed = ReadonlyMap<string, Held>;

/** What is in a field now: what was typed; else what the server knows; else what the app put in. */
export function heldBy(typed: Typed, placed: Placed, values: unknown): Held {
  return (
    typed.get(fieldKey(placed)) ?? heldOfState(placed.element, valueAt(values, placed)) ?? initialHeld(placed.element)
  );
}

/** After an update of the view: what was typed stays where block_id, action_id and type stay, and goes with its field. */
export function keptTyped(typed: Typed, blocks: readonly Json[]): Typed {
  const there = new Set(fieldsIn(blocks).map(fieldKey));
  const kept = [...typed].filter(([key]) => there.has(key));
  return kept.length === typed.size ? typed : new Map(kept);
}

/** What Slack's client says before anything is sent, by block_id. */
export function formFaults(blocks: readonly Json[], typed: Typed, values: unknown): Record<string, string> {
  const faults = fieldsIn(blocks)
    .filter(({ block }) => block.type === 'input')
    .flatMap((placed) => {
      const fault = fieldFault(placed, heldBy(typed, placed, values));
      return fault === undefined ? [] : [[placed.blockId, fault]];
    });
  return Object.fromEntries(faults);
}

/** What is to be sent of a form: only what was touched; the server knows the rest. */
export function touchedValues(blocks: readonly Json[], typed: Typed): [Placed, WireValue][] {
  return fieldsIn(blocks).flatMap((placed): [Placed, WireValue][] => {
    const held = typed.get(fieldKey(placed));
    return held === undefined ? [] : [[placed, wireValue(placed.type, held)]];
  });
}

function valueAt(values: unknown, { blockId, actionId }: Placed): unknown {
  if (typeof values !== 'object' || values === null) return undefined;
  const block: unknown = Reflect.get(values, blockId);
  return typeof block === 'object' && block !== null ? Reflect.get(block, actionId) : undefined;
}
