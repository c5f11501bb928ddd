import { carryOut } from '../carry-out.ts';
import type { Job } from '../job.ts';

/** Each host in an operation of its own: one that fails undoes no other, and says so itself. */
export const imageCopies: Job = {
  name: 'image-copies',
  summary: 'Bring images that were built onto the other hosts that have the target for backups',
  when: { every: 'minute' },
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, service, settings }) => {
    const wanted = rows.images.wanted();
    for (const each of wanted) {
      const { operationId, name, host } = each;
      const built = rows.operations.byId(operationId);
      const to = built?.origin.channel ?? settings().channels.admin;
      const error = await carryOut(service, {
        name: 'image.add',
        input: { name, host },
        why: ['an image that was built', `${built?.person ?? 'somebody'} built it`],
        dedupe: `image-copies:${operationId}:${host}`,
        channel: to,
      });
      rows.transaction(() => {
        rows.images.unwant(each);
        // Somebody was faster.
        if (error === null || error.code === 'already_exists' || to === null) return;
        const notice = {
          tone: 'warn',
          title: `Image ${name} is not on ${host}`,
          lines: [error.message, ...(error.hint === undefined ? [] : [error.hint])],
          buttons: [{ label: 'Try again', press: { do: 'run', name: 'image.add', input: { name, host } } }],
        } as const;
        rows.post({ key: `image-copies:${operationId}:${host}`, to, underOperation: operationId, notice });
      });
    }
    return wanted.length === 0 ? '' : `${wanted.length} begun`;
  },
};
