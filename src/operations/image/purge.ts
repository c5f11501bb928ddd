import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { IMAGE_STATES, type ImageState } from '../../domain/image.ts';
import { vmTag } from '../../domain/marks.ts';
import { formatSize } from '../../domain/size.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { purgeFile, purgeVolume } from '../steps/volumes.ts';
import { NameField, refuseHanging, VersionFacts, VersionField, versionDraft, versionOf } from './versions.ts';

const Input = z.strictObject({
  name: NameField,
  version: VersionField.meta({ title: 'Version', description: 'An old or retired one' }),
});

export const imagePurge = defineChange({
  name: 'image.purge',
  summary: 'Remove an old or retired version of an image from the hosts for good',
  details:
    'Only where no VM hangs on it. There is no way back. Without it, that happens by itself when the retention is over.',
  input: Input,
  positional: ['name', 'version'],
  permission: 'platform',
  risk: 'destructive',
  examples: ['/image purge debian-12 2'],
  facts: VersionFacts,
  look: async () => null,
  plan,
  steps: ({ images }, driver) =>
    images.flatMap(({ id, host, vg, volume, stored }): Step[] => {
      const at = { driver, host };
      const file = stored === null ? [] : [{ ...purgeFile(at, stored), name: `purge-file@${host}` }];
      return [{ ...purgeVolume(at, { vg, name: volume, tag: vmTag(id) }), name: `purge-volume@${host}` }, ...file];
    }),
  begin: ({ name, version, images }, rows, now) => {
    refuseHanging(rows, name, version);
    // Nobody may restore it from here on.
    for (const { id } of images) rows.images.setState(id, 'faulted', now);
  },
  settle: ({ images }, end, rows, _outputs, now) => {
    for (const { id, state } of images) {
      if (end === 'succeeded') rows.images.forget(id);
      if (end === 'failed') rows.images.setState(id, stateOf(state), now);
    }
  },
});

function stateOf(text: string): ImageState {
  return IMAGE_STATES.find((state) => state === text) ?? 'retired';
}

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<VersionFacts> {
  const { rows } = context;
  const { name, version } = input;
  const images = versionOf(rows, context, name, version);
  const inUse = images.find(({ state }) => state !== 'old' && state !== 'retired');
  if (inUse !== undefined) {
    const why = inUse.state === 'ready' ? 'new VMs are made of it' : `it is ${inUse.state} on ${inUse.host}`;
    throw new BotError('wrong_state', `Version ${version} of ${name} can’t be removed: ${why}`, {
      field: 'version',
      hint: inUse.state === 'ready' ? `\`/image retire ${name}\` first.` : '`/image list` tells more.',
    });
  }
  refuseHanging(rows, name, version);
  const bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return versionDraft({ name, version, images }, rows, {
    title: `Purge version ${version} of image ${name}`,
    verb: 'Purge',
    risk: 'destructive',
    notes: [`${formatSize(bytes)} of volumes are removed for good, from ${images.map(({ host }) => host).join(', ')}.`],
  });
}
