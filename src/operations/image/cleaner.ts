/** The throw-away machine that cleans an image's disk from within, with no network, and is powered off when nothing is left to clean. */
import { z } from 'zod';
import { inNames } from '../../domain/marks.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Vm } from '../../domain/vm.ts';
import type { Driver, VolumeName } from '../driver.ts';
import type { PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { defineAndStart } from '../steps/domains.ts';
import { cleanGuest, freezeGuest } from '../steps/guests.ts';
import { isMaker, probe, takenDown } from '../steps/probes.ts';

export const CleanerFacts = z.object({ uuid: z.string(), name: z.string(), xml: z.string() });
type CleanerFacts = z.infer<typeof CleanerFacts>;

/** The VM's own machine around the image's disk: no seed, no interface, nothing of the host's. */
export function cleanerOf(
  vm: Vm,
  image: { readonly id: string; readonly disk: VolumeName & { readonly target: string } },
  xml: string,
  { driver, opId, mint }: PlanContext,
): CleanerFacts {
  const uuid = mint('cleaner', 'uuid');
  const name = `clean-${inNames(image.id)}`;
  const { target } = image.disk;
  return {
    uuid,
    name,
    xml: driver.domains.cloneXml(xml, {
      ...{ op: opId, vm: image.id, uuid, team: vm.team, name, domainName: `${vm.team}-${name}`, mac: vm.mac },
      disks: [{ target, path: driver.volumes.devicePath(image.disk) }],
      seed: null,
      alone: { network: null },
    }),
  };
}

export function cleanerSteps(
  { uuid, name, xml }: CleanerFacts,
  { driver, host, vm }: { readonly driver: Driver; readonly host: string; readonly vm: string },
  settings: Settings,
): Step[] {
  const domain = defineAndStart({ driver, host, uuid, vm: name }, xml);
  const forMs = settings.dr.bootMs;
  const at = { driver, host, uuid, vm };
  return [
    { ...domain, title: `Start ${name}, a machine without a network around the new disk` },
    probe(at, {
      name: 'await-agent',
      title: 'Wait for its guest agent',
      ask: driver.probes.agent(uuid),
      forMs,
      late: 'The guest agent that was to clean the disk did not answer',
      hint: 'Install qemu-guest-agent in the VM. Or clean it by hand there, shut it down, and build it with `--no-clean`.',
    }),
    cleanGuest(at),
    freezeGuest(at),
    takenDown(at, 'take-cleaner-down', `Power ${name} off and forget it`, [domain].filter(isMaker)),
  ];
}

const Cleaned = z.object({ clean: z.array(z.string()), cloudInit: z.boolean() });

/** What was cleaned, for people; null where nothing was. */
export function cleanedFact(outputs: ReadonlyMap<string, unknown>): string | null {
  const cleaned = Cleaned.safeParse(outputs.get('clean-guest')).data;
  if (cleaned === undefined) return null;
  const without = 'It has no cloud-init: VMs made of it get neither name nor keys by themselves';
  return `${cleaned.clean.join(', ')}: nothing is left${cleaned.cloudInit ? '' : `. ${without}`}`;
}
