import { timeIn } from '../../domain/time-zone.ts';
import type { Job } from '../job.ts';

/** Anchors the audit outside the database. */
export const auditHead: Job = {
  name: 'audit-head',
  summary: 'Post the newest hash of the audit to the audit channel',
  when: { every: 'day', at: '00:03' },
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, settings, clock }, { period, zone }) => {
    const { channels } = settings();
    const head = rows.audit.head();
    if (channels.audit === null) return 'no audit channel';
    if (head === null) return 'the audit is empty';
    rows.post({
      key: `audit-head:${period}`,
      to: channels.audit,
      underOperation: null,
      notice: {
        tone: 'plain',
        title: `Audit head of ${timeIn(clock.now(), zone).slice(0, 10)}`,
        facts: [
          { name: 'Rows', value: String(head.seq) },
          { name: 'Hash', value: [{ code: head.hash }] },
        ],
        lines: [
          [
            'Later ',
            { code: `hostler audit verify --anchor ${head.hash}` },
            ' proves that nothing up to here was cut or changed.',
          ],
        ],
      },
    });
    return `row ${head.seq}`;
  },
};
