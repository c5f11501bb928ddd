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
import { CleanerFacts, cleanedFact, cleanerOf, cleanerSteps } from './cleaner.ts';
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
    description: 'Host keys, machine-id, people’s keys, logs. Switch it off when you have done it in the guest',
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
  /** The hosts that it is brought onto then. */
  others: z.array(z.string()),
  opId: z.string(),
  /** What cleans it; null where nobody asked for that. */
  cleaner: CleanerFacts.nullable(),
});
type Facts = z.infer<typeof Facts>;

export const imageBuild = defineChange({
  name: 'image.build',
  summary: 'Make an image of a VM that is shut off',
  details:
    'Its disk becomes a golden volume of its own, which stays when the VM goes. What one machine alone should have is taken out of it: a throw-away machine without a network boots from the new disk, its guest agent removes ssh host keys, machine-id, people’s keys, histories, logs, leases and temporary files, and tells that nothing of them is left. The VM is not changed. Accounts, passwords and what applications keep stay. Where the agent may run no commands, clean it in the guest before you shut it down, and say `--no-clean`. Where there is a target for backups, the image is stored there too, and brought onto every other host that has it, each by itself; else only this host makes VMs of it.',
  input: Input,
  positional: ['name'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/image build web-base --from web-01', '/image build web-base --from web-01 --no-clean'],
  facts: Facts,
  look,
  plan,
  steps: (facts, driver, settings, opId) => {
    const { host, uuid, vg, volume, origin, sizeBytes, imageId, store, cleaner } = facts;
    const at = { driver, host, uuid, vm: fullName(facts) };
    const marks = { op: opId, vm: imageId };
    const unit = `hostler-${opId}-store`;
    const forMs = patience(settings, host);
    return [
      mustBeOff(at),
      cloneVolume(at, { vg, name: volume, origin, originBytes: sizeBytes, sizeBytes, marks }),
      ...(cleaner === null ? [] : cleanerSteps(cleaner, at, settings)),
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
      cleaned: facts.cleaner !== null,
      addedAt: now,
      changedAt: now,
    });
  },
  settle: ({ vmId, imageId, image, version, opId, others }, end, rows, _outputs, now) => {
    settleLife(rows, vmId, end);
    if (end === 'failed') return rows.images.forget(imageId);
    if (end === 'succeeded') supersede(rows, image, version, now);
    if (end === 'succeeded') for (const host of others) rows.images.want({ operationId: opId, name: image, host });
    rows.images.setState(imageId, end === 'succeeded' ? 'ready' : 'faulted', now);
  },
  report: ({ image: name, version, host, others }, _rows, _settings, outputs) => ({
    facts: [
      { name: 'Version', value: String(version) },
      { name: 'Ready on', value: host },
      { name: 'Cleaned', value: cleanedFact(outputs) ?? 'no: each VM made of it has what this one had' },
      ...(others.length === 0 ? [] : [{ name: 'Then on', value: `${others.join(', ')}: each by itself, in a minute` }]),
    ],
    buttons: [{ label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: { image: name } } }],
  }),
});

interface Looked extends LookedAt {
  /** Its definition. */
  readonly xml: string;
}

async function look(input: Input, context: ReadContext): Promise<Looked> {
  const { rows, settings, team } = context;
  const vm = liveVm(rows, input.from, team);
  await refresh(context, [vm.host], REPORT_AGE_MS);
  if (settings.backups.target !== null) await lookAtTarget(vm.host, settings.backups.target, context);
  const looked = await lookForSnapshot(input.from, context);
  const xml = await context.fleet.run(vm.host, context.driver.domains.xml(vm.uuid, { inactive: true }));
  if (xml.outcome !== 'done') throw xml.error;
  return { ...looked, xml: xml.value ?? '' };
}

function plan(input: Input, context: PlanContext, looked: Looked): Draft<Facts> {
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
      hint: `\`/vm shutdown ${name}\` shuts it down.`,
    });
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
  const others = directory === null ? [] : settings.hosts.map((each) => each.name).filter((each) => each !== host.name);
  const volume = inNames(imageId);
  return {
    facts: {
      ...factsOf(vm),
      ...{ image: input.name, version, imageId, volume, osinfo, login },
      vg: disk.vg,
      origin: disk.volume,
      sizeBytes: disk.sizeBytes,
      store: directory === null ? null : { directory, path: `${directory}/${volume}.zst` },
      others,
      opId: context.opId,
      cleaner: input.clean
        ? cleanerOf(vm, { id: imageId, disk: { vg: disk.vg, name: volume, target: disk.target } }, looked.xml, context)
        : null,
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
        : `It is stored in ${directory} too${others.length === 0 ? '' : `, and brought onto ${others.join(', ')} then, where they have that`}.`,
      input.clean
        ? `A throw-away machine without a network boots from it and removes what is of ${name} alone; where that can’t be seen to be gone, there will be no image. Accounts, passwords and what applications keep stay in it, and every team may make VMs of it.`
        : 'Nothing in it is cleaned: each VM made of it has the host keys, machine-id, logs, accounts and secrets of this one, and every team may make VMs of it. cloud-init, where the guest has it, makes new host keys at the first boot, and no new machine-id.',
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
