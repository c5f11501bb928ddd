import { z } from 'zod';
import { formatSpan } from '../../domain/size.ts';
import { defineRead } from '../spec.ts';

export const hostlerWhoami = defineRead({
  name: 'hostler.whoami',
  summary: 'Show who you are to Hostler: teams, roles, keys',
  input: z.strictObject({}),
  positional: [],
  permission: 'self',
  examples: ['/hostler whoami'],
  read: async (_input, { actor, settings, rows }) => {
    const teams = [...actor.teams].map(([name, role]) => ({ name, role }));
    const own = rows.keys.of(actor.person).length;
    const config = settings.people.find(({ name }) => name === actor.person)?.sshKeys.length ?? 0;
    const admins = settings.people.filter(({ platform }) => platform === 'admin').map(({ name }) => name);
    return {
      notice: {
        tone: 'plain',
        title: `You are ${actor.person}`,
        lines: [
          ...(actor.staleMs === null
            ? []
            : [`Slack’s directory can’t be read: this is ${formatSpan(actor.staleMs)} old.`]),
          ...(teams.length === 0 && actor.platform === null
            ? ['You are in no team yet, so you can look at nothing. An admin can add you.']
            : []),
        ],
        facts: [
          { name: 'Teams', value: teams.map(({ name, role }) => `${name} (${role})`).join(', ') || 'none' },
          { name: 'On the platform', value: actor.platform ?? 'nothing special' },
          { name: 'ssh keys', value: `${config} in the configuration, ${own} added by you` },
          { name: 'Admins', value: admins.join(', ') || 'none' },
        ],
      },
      json: {
        person: actor.person,
        slack: actor.slack,
        via: actor.via,
        platform: actor.platform,
        teams,
        keys: config + own,
        admins,
      },
    };
  },
});
