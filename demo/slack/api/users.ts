import { userWire } from '../model/wire.ts';
import { type Method, needText, page, SlackError } from './method.ts';

/** users.* */
export const userMethods: Record<string, Method> = {
  'users.info': {
    tier: 4,
    scope: 'users:read',
    run: ({ world, args }) => {
      const user = world.workspace.users.get(needText(args, 'user'));
      if (!user) throw new SlackError('user_not_found');
      return { user: userWire(world, user) };
    },
  },
  'users.list': {
    tier: 2,
    scope: 'users:read',
    run: ({ world, args }) => {
      const { items, next } = page([...world.workspace.users.values()], args);
      return {
        members: items.map((user) => userWire(world, user)),
        cache_ts: Math.floor(world.clock.now() / 1000),
        response_metadata: { next_cursor: next },
      };
    },
  },
  'users.lookupByEmail': {
    tier: 3,
    scope: 'users:read.email',
    run: ({ world, args }) => {
      const email = needText(args, 'email').toLowerCase();
      const user = [...world.workspace.users.values()].find(
        (one) => !one.isBot && !one.deleted && one.email.toLowerCase() === email,
      );
      if (!user) throw new SlackError('users_not_found');
      return { user: userWire(world, user) };
    },
  },
};
