import type { Config } from '../config.ts';
import { BotError } from '../domain/error.ts';
import { nearest } from '../domain/names.ts';
import { sudoersFor } from '../infra/sudoers.ts';

/** The sudoers file of each host, or of the one named. Throws `not_found`. */
export function sudoersOf(config: Config, host: string | null): { readonly host: string; readonly text: string }[] {
  const names = config.hosts.map(({ name }) => name);
  if (host !== null && !names.includes(host)) {
    const near = nearest(host, names);
    throw new BotError('not_found', `The config has no host ${host}`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has: ${names.join(', ') || 'none'}.`,
    });
  }
  return config.hosts
    .filter(({ name }) => host === null || name === host)
    .map(({ name, user, limits }) => {
      const vg = config.settings.hosts.find((each) => each.name === name)?.vg ?? '';
      return { host: name, text: sudoersFor(user, limits, vg) };
    });
}
