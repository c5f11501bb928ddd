import type { World } from '../world.ts';
import { flagArg, type Method, needText, SlackError } from './method.ts';

const paid = (world: World): void => {
  if (!world.paidPlan) throw new SlackError('plan_upgrade_required');
};

/** usergroups.* */
export const userGroupMethods: Record<string, Method> = {
  'usergroups.list': {
    tier: 2,
    scope: 'usergroups:read',
    run: ({ world, args }) => {
      paid(world);
      const withUsers = flagArg(args, 'include_users');
      return {
        usergroups: [...world.workspace.groups.values()].map((group) => ({
          id: group.id,
          team_id: world.workspace.team.id,
          is_usergroup: true,
          name: group.name,
          handle: group.handle,
          description: '',
          is_external: false,
          date_delete: 0,
          user_count: group.users.size,
          prefs: { channels: [], groups: [] },
          ...(withUsers ? { users: [...group.users] } : {}),
        })),
      };
    },
  },
  'usergroups.users.list': {
    tier: 2,
    scope: 'usergroups:read',
    run: ({ world, args }) => {
      paid(world);
      const group = world.workspace.groups.get(needText(args, 'usergroup'));
      if (!group) throw new SlackError('no_such_subteam');
      return { users: [...group.users] };
    },
  },
};
