import { z } from 'zod';
import { formatSize } from '../../domain/size.ts';
import { defineRead } from '../spec.ts';

export const imageList = defineRead({
  name: 'image.list',
  summary: 'List the images, and on which hosts they are ready',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/image list'],
  read: async (_input, { rows, settings }) => {
    const images = settings.images.map((image) => {
      const golden = rows.images.list(image.name);
      const ready = golden.filter(({ state }) => state === 'ready');
      return {
        name: image.name,
        osinfo: image.osinfo,
        login: image.login,
        sizeBytes: ready[0]?.sizeBytes ?? null,
        hosts: ready.map(({ host }) => host),
        adding: golden.filter(({ state }) => state === 'adding').map(({ host }) => host),
        missing: settings.hosts.map(({ name }) => name).filter((host) => !golden.some((each) => each.host === host)),
      };
    });
    return {
      notice: {
        tone: 'plain',
        title: `${images.length} ${images.length === 1 ? 'image' : 'images'}`,
        table: {
          columns: ['Image', 'OS', 'Size', 'Ready on', 'Missing on'],
          rows: images.map((image) => [
            image.name,
            image.osinfo,
            image.sizeBytes === null ? '–' : formatSize(image.sizeBytes),
            image.hosts.join(', ') || '–',
            [...image.adding.map((host) => `${host} (on its way)`), ...image.missing].join(', ') || '–',
          ]),
          empty: 'No image is in the configuration: an admin adds them under `images`.',
        },
      },
      json: images,
    };
  },
});
