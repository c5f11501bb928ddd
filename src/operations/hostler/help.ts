import { z } from 'zod';
import { helpNotice } from '../help.ts';
import { defineRead } from '../spec.ts';

export const hostlerHelp = defineRead({
  name: 'hostler.help',
  summary: 'Show what Hostler can do',
  input: z.strictObject({}),
  positional: [],
  permission: 'self',
  examples: ['/hostler help', '/vm help', '/vm create --help'],
  read: async (_input, { catalog }) => {
    const notice = helpNotice({ family: null, operation: null }, catalog);
    return {
      notice,
      json: catalog.map(({ name, summary, kind, permission }) => ({ name, summary, kind, permission })),
    };
  },
});
