import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { FlavorName, HostName, ImageName, NetworkName, Osinfo, VmName } from '../../domain/names.ts';
import { fullName } from '../../domain/vm.ts';
import { defineChange } from '../spec.ts';
import { awaitAddress, defineAndStart, setAutostart } from '../steps/domains.ts';
import { cloneVolume, writeFile } from '../steps/volumes.ts';
import { emptyVolume } from '../steps/wipe.ts';
import type { Rows } from '../store.ts';
import { beginBirth, settleBirth } from './birth.ts';
import { addressFrom, loginFacts, sawState, vmReport } from './common.ts';
import { CreateFacts } from './create-facts.ts';
import { lookForCreate } from './create-look.ts';
import { planCreate } from './create-plan.ts';

/** What may be asked of a new VM. One source: an image, an ISO, the network, or a disk that is there. */
export const CreateInput = z
  .strictObject({
    name: VmName.meta({ title: 'Name', description: 'Name of the VM in its team', placeholder: 'web-01' }),
    image: ImageName.optional().meta({
      title: 'Image',
      description: 'Golden image that its disk is a clone of',
      choices: 'image',
    }),
    flavor: FlavorName.meta({ title: 'Flavor', description: 'Its size: vCPUs, memory and disk', choices: 'flavor' }),
    network: NetworkName.optional().meta({
      title: 'Network',
      description: 'Another network than the team’s',
      choices: 'network',
    }),
    host: HostName.optional().meta({
      title: 'Host',
      description: 'This host instead of the best one',
      choices: 'host',
    }),
    iso: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]*\.iso$/,
        'Give the name of an ISO file in the host’s images directory, such as debian-12.iso.',
      )
      .optional()
      .meta({
        title: 'ISO',
        description: 'Install from this ISO file of the host’s images directory, on an empty disk',
      }),
    pxe: z.boolean().default(false).meta({ title: 'PXE', description: 'Boot from the network, with an empty disk' }),
    disk: z
      .string()
      .regex(
        /^[A-Za-z0-9_.+-]+\/[A-Za-z0-9_.+-]+$/,
        'Give an existing volume as group/volume, such as cloudvg/old-web.',
      )
      .optional()
      .meta({ title: 'Existing disk', description: 'Use this volume as it is (admins only; needs the host)' }),
    thick: z
      .boolean()
      .default(false)
      .meta({ title: 'Thick disk', description: 'A plain volume for high I/O instead of a thin one; not for images' }),
    osinfo: Osinfo.optional().meta({
      title: 'OS',
      description: 'For ISO, PXE and existing disks: the OS, as `/image variants` lists it',
    }),
    autostart: z.boolean().default(false).meta({ title: 'Autostart', description: 'Start it with its host' }),
  })
  .superRefine((input, ctx) => {
    const sources = [input.image !== undefined, input.iso !== undefined, input.pxe, input.disk !== undefined].filter(
      Boolean,
    ).length;
    if (sources === 0)
      ctx.addIssue({
        code: 'custom',
        path: ['image'],
        message: 'Say what it starts from: an image (or --iso, --pxe, --disk).',
      });
    if (sources > 1) {
      ctx.addIssue({
        code: 'custom',
        path: ['image'],
        message: 'Give one source only: an image, an ISO, PXE or an existing disk.',
      });
    }
    if (input.image !== undefined && input.thick) {
      ctx.addIssue({
        code: 'custom',
        path: ['thick'],
        message: 'A clone of an image is thin. Leave out --thick, or install from an ISO.',
      });
    }
    if (input.disk !== undefined && input.host === undefined) {
      ctx.addIssue({ code: 'custom', path: ['host'], message: 'Say on which host the existing disk is: --host NAME.' });
    }
  });
export type CreateInput = z.infer<typeof CreateInput>;

/** Its disk is a clone of that golden volume, which stays from now on. */
function hangOn(rows: Rows, vmId: string, imageId: string): void {
  const image = rows.images.list().find(({ id }) => id === imageId);
  if (image === undefined || image.state === 'faulted') {
    throw new BotError('conflict', 'The version of the image that was planned with is being removed', {
      hint: 'Ask again: it is made of the one that is in force.',
    });
  }
  rows.images.hang(vmId, imageId);
}

export const vmCreate = defineChange({
  name: 'vm.create',
  summary: 'Make a VM: disk, network, keys, ready to log in',
  details:
    'From an image the disk is a thin clone, which copies nothing. The guest gets its address from the network, and lets in with the ssh keys of whoever asked (`/hostler key list`).',
  input: CreateInput,
  positional: ['name'],
  permission: 'operate',
  risk: 'safe',
  examples: [
    '/vm create web-01 --image tiny --flavor small',
    '/vm create db-01 --iso debian-12.iso --flavor large --osinfo debian12',
  ],
  facts: CreateFacts,
  look: lookForCreate,
  plan: planCreate,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const marks = { op: opId, vm: facts.vmId };
    const { disk, seed } = facts;
    const volume = { vg: disk.vg, name: disk.volume, sizeBytes: disk.sizeBytes, marks };
    return [
      ...(disk.from === null
        ? disk.kind === 'existing'
          ? []
          : emptyVolume(at, { ...volume, pool: disk.kind === 'thin' ? facts.pool : null }, settings)
        : [cloneVolume(at, { ...volume, origin: disk.from.volume, originBytes: disk.from.sizeBytes })]),
      ...(seed === null ? [] : [writeFile(at, { ...seed, label: `the seed of ${fullName(facts)} (name, ssh keys)` })]),
      defineAndStart(at, facts.xml),
      ...(facts.autostart ? [setAutostart(at, true, false)] : []),
      ...(facts.awaitsAddress ? [awaitAddress(at, facts.mac, facts.addressMs)] : []),
    ];
  },
  begin: (facts, rows, now) => {
    if (rows.vms.byName(facts.team, facts.name) !== null)
      throw new BotError('already_exists', `${fullName(facts)} exists already`);
    const { from, ...disk } = facts.disk;
    const { vmId: id, uuid, team, name, domainName, host, vcpus, memoryBytes, flavor, image, login } = facts;
    const { network, mac, autostart, createdBy, seed } = facts;
    const machine = { uuid, team, name, domainName, host, vcpus, memoryBytes, flavor, image, login, network, mac };
    beginBirth(rows, { id, ...machine, disks: [disk], seed: seed?.path ?? null, autostart, createdBy }, now);
    if (from !== null) hangOn(rows, id, from.imageId);
  },
  settle: (facts, end, rows, outputs, now) => {
    if (settleBirth(rows, facts.vmId, end, addressFrom(outputs))) sawState(rows, facts.vmId, 'running', 'booted', now);
  },
  report: (facts, rows) => {
    const vm = rows.vms.byId(facts.vmId);
    return vmReport(
      facts.vmId,
      rows,
      vm === null ? [] : [{ name: 'VM', value: fullName(vm) }, { name: 'Host', value: vm.host }, ...loginFacts(vm)],
    );
  },
});
