import { z } from 'zod';
import type { ImageSettings, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import type { ImageRow } from '../image-rows.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import { imagesOf } from '../vm/flavor-of.ts';

export const imageList = defineRead({
  name: 'image.list',
  summary: 'List the images in their versions: on which hosts they are, and how many VMs hang on each',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/image list'],
  read: async (_input, context) => {
    const { rows, settings } = context;
    const images = imagesOf(settings, rows).map((image) => imageIn(image, rows, settings));
    const isos = await isosOn(context);
    const all = settings.hosts.length;
    return {
      notice: {
        tone: 'plain',
        title: [count(images.length, 'image'), ...(isos.length === 0 ? [] : [count(isos.length, 'ISO file')])].join(
          ', ',
        ),
        lines: [
          ...(isos.length === 0
            ? []
            : ['A VM is installed from an ISO file with `/vm create NAME --iso FILE --flavor FLAVOR`.']),
          '`/vm create NAME --pxe --flavor FLAVOR` boots from the network, and needs neither.',
        ],
        table: {
          columns: ['Image', 'Made of', 'Version', 'State', 'OS', 'Size', 'VMs', 'Hosts', 'Missing on'],
          rows: [...images.flatMap((image) => rowsOf(image, all)), ...isos.map((iso) => isoRow(iso, all))],
          empty: 'No image is in the configuration: an admin adds them under `images`.',
        },
      },
      json: [...images, ...isos],
    };
  },
});

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

/** How long a host may take to say which ISO files it has: the list does not wait for one that hangs. */
const ISO_WAIT_MS = 5_000;

/** The ISO files of all hosts that answer. */
async function isosOn({ settings, rows, fleet, driver }: ReadContext): Promise<readonly Iso[]> {
  const hosts = settings.hosts.filter(({ name }) => (rows.hosts.find(name)?.trouble ?? null) === null);
  const asked = await Promise.all(
    hosts.map(async ({ name: host, directory }) => {
      const call = driver.images.isos(`${directory}/images`);
      const result = await fleet.run(host, call, { signal: AbortSignal.timeout(ISO_WAIT_MS) });
      return result.outcome === 'done' ? result.value.map((iso) => ({ host, ...iso })) : [];
    }),
  );
  const found = asked.flat();
  return [...new Set(found.map(({ file }) => file))].sort().map((name) => {
    const same = found.filter(({ file }) => file === name);
    return { kind: 'iso', name, sizeBytes: same[0]?.sizeBytes ?? 0, hosts: same.map(({ host }) => host) };
  });
}

interface Iso {
  readonly kind: 'iso';
  readonly name: string;
  readonly sizeBytes: number;
  readonly hosts: readonly string[];
}

/** Hosts in a cell: a fleet’s names would fill it, and nobody would read them. */
function hostsText(hosts: readonly string[], all: number): string {
  if (hosts.length === 0) return '–';
  if (hosts.length === all && all > 1) return `all ${all}`;
  const more = hosts.length - NAMED;
  return more > 1 ? `${hosts.slice(0, NAMED).join(', ')} and ${more} more` : hosts.join(', ');
}
const NAMED = 3;

function isoRow({ name, sizeBytes, hosts }: Iso, all: number): string[] {
  return [name, 'an ISO file', '–', 'on the host', '–', formatSize(sizeBytes), '–', hostsText(hosts, all), '–'];
}

function imageIn({ name, osinfo, login }: ImageSettings, rows: Rows, settings: Settings) {
  const golden = rows.images.list(name);
  const current = golden.filter(({ state }) => state === 'ready');
  const on = (state: ImageRow['state']) => golden.filter((each) => each.state === state).map(({ host }) => host);
  return {
    kind: 'image',
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

function rowsOf(image: Listed, all: number): string[][] {
  const made = image.builtOf === null ? 'its vendor’s file' : `${image.builtOf}, not cleaned`;
  const missing = hostsText(image.missing, all);
  if (image.versions.length === 0) return [[image.name, made, '–', '–', image.osinfo, '–', '–', '–', missing]];
  return image.versions.map(({ version, state, sizeBytes, vms, hosts }, at) => [
    image.name,
    made,
    String(version),
    STATES[state],
    image.osinfo,
    formatSize(sizeBytes),
    String(vms),
    hostsText(hosts, all),
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
