import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { formatSpan } from '../../domain/size.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { currentOf } from './bring.ts';
import { hangingOn, vmsHang } from './common.ts';
import { NameField, VersionFacts, VersionField, versionDraft, versionOf } from './versions.ts';

const Input = z.strictObject({
  name: NameField,
  version: VersionField.optional().meta({ title: 'Version', description: 'Another than the one in force' }),
});

export const imageRetire = defineChange({
  name: 'image.retire',
  summary: 'Make no new VMs of an image any more',
  details:
    'VMs that hang on it go on. When there are none any more and the retention is over, it is removed from the hosts; until then `/image restore` takes it back.',
  input: Input,
  positional: ['name'],
  permission: 'platform',
  risk: 'safe',
  direct: true,
  examples: ['/image retire debian-11', '/image retire debian-12 --version 3'],
  facts: VersionFacts,
  look: async () => null,
  plan,
  steps: () => [],
  begin: () => undefined,
  settle: ({ images }, end, rows, _outputs, now) => {
    if (end === 'succeeded') for (const { id } of images) rows.images.setState(id, 'retired', now);
  },
  report: ({ name, version }, rows, settings) => {
    const many = hangingOn(rows, name, version);
    const gone = `removed in ${formatSpan(settings.trashMs)}`;
    return {
      facts: [{ name: `Version ${version}`, value: many === 0 ? gone : `kept: ${vmsHang(many)} on it` }],
      buttons: [{ label: 'Undo', press: { do: 'run', name: 'image.restore', input: { name, version } } }],
    };
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<VersionFacts> {
  const { rows, settings } = context;
  const { name } = input;
  const current = currentOf(rows.images.list(name));
  const version = input.version ?? current ?? rows.images.list(name)[0]?.version ?? 1;
  const images = versionOf(rows, context, name, version).filter(({ state }) => state === 'ready' || state === 'old');
  if (images.length === 0) {
    throw new BotError('wrong_state', `Version ${version} of ${name} is not in use: there is nothing to retire`, {
      field: 'name',
      hint: '`/image list` tells the state of each version.',
    });
  }
  const many = hangingOn(rows, name, version);
  const hosts = images.map(({ host }) => host).join(', ');
  return versionDraft({ name, version, images }, rows, {
    title: `Retire version ${version} of image ${name}`,
    verb: 'Retire',
    risk: 'safe',
    notes: [
      ...(version === current
        ? [`No new VMs are made of ${name} until \`/image refresh\` or \`/image restore\`.`]
        : []),
      many === 0
        ? `No VM hangs on it: it is removed from ${hosts} in ${formatSpan(settings.trashMs)}.`
        : `${vmsHang(many)} on it: it stays on ${hosts} for them.`,
    ],
  });
}
