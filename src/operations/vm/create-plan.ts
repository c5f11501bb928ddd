import { diskVolume } from '../../domain/disk.ts';
import { BotError } from '../../domain/error.ts';
import type { HostSettings, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import { withHeadroom } from '../../domain/sizing.ts';
import { fullName } from '../../domain/vm.ts';
import { chooseHost } from '../candidates.ts';
import type { DiskSpec } from '../driver.ts';
import { withinQuota } from '../planning.ts';
import type { Draft, PlanContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import { vmLock } from './common.ts';
import type { CreateInput } from './create.ts';
import type { CreateFacts } from './create-facts.ts';
import { lacksFor, osinfoFor, wantsOf } from './create-look.ts';
import { flavorOf, imageOf, networkOf, teamNamed } from './flavor-of.ts';
import { headroomOf, mostOf } from './headroom.ts';

/** The disk that its seed is in the guest. */
export const SEED_TARGET = 'vdz';

/** The plan of a new VM: names checked, host chosen, ids minted, XML and seed written out. */
export function planCreate(input: CreateInput, context: PlanContext): Draft<CreateFacts> {
  const { settings, rows, actor, driver } = context;
  if (context.team === null) {
    throw new BotError('invalid_input', 'For which team?', {
      field: 'team',
      hint: 'Add --team NAME, or ask in the team’s channel.',
    });
  }
  const team = teamNamed(settings, context.team);
  const names = { team: team.name, name: input.name };
  const domainName = freeDomainName(rows, names);
  const flavor = flavorOf(settings, input.flavor);
  const network = networkOf(settings, input.network ?? team.network);
  const image = input.image === undefined ? null : imageOf(settings, rows, input.image);
  if (input.disk !== undefined && actor.platform !== 'admin') {
    throw new BotError('forbidden', 'Only a platform admin may use an existing volume, for it may be another team’s', {
      hint: 'Ask an admin, or start from an image.',
    });
  }
  const golden = image === null ? null : largestGolden(rows, image.name);
  const sizeBytes =
    input.disk !== undefined ? existingSize(rows, settings, input) : Math.max(flavor.diskBytes, golden ?? 0);
  const wants = wantsOf(flavor, sizeBytes);
  // Before the room on hosts: no host that is empty helps a team whose quota is used up.
  withinQuota(team, wants, context.opId, rows);
  const placed = chooseHost(rows, settings, {
    wants,
    only: context.pinned ?? input.host ?? null,
    opId: context.opId,
    lacks: lacksFor(input, rows, settings),
  });
  const { host } = placed;
  const vmId = context.mint('vm', 'vm-id');
  const uuid = context.mint('uuid', 'uuid');
  const mac = context.mint('mac', 'mac');
  const disk = diskFor(input, rows, host, vmId, sizeBytes);
  const keys = keysOf(settings, rows, actor.person);
  const seed = image === null ? null : driver.seed({ hostname: input.name, instanceId: vmId, sshKeys: keys });
  const seedPath = `${host.directory}/seed/${vmId}.img`;
  const template = rows.templates.find(host.name, osinfoFor(input, settings, rows));
  if (template === null)
    throw new BotError('conflict', `Host ${host.name} was chosen while its template was missing`, {
      hint: 'Ask again.',
    });
  const sizing = withHeadroom(
    { vcpus: flavor.vcpus, memoryBytes: flavor.memoryBytes },
    headroomOf(settings, flavor, image !== null),
    mostOf(rows, host),
  );
  const disks: DiskSpec[] = [
    {
      target: disk.target,
      path: driver.volumes.devicePath({ vg: disk.vg, name: disk.volume }),
      source: 'block',
      device: 'disk',
      readonly: false,
    },
    ...(seed === null
      ? []
      : [{ target: SEED_TARGET, path: seedPath, source: 'file', device: 'disk', readonly: true } as const]),
    ...(input.iso === undefined
      ? []
      : [
          {
            target: 'sda',
            path: `${host.directory}/images/${input.iso}`,
            source: 'file',
            device: 'cdrom',
            readonly: true,
          } as const,
        ]),
  ];
  const xml = driver.domains.fillTemplate(template.xml, {
    op: context.opId,
    vm: vmId,
    uuid,
    domainName,
    ...names,
    ...sizing,
    disks,
    nics: [{ mac, source: network.source }],
    boot: input.pxe ? ['network', 'disk'] : input.iso === undefined ? ['disk'] : ['disk', 'cdrom'],
  });
  return {
    facts: {
      vmId,
      uuid,
      host: host.name,
      ...names,
      domainName,
      mac,
      vcpus: flavor.vcpus,
      memoryBytes: flavor.memoryBytes,
      flavor: flavor.name,
      image: image?.name ?? null,
      login: image?.login ?? null,
      network: network.name,
      pool: host.pool,
      disk,
      seed: seed === null ? null : { path: seedPath, ...seed },
      xml,
      createdBy: actor.person,
      awaitsAddress: image !== null,
      addressMs: settings.addressMs,
      autostart: input.autostart,
    },
    title: `Create ${fullName(names)}`,
    verb: 'Create',
    team: team.name,
    subject: `vm:${fullName(names)}`,
    host: host.name,
    vmId,
    risk: 'safe',
    locks: [vmLock({ id: vmId, ...names })],
    adds: wants,
    notes: [
      `${flavor.name}: ${flavor.vcpus} vCPU, ${formatSize(flavor.memoryBytes)} of memory, ${formatSize(sizeBytes)} of disk, on network ${network.name}`,
      ...placed.why,
      ...uncleaned(rows, image?.name ?? null, host.name),
      ...(image !== null && keys.length === 0
        ? [`${actor.person} has no ssh key here, so nobody can log in: add one first with \`/hostler key add\`.`]
        : []),
    ],
  };
}

/** `a-b` + `c` and `a` + `b-c` make the same domain name: the second is refused. */
export function freeDomainName(rows: Rows, names: { readonly team: string; readonly name: string }): string {
  const existing = rows.vms.byName(names.team, names.name);
  if (existing !== null) {
    throw new BotError('already_exists', `${fullName(names)} exists already`, {
      field: 'name',
      hint: `Take another name, or see \`/vm show ${fullName(names)}\`.`,
    });
  }
  const domainName = `${names.team}-${names.name}`;
  const other = rows.vms.byDomainName(domainName);
  if (other !== null) {
    throw new BotError('already_exists', `Its domain would be called ${domainName}, as that of ${fullName(other)} is`, {
      field: 'name',
      hint: 'Take another name.',
    });
  }
  return domainName;
}

/** Of a built image: what one should know before a VM is made of it. */
function uncleaned(rows: Rows, image: string | null, host: string): string[] {
  const found = image === null ? null : rows.images.find(image, host);
  const builtOf = found?.builtOf ?? null;
  if (builtOf === null || found?.cleaned === true) return [];
  return [
    `${image} was built of ${builtOf}, and Hostler cleaned nothing in it: host keys and machine-id may be that one’s.`,
  ];
}

function largestGolden(rows: Rows, image: string): number | null {
  const sizes = rows.images
    .list(image)
    .filter(({ state }) => state === 'ready')
    .map(({ sizeBytes }) => sizeBytes);
  return sizes.length === 0 ? null : Math.max(...sizes);
}

function existingVolume(rows: Rows, settings: Settings, input: CreateInput) {
  const [vg, volume] = (input.disk ?? '').split('/');
  const host = settings.hosts.find(({ name }) => name === input.host);
  const seen = rows.hosts
    .find(host?.name ?? '')
    ?.observation?.volumes?.find((each) => each.vg === vg && each.name === volume);
  if (seen === undefined || seen.kind === 'thin-pool') {
    throw new BotError('not_found', `Host ${input.host} has no volume ${input.disk}`, {
      field: 'disk',
      hint: 'See `lvs` on the host.',
    });
  }
  const user = rows.vms
    .onHost(host?.name ?? '')
    .find((vm) => vm.disks.some((disk) => disk.vg === vg && disk.volume === volume));
  if (user !== undefined)
    throw new BotError('conflict', `${input.disk} is the disk of ${fullName(user)}`, {
      field: 'disk',
      hint: 'Two VMs on one disk destroy it.',
    });
  if (seen.open)
    throw new BotError('conflict', `${input.disk} is in use on ${input.host}`, {
      field: 'disk',
      hint: 'Find out by what: `lsblk` on the host.',
    });
  return seen;
}

function existingSize(rows: Rows, settings: Settings, input: CreateInput): number {
  return existingVolume(rows, settings, input).sizeBytes;
}

function diskFor(
  input: CreateInput,
  rows: Rows,
  host: HostSettings,
  vmId: string,
  sizeBytes: number,
): CreateFacts['disk'] {
  if (input.disk !== undefined) {
    const [vg = '', volume = ''] = input.disk.split('/');
    return { target: 'vda', vg, volume, sizeBytes, kind: 'existing', from: null };
  }
  const image = input.image === undefined ? null : rows.images.find(input.image, host.name);
  return {
    target: 'vda',
    vg: host.vg,
    volume: diskVolume(vmId, 0),
    sizeBytes,
    kind: input.thick ? 'thick' : 'thin',
    from: image === null ? null : { imageId: image.id, volume: image.volume, sizeBytes: image.sizeBytes },
  };
}

/** The requester's keys: from the config, and those that he added. */
export function keysOf(settings: Settings, rows: Rows, person: string): string[] {
  const config = settings.people.find(({ name }) => name === person)?.sshKeys ?? [];
  return [...new Set([...config, ...rows.keys.of(person).map(({ key }) => key)])];
}
