import type { AllMiddlewareArgs, SlackOptionsMiddlewareArgs } from '@slack/bolt';
import type { HandlerDeps } from './deps.ts';
import { MOST_OPTIONS, optionOf } from './form-element.ts';
import { CHOICES, readOptions, recall } from './form-state.ts';

type OptionsArgs = SlackOptionsMiddlewareArgs<'block_suggestion'> & AllMiddlewareArgs;

/** Type-ahead: what a field may be, among what the person may see. */
export function onChoices(deps: HandlerDeps): (args: OptionsArgs) => Promise<void> {
  return async ({ ack, payload, body }) => {
    const { view } = body;
    const memory = view === undefined ? null : recall(view.private_metadata);
    const options = memory === null || view === undefined ? {} : readOptions(view.state.values, memory.options);
    const actor = await deps.directory.actorOf(body.user.id);
    const field = {
      choices: payload.action_id.slice(CHOICES.length),
      actor,
      team: options.team ?? memory?.team ?? null,
    };
    const found = deps.service.choices(field, payload.value, MOST_OPTIONS);
    await ack({ options: found.filter(({ value }) => value.length <= 75).map(optionOf) });
  };
}
