import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { KeyName } from '../../../domain/names.ts';
import { defineChange } from '../../spec.ts';
import { KeyFacts, keyDraft } from './facts.ts';

const Input = z.strictObject({
  name: KeyName.meta({ title: 'Name', description: 'Which of your keys', choices: 'key' }),
});

export const keyRemove = defineChange({
  name: 'hostler.key.remove',
  summary: 'Remove an ssh key of yours',
  details: 'VMs that were made with it keep letting it in: remove it there too.',
  input: Input,
  positional: ['name'],
  permission: 'self',
  risk: 'safe',
  examples: ['/hostler key remove laptop'],
  facts: KeyFacts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, context) => {
    const { person } = context.actor;
    const keys = context.rows.keys.of(person);
    const found = keys.find(({ name }) => name === input.name);
    if (found === undefined) {
      throw new BotError('not_found', `You have no key ${input.name}`, {
        field: 'name',
        hint:
          keys.length === 0
            ? 'You have added none; those of the configuration are the admins’ to change.'
            : `Yours are ${keys.map(({ name }) => name).join(', ')}.`,
      });
    }
    return keyDraft({ person, name: found.name, key: found.key, id: found.id }, 'Remove', context);
  },
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows) => {
    if (end === 'succeeded') rows.keys.remove(facts.person, facts.name);
  },
});
