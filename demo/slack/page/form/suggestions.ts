import { type Json, objects, textOf } from '../json.ts';
import type { ChoiceGroup } from '../widgets/options.ts';
import { choiceOf } from './held.ts';

/** The options of an element or an app's answer, in their groups. */
export function choiceGroups(groups: unknown, options: unknown): ChoiceGroup[] {
  const grouped = objects(groups).map((group: Json) => ({
    label: textOf(group.label),
    choices: objects(group.options).map(choiceOf),
  }));
  if (grouped.length > 0) return grouped;
  const choices = objects(options).map(choiceOf);
  return choices.length === 0 ? [] : [{ label: '', choices }];
}
