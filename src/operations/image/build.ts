import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { inNames } from '../../domain/marks.ts';
import { ImageName, Osinfo, UserName } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import { formatSize } from '../../domain/size.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { refresh } from '../observe.ts';
import { roomInPool } from '../pool-room.ts';
import { type LookedAt, lookForSnapshot, refuseUnfit } from '../snapshot/common.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { finishFile, storeDisk } from '../steps/backups.ts';
import { mustBeOff } from '../steps/domains.ts';
import { patience } from '../steps/units.ts';
import { cloneVolume } from '../steps/volumes.ts';
import { backupLock, lookAtTarget } from '../vm/backup/common.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { imageLock, supersede } from './bring.ts';
import { originOf } from './built.ts';
import { nextVersion, REPORT_AGE_MS } from './common.ts';

const Input = z.strictObject({
  name: ImageName.meta({ title: 'Image', description: 'A name of its own, or that of an image that was built before' }),
  from: VmField.meta({ title: 'From', description: 'The VM, shut off: team/name, or the name alone in its team' }),
  osinfo: Osinfo.optional().meta({
    title: 'OS',
    description: 'Where the VM was made of no image: as virt-install names it',
  }),
  login: UserName.optional().meta({
    title: 'Login',
    description: 'Where the VM was made of no image: the user that one logs in as',
  }),
  clean: z.boolean().default(true).meta({
    title: 'Clean',
    description: 'Host keys, machine-id, logs. Hostler can’t do that: switch it off when you have done it in the guest',
  }),
});
type Input = z.infer<typeof Input>;

const Facts = VmFacts.extend({
  image: z.string(),
  version: z.number(),
  imageId: z.string(),
  vg: z.string(),
  volume: z.string(),
  origin: z.string(),
  sizeBytes: z.number(),
  osinfo: z.string(),
  login: z.string(),
  /** Where it is stored for the other hosts; null where there is no target. */
  store: z.object({ directory: z.string(), path: z.string() }).nullable(),
});
type Facts = z.infer<typeof Facts>;

export const imageBuild = defineChange({
  name: 'image.build',
  summary: 'Make an image of a VM that is shut off',
  details:
    'Its disk becomes a golden volume of its own, which stays when the VM goes. Where there is a target for backups, it is stored there too, and `/image add` brings it onto hosts that have that target; else only this host makes VMs of it. Nothing in it is cleaned: do that in the guest before you shut it down, and say `--no-clean`.',
  input: Input,
  positional: ['name'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/image build web-base --from web-01 --no-clean'],
  facts: Facts,
  look,
  plan,
  steps: (facts, driver, settings, opId) => {
    const { host, uuid, vg, volume, origin, sizeBytes, imageId, store } = facts;
    const at = { driver, host, uuid, vm: fullName(facts) };
    const marks = { op: opId, vm: imageId };
    const unit = `hostler-${opId}-store`;
    const forMs = patience(settings, host);
    return [
      mustBeOff(at),
      cloneVolume(at, { vg, name: volume, origin, originBytes: sizeBytes, sizeBytes, marks }),
      ...(store === null
        ? []
        : [
            storeDisk(at, {
              target: 'image',
              volume: { vg, name: volume },
              ...store,
              unit,
              forMs,
              rate: settings.backups.rateBytes,
              encryptTo: null,
            }),
            finishFile(at, store.path, unit, 'Name the stored image'),
          ]),
    ];
  },
  begin: (facts, rows, now) => {
    const { imageId: id, image: name, version, host, vg, volume, sizeBytes, osinfo, login, store } = facts;
    rows.images.insert({
      ...{ id, name, version, host, state: 'adding', vg, volume, sizeBytes, osinfo, login },
      file: store?.path ?? '',
      digest: null,
      builtOf: fullName(facts),
      addedAt: now,
      changedAt: now,
    });
  },
  settle: ({ vmId, imageId, image, version }, end, rows, _outputs, now) => {
    settleLife(rows, vmId, end);
    if (end === 'failed') return rows.images.forget(imageId);
    if (end === 'succeeded') supersede(rows, image, version, now);
    rows.images.setState(imageId, end === 'succeeded' ? 'ready' : 'faulted', now);
  },
  report: ({ image: name, version, host, store }) => ({
    facts: [
      { name: 'Version', value: String(version) },
      { name: 'Ready on', value: host },
      { name: 'Cleaned', value: 'no: each VM made of it has what this one had' },
    ],
    buttons: [
      { label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: { image: name } } },
      ...(store === null
        ? []
        : [{ label: 'Bring it to the others', press: { do: 'run', name: 'image.add', input: { name } } } as const]),
    ],
  }),
});

