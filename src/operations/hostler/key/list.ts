import { z } from 'zod';
import { keyFacts } from '../../../domain/ssh-key.ts';
import { defineRead } from '../../spec.ts';

export const keyList = defineRead({
  name: 'hostler.key.list',
  summary: 'List your ssh keys, which new VMs let in',
  input: z.strictObject({}),
  positional: [],
  permission: 'self',
  examples: ['/hostler key list'],
  read: async (_input, { actor, rows, settings }) => {
    const config = settings.people.find(({ name }) => name === actor.person)?.sshKeys ?? [];
    const keys = [
      ...config.map((key) => ({ name: '(configuration)', ...keyFacts(key) })),
      ...rows.keys.of(actor.person).map(({ name, key }) => ({ name, ...keyFacts(key) })),
    ];
    return {
      notice: {
        tone: 'plain',
        title: `${keys.length} ssh ${keys.length === 1 ? 'key' : 'keys'}`,
        table: {
          columns: ['Name', 'Type', 'Comment', 'Key'],
          rows: keys.map((key) => [key.name, key.type, key.comment || '–', key.short]),
          empty: 'No key yet. `/hostler key add laptop "ssh-ed25519 AAAA…"` adds one.',
        },
      },
      json: keys,
    };
  },
});
