import { BotError } from '../../domain/error.ts';
import type { Objection } from '../../domain/placement.ts';
import type { Amounts } from '../../domain/plan.ts';
import type { Flavor, HostSettings, Settings } from '../../domain/settings.ts';
import { chooseHost } from '../candidates.ts';
import { nearVariants } from '../image/variants.ts';
import { refresh } from '../observe.ts';
import type { LookTime, ReadContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import type { CreateInput } from './create.ts';
import { flavorOf, imageOf, imagesOf, networkOf } from './flavor-of.ts';

/** How old a host's report may be for placement. */
const REPORT_AGE_MS = 10 * 60_000;
/** What an OS is taken for when nobody says: virtio throughout. */
const DEFAULT_OSINFO = 'linux2022';

/** What a VM from an image with this flavor takes. */
export function wantsOf(flavor: { vcpus: number; memoryBytes: number }, diskBytes: number): Amounts {
  return { vms: 1, vcpus: flavor.vcpus, memoryBytes: flavor.memoryBytes, diskBytes };
}

/** What a host lacks for this request. */
export function lacksFor(input: CreateInput, rows: Rows, settings: Settings): (host: HostSettings) => Objection[] {
  return (host) => {
    if (input.image === undefined) return [];
    const image = rows.images.find(input.image, host.name);
    if (image?.state === 'ready') return [];
    if (image === null) return [{ why: `has no image ${input.image}`, cure: cureFor(input.image, rows, settings) }];
    return [{ why: `has no image ${input.image} yet`, cure: 'It is on its way: see `/image list`.' }];
  };
}

/** What an admin types, for an image to be on a host. */
function cureFor(name: string, rows: Rows, settings: Settings): string {
  const images = rows.images.list(name);
  if (images.some(({ state }) => state === 'retired') && !images.some(({ state }) => state === 'ready'))
    return `It is retired: an admin can take that back with \`/image restore ${name}\`.`;
  const downloaded = settings.images.some((image) => image.name === name && image.source !== null);
  return `An admin can bring it there: \`/image ${downloaded ? 'refresh' : 'add'} ${name}\`.`;
}

/** The OS that the domain's template is for. */
export function osinfoFor(input: CreateInput, settings: Settings, rows: Rows): string {
  const image = imagesOf(settings, rows).find(({ name }) => name === input.image);
  return input.osinfo ?? image?.osinfo ?? DEFAULT_OSINFO;
}

/**
 * Fresh reports of the hosts, and virt-install's template of the one that will be chosen, where it isn't kept yet. For the
 * plan that host is looked at anew: what went wrong since the last sweep is told to who asks, and isn't met in the middle.
 * Once the plan was given the word, no host is asked as long as its report is young.
 */
export async function lookForCreate(input: CreateInput, context: ReadContext, when: LookTime): Promise<null> {
  const { rows, settings, fleet, driver, clock } = context;
  const names = settings.hosts
    .filter(({ name }) => input.host === undefined || name === input.host)
    .map(({ name }) => name);
  const flavor = flavorOf(settings, input.flavor);
  // A name that isn't known needs no host to be asked.
  if (input.image !== undefined) imageOf(settings, rows, input.image);
  if (input.network !== undefined) networkOf(settings, input.network);
  const deps = { rows, fleet, driver, clock, settings };
  await refresh(deps, names, REPORT_AGE_MS);
  const likely = likelyHost(input, flavor, context);
  if (likely !== null && when === 'plan') await refresh(deps, [likely.name], 0);
  const host = likelyHost(input, flavor, context);
  if (host === null) return null;
  const osinfo = osinfoFor(input, settings, rows);
  if (rows.templates.find(host.name, osinfo) !== null) return null;
  const made = await fleet.run(
    host.name,
    driver.domains.template({ osinfo, vcpus: flavor.vcpus, memoryBytes: flavor.memoryBytes }),
  );
  if (made.outcome !== 'done') {
    if (UNKNOWN_OS.test(`${made.error.message} ${made.error.command?.lastLines ?? ''}`))
      throw await unknownOs(osinfo, host.name, context);
    throw new BotError(
      made.error.code,
      `virt-install on ${host.name} made no template for ${osinfo}: ${made.error.message}`,
      made.error,
    );
  }
  rows.templates.save({ host: host.name, osinfo, xml: made.value });
  return null;
}

/** virt-install's word for it, as recorded. */
const UNKNOWN_OS = /Unknown OS name/;

/** With those that are named alike on the host, where it tells them. */
async function unknownOs(osinfo: string, host: string, { fleet, driver }: ReadContext): Promise<BotError> {
  const asked = await fleet.run(host, driver.images.variants());
  const near = asked.outcome === 'done' ? nearVariants(osinfo, asked.value) : [];
  return new BotError('not_found', `virt-install on ${host} knows no OS ${osinfo}`, {
    field: 'osinfo',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '`/image variants WORD` lists those that it knows.',
  });
}

/** The host that the plan will choose. Null where there is none: the plan says why, after the quota has had its word. */
function likelyHost(input: CreateInput, flavor: Flavor, { rows, settings }: ReadContext): HostSettings | null {
  try {
    const wants = wantsOf(flavor, flavor.diskBytes);
    return chooseHost(rows, settings, {
      wants,
      only: input.host ?? null,
      opId: '',
      lacks: lacksFor(input, rows, settings),
    }).host;
  } catch (cause) {
    if (cause instanceof BotError && cause.code === 'no_capacity') return null;
    throw cause;
  }
}
