import { BotError } from '../../domain/error.ts';
import type { DomainSeen } from '../../domain/inventory.ts';
import { nearest } from '../../domain/names.ts';
import { strangersOn } from '../drift/strangers.ts';
import type { DevicesSeen } from '../driver.ts';
import { hostOf } from '../host-ref.ts';
import type { DefinitionSeen } from '../mark-verbs.ts';
import { reportOf } from '../observe.ts';
import type { ReadContext } from '../spec.ts';
import { both } from '../steps/call.ts';
import type { AdoptInput } from './adopt.ts';

/** What the host says of the domain, and of the others there that are no VMs. */
export interface AdoptLook {
  readonly domain: DomainSeen;
  readonly definition: DefinitionSeen;
  readonly devices: DevicesSeen;
  readonly kept: { readonly persistent: boolean; readonly autostart: boolean };
  readonly others: readonly DefinitionSeen[];
}

/** A fresh report of the host, and its word on the domain. What it has of ours is known by then: the report's import has seen to it. */
export async function lookForAdoption(input: AdoptInput, context: ReadContext): Promise<AdoptLook> {
  const { fleet, driver, settings } = context;
  hostOf(settings, input.host);
  const domains = await reportOf(context, input.host);
  const domain = domainOf(input, domains);
  const asked = await fleet.run(
    input.host,
    both(
      both(driver.domains.definitions([domain.uuid]), driver.snapshots.devices(domain.uuid)),
      driver.domains.keptAs(domain.uuid),
    ),
  );
  if (asked.outcome !== 'done') throw asked.error;
  const [[[definition], devices], kept] = asked.value;
  if (definition === undefined || definition === null || devices === null || kept === null) throw gone(input);
  const others = (await strangersOn(input.host, domains, context)).filter(({ uuid }) => uuid !== domain.uuid);
  return { domain, definition, devices, kept, others };
}

function domainOf(input: AdoptInput, domains: readonly DomainSeen[]): DomainSeen {
  const found =
    domains.find(({ name }) => name === input.domain) ??
    domains.find(({ uuid }) => uuid === input.domain.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(
    input.domain,
    domains.map(({ name }) => name),
  );
  throw gone(input, near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined);
}

function gone({ domain, host }: AdoptInput, hint = '`/hostler drift` lists the domains that Hostler doesn’t know.') {
  return new BotError('not_found', `Host ${host} has no domain ${domain}`, { field: 'domain', hint });
}
