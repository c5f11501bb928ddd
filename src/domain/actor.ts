import type { Actor } from './access.ts';
import type { Settings } from './settings.ts';

/** Who a person of the config is, by the config alone: members that only Slack knows are not in it. Null for somebody it doesn't name. */
export function actorOfConfig(settings: Settings, name: string, via: Actor['via']): Actor | null {
  const person = settings.people.find((each) => each.name === name);
  if (person === undefined) return null;
  const teams = new Map<string, 'member' | 'lead'>();
  for (const team of settings.teams) {
    if (team.leads.includes(name)) teams.set(team.name, 'lead');
    else if (team.members.includes(name)) teams.set(team.name, 'member');
  }
  return { person: name, slack: person.slack, via, platform: person.platform, teams, staleMs: null };
}
