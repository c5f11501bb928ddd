import type { Json } from '../json.ts';
import type { User } from '../model/types.ts';
import type { World } from '../world.ts';

/** What every interaction payload begins with. */
export const payloadHead = (world: World, type: string, user: User): Json => ({
  type,
  team: { id: world.workspace.team.id, domain: world.workspace.team.domain },
  user: { id: user.id, username: user.name, name: user.name, team_id: world.workspace.team.id },
  api_app_id: world.app.appId,
  token: 'verification-token',
  enterprise: null,
  is_enterprise_install: false,
});
