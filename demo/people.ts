/** The demo's workspace: the config's people, a channel for each team, and where admins and auditors look. */
import type { ConfigFileText } from './fleet/config-file.ts';
import type { ChatServer } from './slack/server.ts';

/** Zones of the people, in turn: so that one sees times in one's own. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'] as const;

/** What somebody does: `lead of team-01`. */
function roleOf(config: ConfigFileText, name: string): string {
  const person = config.people?.find((each) => each.name === name);
  if (person?.platform !== undefined) return `platform ${person.platform}`;
  const leads = config.teams?.find((team) => team.leads?.includes(name));
  if (leads !== undefined) return `lead of ${leads.name}`;
  const member = config.teams?.find((team) => team.members?.includes(name));
  return member === undefined ? 'in no team' : `member of ${member.name}`;
}

/** Fills the workspace. Admin and auditor are everywhere; a team's people in their channel and in #general. */
export function peopleTheWorkspace(server: ChatServer, config: ConfigFileText): void {
  const { people = [], teams = [], channels } = config;
  for (const [at, { name, platform }] of people.entries()) {
    const team = Math.floor((at - 2) / 3);
    server.addUser({
      name,
      title: roleOf(config, name),
      tz: ZONES[Math.max(0, team) % ZONES.length] ?? 'UTC',
      isAdmin: platform === 'admin',
    });
  }
  const bot = server.app.botUserId;
  // Everybody finds the app's messages in the list, also before it has written any.
  for (const { name } of people) server.workspace.direct([bot, server.workspace.user(name).id]);
  const platform = people.filter((person) => person.platform !== undefined).map(({ name }) => name);
  server.addChannel({ name: 'general', members: [bot, ...people.map(({ name }) => name)] });
  for (const { channel, leads = [], members = [] } of teams) {
    server.addChannel({ name: channel, members: [bot, ...platform, ...leads, ...members] });
  }
  if (channels?.admin !== undefined) {
    server.addChannel({ name: channels.admin, kind: 'private', members: [bot, 'admin'] });
  }
  if (channels?.audit !== undefined) {
    server.addChannel({ name: channels.audit, kind: 'private', members: [bot, ...platform] });
  }
}
