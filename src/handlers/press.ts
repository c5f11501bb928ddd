import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Press } from '../domain/notice.ts';
import { readPress } from '../domain/notice-schema.ts';
import { hostlerHome } from '../operations/hostler/home.ts';
import { typed } from '../operations/usage.ts';
import { tell } from './answer.ts';
import { showCommands } from './commands-view.ts';
import type { Asker, HandlerDeps } from './deps.ts';
import type { Homes } from './home.ts';
import { openForm } from './modal.ts';
import { whisper } from './whisper.ts';

type PressArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;

/** Two presses of the same button by the same person within this time are a double click. */
const DOUBLE_CLICK_S = 5;

/** A button: what it does is in its value; whether it may is asked anew. */
export function onPress(homes: Homes, deps: HandlerDeps): (args: PressArgs) => Promise<void> {
  return async ({ ack, action, body, client }) => {
    await ack();
    const press = readPress(action.value ?? '');
    if (press === null) throw new Error(`a button with a value that is no press: ${action.action_id}`);
    const asker: Asker = {
      user: body.user.id,
      channel: body.channel?.id ?? null,
      channelName: body.channel?.name,
      client,
      responseUrl: body.response_url ?? null,
      triggerId: body.trigger_id,
    };
    const click = `${body.message?.ts ?? body.container.view_id ?? ''}:${action.action_id}:${Math.floor(Number(action.action_ts) / DOUBLE_CLICK_S)}`;
    await act(asker, press, click, homes, deps);
  };
}

async function act(asker: Asker, press: Press, click: string, homes: Homes, deps: HandlerDeps): Promise<void> {
  const { service, directory } = deps;
  if (press.do === 'commands') return showCommands(asker, press.op, deps);
  // A page of the Home tab, pressed there, is turned there.
  if (press.do === 'run' && press.name === hostlerHome.name && asker.channel === null)
    return homes.show(asker.user, press.input, asker.client);
  if (press.do === 'open' || press.do === 'run') {
    const operation = service.catalog.find(({ name }) => name === press.name);
    if (operation === undefined) return whisper(asker, outdated(), deps);
    const { input } = press;
    if (press.do === 'open') return openForm(asker, { operation, input, faults: [], options: {} }, deps);
    const [actor, channelTeam, place] = await Promise.all([
      directory.actorOf(asker.user),
      asker.channel === null ? null : directory.teamOf(asker.channel, asker.channelName),
      directory.placeFor(asker.channel, asker.channelName, asker.user),
    ]);
    const origin = { via: 'slack', channel: place, command: typed(operation) } as const;
    const dedupe = operation.kind === 'read' ? null : `press:${asker.user}:${click}`;
    const answer = await service.request({
      name: operation.name,
      input,
      actor,
      channelTeam,
      origin,
      options: {},
      dedupe,
    });
    return tell(asker, answer, { operation, input, options: {} }, deps);
  }
  const actor = await directory.actorOf(asker.user, { anew: true });
  await tell(asker, await service.press({ press, actor }), null, deps);
}

function outdated() {
  return {
    tone: 'warn',
    title: 'This button is from another version of Hostler',
    lines: ['Type the command instead: `/hostler help` lists them all.'],
  } as const;
}
