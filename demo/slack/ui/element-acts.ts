import type { Persona } from '../persona/persona.ts';
import type { Target } from '../persona/targets.ts';
import type { World } from '../world.ts';
import { answerOf, refused } from './act-answer.ts';
import type { Act, ActAnswer, ActTarget } from './protocol.ts';

type ElementAct = Extract<Act, { act: 'click' | 'select' | 'suggest' | 'submit' | 'close' }>;

const TROUBLE = 'We had some trouble connecting. Try again?';

const targetOf = (world: World, persona: Persona, target: ActTarget): Target => {
  if ('message' in target) {
    const { channel, ts } = target.message;
    const message = world.messages.find(channel, ts);
    if (!message) throw new Error('chat server: the message is gone');
    return message;
  }
  const view = 'home' in target ? world.views.home(persona.user.id) : world.views.find(target.view);
  if (!view) throw new Error('chat server: the view is gone');
  return view;
};

const submit = async (app: string, persona: Persona, viewId: string, values: Act & { act: 'submit' }) => {
  const result = await persona.submit({ id: viewId }, values.values);
  if (Object.keys(result.errors).length > 0) return refused('Some fields need another value.', result.errors);
  if (result.problem !== undefined) return refused(`${TROUBLE} (${result.problem})`);
  const answer = answerOf(app, result);
  return answer.ok ? answer : { ...answer, error: { message: `${TROUBLE} ${answer.error.message}` } };
};

/** Uses elements of messages and views. */
export const elementAct = async (world: World, persona: Persona, act: ElementAct): Promise<ActAnswer> => {
  const app = world.app.name;
  if (act.act === 'submit') return submit(app, persona, act.viewId, act);
  if (act.act === 'close') {
    const receipts = await persona.close({ id: act.viewId }, { all: act.all === true });
    return answerOf(app, receipts.find((one) => one.outcome !== 'acked') ?? receipts[0]);
  }
  const target = targetOf(world, persona, act.target);
  if (act.act === 'suggest') {
    const result = await persona.typeahead(target, act.actionId, act.text, { blockId: act.blockId });
    if (result.problems.length > 0) return refused(`The app's options can't be shown: ${result.problems.join('; ')}`);
    const groups = result.groups.length > 0 ? { optionGroups: result.groups } : {};
    return answerOf(app, result, { options: result.options, ...groups });
  }
  const options = {
    blockId: act.blockId,
    ...(act.confirmed === undefined ? {} : { confirm: act.confirmed }),
    ...(act.draft === undefined ? {} : { draft: act.draft }),
  };
  const receipt =
    act.act === 'click'
      ? await persona.click(target, act.actionId, options)
      : await persona.select(target, act.actionId, act.value, options);
  return answerOf(app, receipt);
};
