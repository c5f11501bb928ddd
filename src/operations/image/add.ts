import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { inNames } from '../../domain/marks.ts';
import { HostName, ImageName } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { HostSettings, Settings } from '../../domain/settings.ts';
import { formatSize, formatSpan } from '../../domain/size.ts';
import { refresh } from '../observe.ts';
import { roomInPool } from '../pool-room.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { makeTemplate, pourImage } from '../steps/images.ts';
import { releaseUnit } from '../steps/units.ts';
import { createVolume } from '../steps/volumes.ts';
import { imageOf } from '../vm/flavor-of.ts';

const Input = z.strictObject({
  name: ImageName.meta({ title: 'Image', description: 'An image of the configuration', choices: 'image' }),
  host: HostName.optional().meta({
    title: 'Host',
    description: 'Only on this host; else on every one that lacks it',
    choices: 'host',
  }),
});

const Target = z.object({
  imageId: z.string(),
  host: z.string(),
  vg: z.string(),
  pool: z.string(),
  volume: z.string(),
  file: z.string(),
  format: z.string(),
  sizeBytes: z.number(),
});
const Facts = z.object({
  name: z.string(),
  osinfo: z.string(),
  login: z.string(),
  targets: z.array(Target),
});
type Facts = z.infer<typeof Facts>;

interface FileSeen {
  readonly host: string;
  readonly format: string;
  readonly virtualBytes: number;
}

export const imageAdd = defineChange({
  name: 'image.add',
  summary: 'Make an image’s golden volume on the hosts that lack it',
  details:
    'The file must lie in the host’s images directory. Its content is poured into a thin volume, which every new VM’s disk is a clone of.',
  input: Input,
  positional: ['name'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/image add tiny', '/image add tiny --host kvm-2'],
  facts: Facts,
  look,
  plan,
  steps: (facts, driver, _settings, opId) =>
    facts.targets.flatMap((target) => {
      const at = { driver, host: target.host };
      const volume = { vg: target.vg, name: target.volume };
      const marks = { op: opId, vm: target.imageId };
      const unit = `hostler-${opId}-${target.host}`;
      return [
        makeTemplate(at, facts.osinfo),
        createVolume(at, { ...volume, pool: target.pool, sizeBytes: target.sizeBytes, marks }),
        pourImage(at, { path: target.file, format: target.format, volume, unit }),
        releaseUnit(at, unit),
      ].map((step) => ({ ...step, name: `${step.name}@${target.host}` }));
    }),
  begin: (facts, rows, now) => {
    for (const target of facts.targets) {
      rows.images.insert({
        id: target.imageId,
        name: facts.name,
        host: target.host,
        state: 'adding',
        vg: target.vg,
        volume: target.volume,
        sizeBytes: target.sizeBytes,
        file: target.file,
        osinfo: facts.osinfo,
        login: facts.login,
        addedAt: now,
      });
    }
  },
  settle: (facts, end, rows, outputs) => {
    for (const target of facts.targets) {
      if (end === 'failed') rows.images.forget(target.imageId);
      else rows.images.setState(target.imageId, end === 'succeeded' ? 'ready' : 'faulted');
      const xml = z.string().safeParse(outputs.get(`make-template@${target.host}`));
      if (xml.success) rows.templates.save({ host: target.host, osinfo: facts.osinfo, xml: xml.data });
    }
  },
  report: (facts) => ({
    facts: [{ name: 'Ready on', value: facts.targets.map(({ host }) => host).join(', ') }],
    buttons: [{ label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: { image: facts.name } } }],
  }),
});

/** How old a host's report may be for the question whether its pool has room. */
const REPORT_AGE_MS = 60_000;

/** The hosts that are asked for and lack the image. */
function lacking(input: z.infer<typeof Input>, context: Pick<ReadContext, 'settings' | 'rows'>): HostSettings[] {
  const { settings, rows } = context;
  const wanted = settings.hosts.filter(({ name }) => input.host === undefined || name === input.host);
  if (wanted.length === 0)
    throw new BotError('not_found', `There is no host ${input.host}`, {
      field: 'host',
      hint: `Hosts are ${settings.hosts.map(({ name }) => name).join(', ')}.`,
    });
  const without = wanted.filter(({ name }) => rows.images.find(input.name, name) === null);
  if (without.length === 0) {
    throw new BotError(
      'already_exists',
      `Image ${input.name} is ${input.host === undefined ? 'on every host' : `on ${input.host}`} already`,
      { field: 'name', hint: '`/image list` shows where each one is.' },
    );
  }
  return without;
}

function fileOf(settings: Settings, name: string, host: HostSettings): string {
  const { file } = imageOf(settings, name);
  return file.startsWith('/') ? file : `${host.directory}/images/${file}`;
}

async function look(input: z.infer<typeof Input>, context: ReadContext): Promise<readonly FileSeen[]> {
  const { settings, fleet, driver } = context;
  imageOf(settings, input.name);
  const hosts = lacking(input, context);
  await refresh(
    context,
    hosts.map(({ name }) => name),
    REPORT_AGE_MS,
  );
  return Promise.all(
    hosts.map(async (host) => {
      const path = fileOf(settings, input.name, host);
      const result = await fleet.run(host.name, driver.images.inspect(path));
      if (result.outcome !== 'done') throw result.error;
      if (result.value === null) {
        throw new BotError('not_found', `Host ${host.name} has no file ${path}`, {
          hint: `Copy the image there, or take another host with --host.`,
        });
      }
      return { host: host.name, ...result.value };
    }),
  );
}

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: readonly FileSeen[]): Draft<Facts> {
  const image = imageOf(context.settings, input.name);
  const targets = lacking(input, context).map((host) => {
    const file = looked.find((each) => each.host === host.name);
    if (file === undefined)
      throw new BotError('conflict', `Host ${host.name} joined while the image was looked for`, { hint: 'Ask again.' });
    roomInPool(context, host.name, file.virtualBytes, `No room for image ${image.name}`);
    const imageId = context.mint(`image@${host.name}`, 'img-id');
    return {
      imageId,
      host: host.name,
      vg: host.vg,
      pool: host.pool,
      volume: inNames(imageId),
      file: fileOf(context.settings, input.name, host),
      format: file.format,
      sizeBytes: file.virtualBytes,
    };
  });
  const hosts = targets.map(({ host }) => host).join(', ');
  return {
    facts: { name: image.name, osinfo: image.osinfo, login: image.login, targets },
    title: `Add image ${image.name} on ${hosts}`,
    verb: 'Add',
    team: null,
    subject: `image:${image.name}`,
    host: targets[0]?.host ?? '',
    vmId: null,
    risk: 'safe',
    locks: targets.map(({ host }) => `image:${image.name}@${host}`),
    adds: NOTHING,
    notes: targets.map(
      ({ host, sizeBytes }) =>
        `${host}: a thin volume of ${formatSize(sizeBytes)}, filled within ${formatSpan(2 * 3_600_000)} at most`,
    ),
  };
}
