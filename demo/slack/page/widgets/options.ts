import type { Choice } from '../form/held.ts';

/** Choices under a heading; the heading is empty where there is but one list. */
export interface ChoiceGroup {
  readonly label: string;
  readonly choices: readonly Choice[];
}

/** Where choices come from: at once, or asked for with what was typed. */
export type Offer = readonly ChoiceGroup[] | ((typed: string) => Promise<readonly ChoiceGroup[] | string>);

/** Those that hold what was typed, in the label, value or description; groups that have none go. */
export function narrowed(groups: readonly ChoiceGroup[], typed: string): ChoiceGroup[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (choice: Choice): boolean => {
    const all = `${choice.label} ${choice.value} ${choice.description}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return groups
    .map(({ label, choices }) => ({ label, choices: choices.filter(fits) }))
    .filter(({ choices }) => choices.length > 0);
}
