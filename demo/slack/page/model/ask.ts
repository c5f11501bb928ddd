import { signal } from '@preact/signals';
import { type Json, str, textOf } from '../json.ts';

/** A question before something is done. */
export interface Question {
  readonly title: string;
  /** A text object. */
  readonly text: unknown;
  readonly yes: string;
  readonly no: string;
  readonly danger: boolean;
  readonly answer: (yes: boolean) => void;
}

/** The question that is open. */
export const question = signal<Question | undefined>(undefined);

/** Asks by a confirm object of the app; resolves with the answer. */
export function ask(confirm: Json): Promise<boolean> {
  return put({
    title: textOf(confirm.title) || 'Are you sure?',
    text: confirm.text,
    yes: textOf(confirm.confirm) || 'Yes',
    no: textOf(confirm.deny) || 'Cancel',
    danger: str(confirm.style) === 'danger',
  });
}

/** Asks something of the page's own. */
export function askPlain(title: string, text: string, yes: string): Promise<boolean> {
  return put({ title, text: { type: 'plain_text', text }, yes, no: 'Cancel', danger: true });
}

function put(asked: Omit<Question, 'answer'>): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer: (yes) => {
        question.value = undefined;
        resolve(yes);
      },
    };
  });
}