const UNCLEAN =
  'in the guest, `cloud-init clean --logs --machine-id` and `rm -f /etc/ssh/ssh_host_*`, then shut it down, and type `--no-clean`';

async function look(input: Input, context: ReadContext): Promise<LookedAt> {
  const { rows, settings, team } = context;
  const vm = liveVm(rows, input.from, team);
  await refresh(context, [vm.host], REPORT_AGE_MS);
  if (settings.backups.target !== null) await lookAtTarget(vm.host, settings.backups.target, context);
  return lookForSnapshot(input.from, context);
}

function plan(input: Input, context: PlanContext, looked: LookedAt): Draft<Facts> {
  const { rows, settings, team, mint } = context;
  const vm = liveVm(rows, input.from, team);
  const name = fullName(vm);
  const built = rows.images.list(input.name);
  if (settings.images.some((image) => image.name === input.name) || built.some(({ builtOf }) => builtOf === null)) {
    throw new BotError('already_exists', `${input.name} is an image of the configuration`, {
      field: 'name',
      hint: 'Give the built one a name of its own.',
    });
  }
  const disk = oneDisk(vm, looked);
  if (looked.domain.state !== 'shut off') {
    throw new BotError('wrong_state', `${name} is ${looked.domain.state}: an image is made of a VM that is shut off`, {
      field: 'from',
      hint: `Clean it first (${UNCLEAN}). \`/vm shutdown ${name}\` shuts it down.`,
    });
  }
  if (input.clean) {
    throw new BotError(
      'invalid_input',
      `Hostler can’t clean the disk of ${name}: host keys, machine-id, logs and secrets would be in every VM made of it`,
      {
        field: 'clean',
        hint: `Clean it yourself: ${UNCLEAN}.`,
      },
    );
  }
  const { osinfo, login } = originOf(vm, input, settings, rows);
  const host = settings.hosts.find((each) => each.name === vm.host);
  if (host === undefined) throw new BotError('not_found', `The configuration has no host ${vm.host} any more`);
  // A clone costs nothing at first; each block that the VM writes anew is kept once more.
  const worst = looked.volumes.find((volume) => volume.name === disk.volume);
  const grows = Math.ceil((disk.sizeBytes * (worst?.dataPercent ?? 100)) / 100);
  roomInPool(context, host.name, grows, `No room for image ${input.name}`);
  const imageId = mint(`image@${host.name}`, 'img-id');
  const version = nextVersion(built);
  const directory = settings.backups.target;
  const volume = inNames(imageId);
  return {
    facts: {
      ...factsOf(vm),
      ...{ image: input.name, version, imageId, volume, osinfo, login },
      vg: disk.vg,
      origin: disk.volume,
      sizeBytes: disk.sizeBytes,
      store: directory === null ? null : { directory, path: `${directory}/${volume}.zst` },
    },
    title: `Build version ${version} of image ${input.name} of ${name}`,
    verb: 'Build',
    team: null,
    subject: `image:${input.name}`,
    host: host.name,
    vmId: vm.id,
    risk: 'safe',
    locks: [
      vmLock(vm),
      ...settings.hosts.map((each) => imageLock(input.name, each.name)),
      ...(directory === null ? [] : [backupLock(host.name)]),
    ],
    adds: NOTHING,
    notes: [
      `A golden volume of ${formatSize(disk.sizeBytes)} on ${host.name}, which stays when ${name} goes.`,
      directory === null
        ? 'No target for backups is configured, so it stays on this host, and only here VMs are made of it.'
        : `It is stored in ${directory} too: \`/image add ${input.name}\` brings it onto the other hosts that have that.`,
      'Nothing in it is cleaned: each VM made of it has the host keys, machine-id, logs, accounts and secrets of this one, and every team may make VMs of it. cloud-init, where the guest has it, makes new host keys at the first boot, and no new machine-id.',
    ],
  };
}

/** The only disk that it has. */
function oneDisk(vm: Vm, looked: LookedAt): Vm['disks'][number] {
  refuseUnfit(vm, looked, 'images');
  const [disk, other] = vm.disks;
  if (disk === undefined || other !== undefined) {
    throw new BotError('wrong_state', `${fullName(vm)} has ${vm.disks.length} disks, and an image is one`, {
      field: 'from',
      hint: `\`/vm disk detach ${fullName(vm)} ${other?.target ?? ''}\` first.`,
    });
  }
  return disk;
}
