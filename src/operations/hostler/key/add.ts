import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { KeyName } from '../../../domain/names.ts';
import { PublicKey } from '../../../domain/public-key.ts';
import { defineChange } from '../../spec.ts';
import { KeyFacts, keyDraft } from './facts.ts';

const Input = z.strictObject({
  name: KeyName.meta({ title: 'Name', description: 'Which key it is', placeholder: 'laptop' }),
  key: PublicKey.meta({
    title: 'Public key',
    description: 'The line of its .pub file, in quotes',
    placeholder: 'ssh-ed25519 AAAA… me@laptop',
  }),
});

export const keyAdd = defineChange({
  name: 'hostler.key.add',
  summary: 'Add an ssh key of yours, for VMs made from now on',
  input: Input,
  positional: ['name', 'key'],
  permission: 'self',
  risk: 'safe',
  examples: ['/hostler key add laptop "ssh-ed25519 AAAA… me@laptop"'],
  facts: KeyFacts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, context) => {
    const { person } = context.actor;
    if (context.rows.keys.of(person).some(({ name }) => name === input.name)) {
      throw new BotError('already_exists', `You have a key ${input.name} already`, {
        field: 'name',
        hint: `Take another name, or \`/hostler key remove ${input.name}\` first.`,
      });
    }
    return keyDraft({ person, name: input.name, key: input.key, id: `key_${context.opId.slice(3)}` }, 'Add', context);
  },
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    if (end === 'succeeded') rows.keys.insert({ ...facts, addedAt: now });
  },
});
