import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { checkInput } from '../operations/check-input.ts';
import { fieldsOf } from '../operations/fields.ts';
import type { FieldFault } from '../operations/service.ts';
import { typed } from '../operations/usage.ts';
import { tell } from './answer.ts';
import type { Asker, HandlerDeps } from './deps.ts';
import { blockOf, FORM, readForm, readOptions, recall } from './form-state.ts';

type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** A form sent: the ack is the answer about its fields, by what this process knows alone; all else comes after. */
export function onSubmit(deps: HandlerDeps): (args: ViewArgs) => Promise<void> {
  return async ({ ack, view, body, client }) => {
    const operation = deps.service.catalog.find(({ name }) => `${FORM}${name}` === view.callback_id);
    if (operation === undefined) {
      await ack();
      throw new Error(`a form of an operation that isn't there: ${view.callback_id}`);
    }
    const input = readForm(view.state.values, fieldsOf(operation));
    const checked = checkInput(operation, input);
    const blocks = view.blocks.flatMap((block) =>
      block.type === 'input' && block.block_id !== undefined ? [block.block_id] : [],
    );
    if (!checked.ok) return ack({ response_action: 'errors', errors: errorsOf(checked.faults, blocks) });
    await ack();

    const memory = recall(view.private_metadata);
    const options = readOptions(view.state.values, memory.options);
    const asker: Asker = {
      user: body.user.id,
      channel: memory.channel,
      channelName: undefined,
      client,
      responseUrl: null,
      triggerId: null,
    };
    const answer = await deps.service.request({
      name: operation.name,
      input,
      actor: await deps.directory.actorOf(body.user.id),
      channelTeam: memory.team,
      origin: { via: 'slack', channel: memory.place, command: typed(operation) },
      options,
      // The view's id: a second press of its button, or a copy from Slack, is the same request.
      dedupe: view.id,
    });
    await tell(asker, answer, { operation, input, options }, deps);
  };
}

/** By block. What belongs to no block of the form is said under its first. */
function errorsOf(faults: readonly FieldFault[], blocks: readonly string[]): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { field, message } of faults) {
    const block = blocks.includes(blockOf(field)) ? blockOf(field) : blocks[0];
    if (block !== undefined) errors[block] = [errors[block], message].filter((part) => part !== undefined).join(' ');
  }
  return errors;
}
