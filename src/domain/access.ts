import type { Settings } from './settings.ts';

/** `safe`; `disruptive` stops a service; `destructive` loses data. Where a text says risky it means the last two. */
export const RISKS = ['safe', 'disruptive', 'destructive'] as const;
export type Risk = (typeof RISKS)[number];

/** Member and lead in a team; admin and auditor on the whole platform. */
export const ROLES = ['member', 'lead', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** What an operation needs of its actor. `operate` and `approve` are asked in a team; the others anywhere. */
export const PERMISSIONS = ['view', 'operate', 'delete', 'approve', 'audit', 'platform', 'self'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who asks, as known when he asked. */
export interface Actor {
  /** Name of the person in the config; for someone unknown there, his Slack id. */
  readonly person: string;
  readonly slack: string | null;
  readonly via: 'slack' | 'terminal' | 'schedule';
  readonly platform: 'admin' | 'auditor' | null;
  /** Role in each team that he is in. */
  readonly teams: ReadonlyMap<string, 'member' | 'lead'>;
  /** The directory could not be read: what is here comes from a cache of that age, and changes are refused. */
  readonly staleMs: number | null;
}

export type Decision =
  | { readonly allowed: true; readonly as: Role }
  | { readonly allowed: false; readonly reason: string; readonly hint: string };

const BY_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  member: ['view', 'operate', 'self'],
  lead: ['view', 'operate', 'delete', 'approve', 'audit', 'self'],
  admin: ['view', 'operate', 'delete', 'approve', 'audit', 'platform', 'self'],
  auditor: ['view', 'audit', 'self'],
};

/**
 * The one place where permission is decided. `team` is null for what belongs to no team.
 * `own` says that the actor made the thing: its maker may delete it without being lead.
 */
export function decide(actor: Actor, permission: Permission, team: string | null, own = false): Decision {
  const roles: Role[] = [];
  if (actor.platform !== null) roles.push(actor.platform);
  const inTeam = team === null ? [...actor.teams.values()] : [actor.teams.get(team)];
  for (const role of inTeam) if (role !== undefined) roles.push(role);

  const changes = permission !== 'view' && permission !== 'audit';
  if (changes && actor.staleMs !== null && actor.platform !== 'admin') {
    return {
      allowed: false,
      reason: 'Who is in which team can’t be read from Slack just now, so changes are refused',
      hint: 'Try again in a minute; reading works meanwhile.',
    };
  }
  if (permission === 'self' && roles.length === 0 && actor.slack !== null) return { allowed: true, as: 'member' };
  for (const role of roles) if (BY_ROLE[role].includes(permission)) return { allowed: true, as: role };
  if (permission === 'delete' && own) {
    const as = roles.find((role) => role === 'member');
    if (as !== undefined) return { allowed: true, as };
  }
  return refusal(actor, permission, team);
}

function refusal(actor: Actor, permission: Permission, team: string | null): Decision {
  const who = actor.person;
  if (permission === 'platform') {
    return {
      allowed: false,
      reason: `Only platform admins may do this; ${who} isn't one`,
      hint: 'Ask an admin: `/hostler whoami` says who they are.',
    };
  }
  if (actor.platform === 'auditor' && permission !== 'self') {
    return {
      allowed: false,
      reason: `${who} is an auditor, who reads everything and changes nothing`,
      hint: 'Ask a member of the team.',
    };
  }
  if (team !== null && !actor.teams.has(team)) {
    const mine = [...actor.teams.keys()];
    return {
      allowed: false,
      reason: `${who} isn't in team ${team}`,
      hint:
        mine.length === 0
          ? 'Ask an admin to add you to a team.'
          : `Your ${mine.length === 1 ? 'team is' : 'teams are'} ${mine.join(', ')}.`,
    };
  }
  if (team === null && actor.teams.size === 0) {
    return {
      allowed: false,
      reason: `${who} is in no team`,
      hint: 'Ask an admin to add you to one: `/hostler whoami` shows what Hostler knows of you.',
    };
  }
  return {
    allowed: false,
    reason: `${who} is a member of ${team ?? 'the team'}; this needs a lead`,
    hint: 'Ask a lead of the team, or the VM’s maker.',
  };
}

/** People of the config who may approve in a team, the requester left out: for naming them on the card. */
export function approvers(
  settings: Settings,
  from: 'lead' | 'admin',
  team: string | null,
  requester: string,
): string[] {
  const leads = from === 'lead' ? (settings.teams.find((each) => each.name === team)?.leads ?? []) : [];
  const admins = settings.people.filter((person) => person.platform === 'admin').map((person) => person.name);
  return [...new Set([...leads, ...admins])].filter((name) => name !== requester);
}
