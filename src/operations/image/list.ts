import { z } from 'zod';
import type { ImageSettings, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import type { ImageRow } from '../image-rows.ts';
import { defineRead } from '../spec.ts';
import type { Rows } from '../store.ts';
import { imagesOf } from '../vm/flavor-of.ts';

export const imageList = defineRead({
  name: 'image.list',
  summary: 'List the images in their versions: on which hosts they are, and how many VMs hang on each',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/image list'],
  read: async (_input, { rows, settings }) => {
    const images = imagesOf(settings, rows).map((image) => imageIn(image, rows, settings));
    return {
      notice: {
        tone: 'plain',
        title: `${images.length} ${images.length === 1 ? 'image' : 'images'}`,
        table: {
          columns: ['Image', 'Made of', 'Version', 'State', 'OS', 'Size', 'VMs', 'Hosts', 'Missing on'],
          rows: images.flatMap(rowsOf),
          empty: 'No image is in the configuration: an admin adds them under `images`.',
        },
      },
      json: images,
    };
  },
});

function imageIn({ name, osinfo, login }: ImageSettings, rows: Rows, settings: Settings) {
  const golden = rows.images.list(name);
  const current = golden.filter(({ state }) => state === 'ready');
  const on = (state: ImageRow['state']) => golden.filter((each) => each.state === state).map(({ host }) => host);
  return {
    name,
    osinfo,
    login,
    version: current[0]?.version ?? null,
    sizeBytes: current[0]?.sizeBytes ?? null,
    hosts: on('ready'),
    adding: on('adding'),
    missing: settings.hosts.map((host) => host.name).filter((host) => rows.images.find(name, host) === null),
    /** The VM that it was made of, and so not cleaned. */
    builtOf: golden[0]?.builtOf ?? null,
    versions: versionsOf(golden, rows),
  };
}

type Listed = ReturnType<typeof imageIn>;

/** Each version in each of its states, newest first. */
function versionsOf(golden: readonly ImageRow[], rows: Rows) {
  const keyOf = ({ version, state }: ImageRow): string => `${version} ${state}`;
  const firsts = golden.filter((image, at) => golden.findIndex((other) => keyOf(other) === keyOf(image)) === at);
  return firsts.map((first) => {
    const { version, state, sizeBytes, digest } = first;
    const each = golden.filter((image) => keyOf(image) === keyOf(first));
    const vms = each.reduce((sum, { id }) => sum + rows.images.hanging(id), 0);
    return { version, state, sizeBytes, digest, vms, hosts: each.map(({ host }) => host) };
  });
}

function rowsOf(image: Listed): string[][] {
  const made = image.builtOf === null ? 'its vendor’s file' : `${image.builtOf}, not cleaned`;
  const missing = image.missing.join(', ') || '–';
  if (image.versions.length === 0) return [[image.name, made, '–', '–', image.osinfo, '–', '–', '–', missing]];
  return image.versions.map(({ version, state, sizeBytes, vms, hosts }, at) => [
    image.name,
    made,
    String(version),
    STATES[state],
    image.osinfo,
    formatSize(sizeBytes),
    String(vms),
    hosts.join(', '),
    at === 0 ? missing : '–',
  ]);
}

const STATES: Readonly<Record<ImageRow['state'], string>> = {
  adding: 'on its way',
  ready: 'in force',
  old: 'old',
  retired: 'retired',
  faulted: 'faulted',
};
