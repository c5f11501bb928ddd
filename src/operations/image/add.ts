import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { HostName, ImageName } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { HostSettings } from '../../domain/settings.ts';
import { hostOf } from '../host-ref.ts';
import { refresh } from '../observe.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { both } from '../steps/call.ts';
import { imageOf } from '../vm/flavor-of.ts';
import {
  BringFacts,
  beginBringing,
  bringSteps,
  currentOf,
  imageLock,
  PACKED,
  settleBringing,
  targetNotes,
  targetOn,
} from './bring.ts';
import { builtInForce, hostsWithStored } from './built.ts';
import { fileOf, nextVersion, poolOf, REPORT_AGE_MS, refuseWithdrawn } from './common.ts';

const Input = z.strictObject({
  name: ImageName.meta({ title: 'Image', description: 'An image of the configuration', choices: 'image' }),
  host: HostName.optional().meta({
    title: 'Host',
    description: 'Only on this host; else on every one that lacks it',
    choices: 'host',
  }),
});

interface FileSeen {
  readonly host: string;
  readonly format: string;
  readonly virtualBytes: number;
  readonly zeroed: boolean;
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
  facts: BringFacts,
  look,
  plan,
  steps: bringSteps,
  begin: beginBringing,
  settle: settleBringing,
  report: (facts) => ({
    facts: [{ name: 'Ready on', value: facts.targets.map(({ host }) => host).join(', ') }],
    buttons: [{ label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: { image: facts.name } } }],
  }),
});

/** The hosts that are asked for and lack the image. */
function lacking(input: z.infer<typeof Input>, context: Pick<ReadContext, 'settings' | 'rows'>): HostSettings[] {
  const { settings, rows } = context;
  const wanted = input.host === undefined ? settings.hosts : [hostOf(settings, input.host)];
  const without = wanted.filter(({ name }) => rows.images.find(input.name, name) === null);
  refuseWithdrawn(input.name, rows);
  if (without.length === 0) {
    throw new BotError(
      'already_exists',
      `Image ${input.name} is ${input.host === undefined ? 'on every host' : `on ${input.host}`} already`,
      { field: 'name', hint: '`/image list` shows where each one is.' },
    );
  }
  return without;
}

async function look(input: z.infer<typeof Input>, context: ReadContext): Promise<readonly FileSeen[]> {
  const { settings, fleet, driver } = context;
  const image = imageOf(settings, context.rows, input.name);
  const hosts = lacking(input, context);
  await refresh(
    context,
    hosts.map(({ name }) => name),
    REPORT_AGE_MS,
  );
  const built = builtInForce(context.rows, image.name);
  if (built !== null) {
    const having = await hostsWithStored(built, hosts, context);
    return having.map(({ host, zeroed }) => ({ host, format: PACKED, virtualBytes: built.sizeBytes, zeroed }));
  }
  return Promise.all(
    hosts.map(async (host) => {
      const path = fileOf(image, host);
      const result = await fleet.run(host.name, both(driver.images.inspect(path), driver.volumes.zeroes(poolOf(host))));
      if (result.outcome !== 'done') throw result.error;
      const [file, zeroed] = result.value;
      if (file === null) {
        throw new BotError('not_found', `Host ${host.name} has no file ${path}`, {
          hint: `Copy the image there, or take another host with --host.`,
        });
      }
      return { host: host.name, ...file, zeroed };
    }),
  );
}

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: readonly FileSeen[]): Draft<BringFacts> {
  const { rows } = context;
  const image = imageOf(context.settings, rows, input.name);
  const built = builtInForce(rows, image.name);
  const targets = lacking(input, context).flatMap((host) => {
    const file = looked.find((each) => each.host === host.name);
    if (file === undefined && built !== null) return [];
    if (file === undefined)
      throw new BotError('conflict', `Host ${host.name} joined while the image was looked for`, { hint: 'Ask again.' });
    const { format, virtualBytes: sizeBytes, zeroed } = file;
    const path = built?.file ?? fileOf(image, host);
    return [targetOn(host, { name: image.name, file: path, format, sizeBytes, zeroed }, context)];
  });
  const images = rows.images.list(image.name);
  // Several hosts may get it at the same time: that is one version.
  const underWay = images.find(({ state }) => state === 'adding')?.version;
  const version = currentOf(images) ?? underWay ?? nextVersion(images);
  return {
    facts: {
      name: image.name,
      osinfo: image.osinfo,
      login: image.login,
      version,
      source: null,
      builtOf: built?.builtOf ?? null,
      cleaned: built?.cleaned ?? false,
      targets,
    },
    title: `Add image ${image.name} on ${targets.map(({ host }) => host).join(', ')}`,
    verb: 'Add',
    team: null,
    subject: `image:${image.name}`,
    host: targets[0]?.host ?? '',
    vmId: null,
    risk: 'safe',
    locks: targets.map(({ host }) => imageLock(image.name, host)),
    adds: NOTHING,
    notes: targetNotes(targets),
  };
}
