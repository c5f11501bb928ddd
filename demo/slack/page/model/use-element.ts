import type { Act, ActAnswer } from '../../ui/protocol.ts';
import { type Held, wireValue } from '../form/held.ts';
import { fieldKey, type Placed } from '../form/placed.ts';
import { choiceGroups } from '../form/suggestions.ts';
import { isJson } from '../json.ts';
import type { ChoiceGroup } from '../widgets/options.ts';
import { act } from './act.ts';
import { ask } from './ask.ts';
import { store } from './store.ts';
import { draftOf, type OnSurface, putIn, setFault } from './surface.ts';

/** Slack gives an app three seconds. */
const ACK_MS = 3000;

/** Presses a button: asks where it asks, then tells the app. */
export async function press(on: OnSurface, placed: Placed): Promise<void> {
  const { confirm } = placed.element;
  const confirmed = isJson(confirm) ? await ask(confirm) : undefined;
  if (confirmed === false) return;
  await say(on, placed, {
    act: 'click',
    ...where(on, placed),
    ...(confirmed === undefined ? {} : { confirmed }),
    draft: draftOf(on.surface, on.blocks),
  });
}

/** Puts something in a field, and tells the app where its block is one that tells. */
export async function choose(on: OnSurface, placed: Placed, held: Held): Promise<void> {
  if (!tells(placed)) return putIn(on.surface, placed, held);
  const { confirm } = placed.element;
  const confirmed = isJson(confirm) ? await ask(confirm) : undefined;
  if (confirmed === false) return;
  putIn(on.surface, placed, held);
  await dispatch(on, placed, held, confirmed);
}

/** Tells the app what is in a field. */
export async function dispatch(on: OnSurface, placed: Placed, held: Held, confirmed?: boolean): Promise<void> {
  await say(on, placed, {
    act: 'select',
    ...where(on, placed),
    value: wireValue(placed.type, held),
    ...(confirmed === undefined ? {} : { confirmed }),
    draft: draftOf(on.surface, on.blocks),
  });
}

/** Chooses in an overflow menu; it keeps nothing. */
export async function chooseOverflow(on: OnSurface, placed: Placed, value: string): Promise<void> {
  await choose(on, placed, { chosen: [{ value, label: '', description: '' }] });
}

/** Asks the app for the choices of an external select: these, or why there are none. */
export async function suggest(on: OnSurface, placed: Placed, text: string): Promise<readonly ChoiceGroup[] | string> {
  const answer = await act({ act: 'suggest', ...where(on, placed), text });
  if (!answer.ok) return answer.receipt === undefined ? answer.error.message : `${appName()} didn’t answer in time.`;
  return choiceGroups(answer.receipt.optionGroups, answer.receipt.options);
}

/** Input blocks keep still until submit, but for those that say otherwise. */
function tells({ block }: Placed): boolean {
  return block.type !== 'input' || block.dispatch_action === true;
}

/** The app's name, for people. */
function appName(): string {
  return store.workspace.value?.app.name ?? 'The app';
}

function where({ surface }: OnSurface, { actionId, blockId }: Placed) {
  return { target: surface.target, actionId, blockId };
}

async function say({ surface }: OnSurface, placed: Placed, what: Act): Promise<void> {
  const key = fieldKey(placed);
  if (surface.busy.peek().has(key)) return;
  setFault(surface, placed.blockId, undefined);
  surface.busy.value = new Set(surface.busy.peek()).add(key);
  const late = setTimeout(() => setFault(surface, placed.blockId, tooLate()), ACK_MS + 200);
  const answer = await act(what);
  clearTimeout(late);
  const rest = new Set(surface.busy.peek());
  rest.delete(key);
  surface.busy.value = rest;
  setFault(surface, placed.blockId, faultIn(answer));
}

function faultIn(answer: ActAnswer): string | undefined {
  if (answer.ok) return undefined;
  const outcome = answer.receipt?.outcome;
  if (outcome === 'operation_timeout') return tooLate();
  if (outcome === 'dispatch_failed') return `${appName()} isn’t connected, so it was not told. (dispatch_failed)`;
  return answer.error.message;
}

function tooLate(): string {
  return `${appName()} didn’t answer within 3 seconds. (operation_timeout)`;
}
