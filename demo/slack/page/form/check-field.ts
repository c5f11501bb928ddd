import { num, str } from '../json.ts';
import { type Held, isEmpty } from './held.ts';
import type { Placed } from './placed.ts';

/** What Slack's client itself says about a field on submit; undefined where it is content. */
export function fieldFault({ block, element, type }: Placed, held: Held): string | undefined {
  if (isEmpty(held)) return block.optional === true ? undefined : 'Please complete this required field.';
  if ('chosen' in held) {
    const most = num(element.max_selected_items, Number.POSITIVE_INFINITY);
    return held.chosen.length > most ? `Choose ${most} at most.` : undefined;
  }
  const { text } = held;
  if (type === 'number_input') return numberFault(text, element);
  const least = num(element.min_length, 0);
  const most = num(element.max_length, 3000);
  if (text.length < least) return `Must be at least ${least} characters.`;
  if (text.length > most) return `Must be at most ${most} characters.`;
  if (type === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(text)) return 'Please enter a valid email address.';
  if (type === 'url_text_input' && !/^https?:\/\/\S+$/.test(text)) return 'Please enter a valid URL.';
  return undefined;
}

function numberFault(text: string, element: Placed['element']): string | undefined {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return 'Please enter a number.';
  if (element.is_decimal_allowed !== true && text.includes('.')) return 'Please enter a whole number.';
  const least = str(element.min_value);
  const most = str(element.max_value);
  if (least !== '' && Number(text) < Number(least)) return `Must be at least ${least}.`;
  if (most !== '' && Number(text) > Number(most)) return `Must be at most ${most}.`;
  return undefined;
}

/** How many characters are left, once it matters; undefined before. */
export function charsLeft(element: Placed['element'], text: string): number | undefined {
  const most = num(element.max_length, 0);
  if (most === 0) return undefined;
  const left = most - text.length;
  return left <= Math.max(20, most * 0.1) || most <= 80 ? left : undefined;
}
