import { asName } from '../model/place.ts';

/** Drafts are each person's own, one a channel and thread; they outlive a reload. */
function keyOf(room: string): string {
  return `draft:${asName.peek()}:${room}`;
}

/** What was left unsent there. */
export function draftIn(room: string): string {
  return sessionStorage.getItem(keyOf(room)) ?? '';
}

/** Keeps what is typed. */
export function keepDraft(room: string, text: string): void {
  if (text === '') sessionStorage.removeItem(keyOf(room));
  else sessionStorage.setItem(keyOf(room), text);
}
