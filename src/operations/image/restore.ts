import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { currentOf, supersede } from './bring.ts';
import { NameField, VersionFacts, VersionField, versionDraft, versionOf } from './versions.ts';

const Input = z.strictObject({
  name: NameField,
  version: VersionField.optional().meta({ title: 'Version', description: 'Else the newest that is not in force' }),
});

export const imageRestore = defineChange({
  name: 'image.restore',
  summary: 'Make new VMs of a retired or older version of an image again',
  details: 'It takes the place of the version that is in force, which is kept as an old one.',
  input: Input,
  positional: ['name'],
  permission: 'platform',
  risk: 'safe',
  direct: true,
  examples: ['/image restore debian-12', '/image restore debian-12 --version 3'],
  facts: VersionFacts,
  look: async () => null,
  plan,
  steps: () => [],
  begin: () => undefined,
  settle: ({ name, version, images }, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    supersede(rows, name, version, now);
    for (const { id } of images) rows.images.setState(id, 'ready', now);
  },
  report: ({ name, images }) => ({
    facts: [{ name: 'Ready on', value: images.map(({ host }) => host).join(', ') }],
    buttons: [{ label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: { image: name } } }],
  }),
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<VersionFacts> {
  const { rows } = context;
  const { name } = input;
  const kept = rows.images.list(name).filter(({ state }) => state === 'retired' || state === 'old');
  const version = input.version ?? kept[0]?.version ?? rows.images.list(name)[0]?.version ?? 1;
  const images = versionOf(rows, context, name, version).filter(({ id }) => kept.some((each) => each.id === id));
  if (images.length === 0) {
    throw new BotError('wrong_state', `Version ${version} of ${name} is neither retired nor old`, {
      field: 'version',
      hint: '`/image list` tells the state of each version.',
    });
  }
  const current = currentOf(rows.images.list(name));
  return versionDraft({ name, version, images }, rows, {
    title: `Make VMs of version ${version} of image ${name} again`,
    verb: 'Restore',
    risk: 'safe',
    notes: current === null || current === version ? [] : [`Version ${current} becomes an old one.`],
  });
}
