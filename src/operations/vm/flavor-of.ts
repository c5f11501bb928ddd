import { BotError } from '../../domain/error.ts';
import { nearest } from '../../domain/names.ts';
import type { Flavor, ImageSettings, NetworkSettings, Settings, Team } from '../../domain/settings.ts';
import type { Rows } from '../store.ts';

/** Finds a named thing of the config, or says which there are. */
function named<T extends { readonly name: string }>(things: readonly T[], name: string, what: string): T {
  const found = things.find((thing) => thing.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    things.map((thing) => thing.name),
  );
  const all = things
    .map((thing) => thing.name)
    .slice(0, 12)
    .join(', ');
  throw new BotError('not_found', `There is no ${what} ${name}`, {
    field: what,
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `There ${things.length === 1 ? 'is' : 'are'}: ${all === '' ? 'none yet' : all}.`,
  });
}

export function flavorOf(settings: Settings, name: string): Flavor {
  return named(settings.flavors, name, 'flavor');
}
/** Of the configuration, or built of a VM. */
export function imageOf(settings: Settings, rows: Pick<Rows, 'images'>, name: string): ImageSettings {
  return named(imagesOf(settings, rows), name, 'image');
}
/** All that VMs can be made of, by name: those of the configuration, and those that were built. */
export function imagesOf(settings: Settings, rows: Pick<Rows, 'images'>): readonly ImageSettings[] {
  const newest = new Map<string, ImageSettings>();
  for (const { name, builtOf, osinfo, login } of rows.images.list()) {
    const known = newest.has(name) || settings.images.some((image) => image.name === name);
    if (builtOf !== null && !known) newest.set(name, { name, file: null, source: null, osinfo, login });
  }
  return [...settings.images, ...newest.values()];
}
export function networkOf(settings: Settings, name: string): NetworkSettings {
  return named(settings.networks, name, 'network');
}
export function teamNamed(settings: Settings, name: string): Team {
  return named(settings.teams, name, 'team');
}
