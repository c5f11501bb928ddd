import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs, StaticSelectAction } from '@slack/bolt';
import { fieldsOf } from '../operations/fields.ts';
import type { HandlerDeps } from './deps.ts';
import { FORM, readForm, readOptions, recall } from './form-state.ts';
import { formView } from './form-view.ts';

type TeamArgs = SlackActionMiddlewareArgs<BlockAction<StaticSelectAction>> & AllMiddlewareArgs;

/** Another team in a form: what there is to choose is its own. What was put in stays. */
export function onTeamChange(deps: HandlerDeps): (args: TeamArgs) => Promise<void> {
  return async ({ ack, body, client }) => {
    await ack();
    const { view } = body;
    const operation = deps.service.catalog.find(({ name }) => `${FORM}${name}` === view?.callback_id);
    if (view === undefined || operation === undefined) return;
    const memory = recall(view.private_metadata);
    const options = readOptions(view.state.values, memory.options);
    const content = {
      operation,
      input: readForm(view.state.values, fieldsOf(operation)),
      faults: [],
      memory: { ...memory, options },
      actor: await deps.directory.actorOf(body.user.id),
    };
    await client.views.update({ view_id: view.id, hash: view.hash, view: formView(content, deps.service) });
  };
}
