import { checkView, viewTooLarge, withIds } from '../blocks/check-blocks.ts';
import { asObjects, asText, type Json } from '../json.ts';
import { slackFileProblems } from '../model/slack-files.ts';
import type { View } from '../model/types.ts';
import { viewWire } from '../model/wire.ts';
import type { World } from '../world.ts';
import { type Call, invalidArguments, type Method, needObject, needText, SlackError, textArg } from './method.ts';

/** A view's source, checked and with ids; throws what Slack would answer. `present` is the view that it replaces. */
export const checkedView = (world: World, source: Json, surface: 'modal' | 'home', present?: View): Json => {
  if (viewTooLarge(source)) throw new SlackError('view_too_large');
  const problems = [...checkView(source, surface), ...slackFileProblems(world.files, source.blocks, '/view/blocks')];
  if (problems.length > 0) throw invalidArguments(...problems);
  const externalId = asText(source.external_id);
  const twin = externalId ? world.views.byExternalId(externalId) : undefined;
  if (twin && twin.id !== present?.id) throw new SlackError('duplicate_external_id');
  return { ...source, blocks: withIds(asObjects(source.blocks), world.workspace.ids.short) };
};

const userOfTrigger = ({ world, args }: Call): string => {
  const id = needText(args, 'trigger_id');
  if (!/^\d+\.\d+\.[0-9a-f]+$/.test(id)) throw invalidArguments('invalid `trigger_id` [json-pointer:/trigger_id]');
  const use = world.triggers.use(id);
  if (!use.ok) throw new SlackError(use.error);
  return use.user;
};

const answer = (world: World, view: View): Json => ({ view: viewWire(world, view) });

const sameHash = (args: Json, view: View | undefined): void => {
  const hash = textArg(args, 'hash');
  if (hash !== undefined && view && hash !== view.hash) throw new SlackError('hash_conflict');
};

const update = ({ world, args }: Call): Json => {
  const source = needObject(args, 'view');
  const [id, externalId] = [textArg(args, 'view_id'), textArg(args, 'external_id')];
  if (id !== undefined && externalId !== undefined) {
    throw invalidArguments('Cannot provide both `view_id` and `external_id`');
  }
  if (id === undefined && externalId === undefined) throw invalidArguments('missing required field: view_id');
  const view = id === undefined ? world.views.byExternalId(externalId ?? '') : world.views.find(id);
  if (!view) throw new SlackError('not_found');
  sameHash(args, view);
  world.views.update(view, checkedView(world, source, view.type, view));
  return answer(world, view);
};

const publish = ({ world, args }: Call): Json => {
  const user = needText(args, 'user_id');
  const source = needObject(args, 'view');
  if (!world.workspace.users.has(user)) throw invalidArguments('invalid `user_id` [json-pointer:/user_id]');
  if (!world.app.homeTab) throw new SlackError('not_enabled');
  const present = world.views.home(user);
  sameHash(args, present);
  return answer(world, world.views.publish(user, checkedView(world, source, 'home', present)));
};

/** views.* */
export const viewMethods: Record<string, Method> = {
  'views.open': {
    tier: 4,
    run: (call) => {
      const source = checkedView(call.world, needObject(call.args, 'view'), 'modal');
      return answer(call.world, call.world.views.open(userOfTrigger(call), source));
    },
  },
  'views.push': {
    tier: 4,
    run: (call) => {
      const source = checkedView(call.world, needObject(call.args, 'view'), 'modal');
      const user = userOfTrigger(call);
      if (call.world.views.stack(user).length === 0) throw new SlackError('not_found');
      const view = call.world.views.push(user, source);
      if (!view) throw new SlackError('push_limit_reached');
      return answer(call.world, view);
    },
  },
  'views.update': { tier: 4, run: update },
  'views.publish': { tier: 4, run: publish },
};
