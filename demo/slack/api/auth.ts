import type { Method } from './method.ts';

/** auth.* and apps.connections.* */
export const authMethods: Record<string, Method> = {
  'auth.test': {
    tier: 'special',
    run: ({ world: { workspace, app, url } }) => ({
      url: `${url()}/`,
      team: workspace.team.name,
      user: app.name,
      team_id: workspace.team.id,
      user_id: app.botUserId,
      bot_id: app.botId,
      is_enterprise_install: false,
    }),
  },
  'apps.connections.open': {
    tier: 1,
    token: 'app',
    run: ({ world: { app, hub, url } }) => ({
      url: `${url().replace('http', 'ws')}/link/?ticket=${encodeURIComponent(hub.ticket())}&app_id=${app.appId}`,
    }),
  },
};
