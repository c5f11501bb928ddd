import type { Json } from '../json.ts';
import type { World } from '../world.ts';
import type { Receipt } from './deliver.ts';

/**
 * Sends an event to the app if its manifest subscribes to it. `subscription` is the name there (`message.channels` for
 * an event of type `message`). Resolves with the first receipt, undefined where the app doesn't listen.
 */
export const emitEvent = async (world: World, subscription: string, event: Json): Promise<Receipt | undefined> => {
  const { app, workspace, clock } = world;
  if (app.events && !app.events.has(subscription)) return undefined;
  return world.delivery.sendEvent({
    token: 'verification-token',
    team_id: workspace.team.id,
    context_team_id: workspace.team.id,
    context_enterprise_id: null,
    api_app_id: app.appId,
    event: { event_ts: workspace.nextTs(), ...event },
    type: 'event_callback',
    event_id: workspace.ids.next('Ev'),
    event_time: Math.floor(clock.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.team.id,
        user_id: app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${workspace.ids.short()}`,
  });
};
