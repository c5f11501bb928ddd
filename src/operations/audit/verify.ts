import { z } from 'zod';
import { defineRead } from '../spec.ts';

export const auditVerify = defineRead({
  name: 'audit.verify',
  summary: 'Check that no row of the audit is missing or altered',
  details:
    'Every row holds the hash of the one before. With an anchor (a hash that was posted or written down earlier) a cut tail is seen too.',
  input: z.strictObject({
    anchor: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'Give a hash of 64 hex digits, as the audit channel shows them.')
      .optional()
      .meta({ title: 'Anchor', description: 'A row’s hash from an earlier day' }),
  }),
  positional: [],
  permission: 'audit',
  examples: ['/audit verify'],
  read: async (input, { rows }) => {
    const verdict = await rows.audit.verify(input.anchor ?? null);
    return {
      notice: verdict.ok
        ? {
            tone: 'good',
            title: 'The audit is whole',
            facts: [
              { name: 'Rows', value: String(verdict.rows) },
              { name: 'Head', value: [{ code: verdict.head ?? 'none yet' }] },
            ],
          }
        : {
            tone: 'bad',
            title: 'The audit is broken',
            lines: [
              `${verdict.seq === null ? '' : `Row ${verdict.seq}: `}${verdict.reason}`,
              'Keep the database file as it is, and compare it with the last backup.',
            ],
          },
      json: verdict,
    };
  },
});
