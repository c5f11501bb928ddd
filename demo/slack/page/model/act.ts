import { signal } from '@preact/signals';
import type { Act, ActAnswer, TroubleAnswer, TroubleRequest } from '../../ui/protocol.ts';
import { isJson } from '../json.ts';
import { asName } from './place.ts';

/** A line at the foot of the page about something that went wrong; it goes by itself. */
export const toast = signal<{ readonly text: string; readonly n: number } | undefined>(undefined);
let toasts = 0;

/** Does something as the persona. Never throws: what went wrong is in the answer. */
export async function act(what: Act): Promise<ActAnswer> {
  const answer = await post('/ui/act', { as: asName.peek(), ...what });
  if (isAnswer(answer)) return answer;
  return { ok: false, error: { message: typeof answer === 'string' ? answer : 'The chat server gave no answer.' } };
}

/** Does something whose failure is told at the foot of the page. Gives whether it went well. */
export async function tryTo(what: Act): Promise<boolean> {
  const answer = await act(what);
  if (!answer.ok) tell(answer.error.message);
  return answer.ok;
}

/** Makes something go wrong. */
export async function makeTrouble(what: TroubleRequest): Promise<void> {
  const answer = await post('/ui/trouble', what);
  if (typeof answer === 'string') tell(answer);
  else if (isTroubleAnswer(answer) && !answer.ok) tell(answer.error.message);
}

/** Says something at the foot of the page. */
export function tell(text: string): void {
  toasts += 1;
  toast.value = { text, n: toasts };
}

/** The answer's JSON, or why there is none. */
async function post(path: string, body: unknown): Promise<unknown> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    return answer;
  } catch {
    return 'The chat server can’t be reached. Is it still running?';
  }
}

function isAnswer(value: unknown): value is ActAnswer {
  return isJson(value) && (value.ok === true ? isJson(value.receipt) : value.ok === false && isJson(value.error));
}

function isTroubleAnswer(value: unknown): value is TroubleAnswer {
  return isJson(value) && typeof value.ok === 'boolean';
}
