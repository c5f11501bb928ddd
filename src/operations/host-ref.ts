import { BotError } from '../domain/error.ts';
import { HostName, nearest } from '../domain/names.ts';
import type { HostSettings, Settings } from '../domain/settings.ts';

/** The host that a command is about. */
export const HostField = HostName.meta({ title: 'Host', description: 'Which host', choices: 'host' });

/** The host of that name. Throws `not_found` with near names. */
export function hostOf({ hosts }: Pick<Settings, 'hosts'>, name: string): HostSettings {
  const found = hosts.find((host) => host.name === name);
  if (found !== undefined) return found;
  const names = hosts.map((host) => host.name);
  const near = nearest(name, names);
  throw new BotError('not_found', `There is no host ${name}`, {
    field: 'host',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Hosts are ${names.join(', ')}.`,
  });
}
