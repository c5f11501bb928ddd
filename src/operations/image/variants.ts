import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { HostName, nearest } from '../../domain/names.ts';
import type { Variant } from '../image-verbs.ts';
import { defineRead, type ReadContext } from '../spec.ts';

/** So many are told; a word finds the others. */
const MOST = 40;

export const imageVariants = defineRead({
  name: 'image.variants',
  summary: 'List the operating systems that virt-install knows, for `--osinfo`',
  input: z.strictObject({
    match: z.string().min(1).max(60).optional().meta({
      title: 'Match',
      description: 'Only those with this word in id or name, such as debian',
      placeholder: 'debian',
    }),
    host: HostName.optional().meta({ title: 'Host', description: 'As this host knows them', choices: 'host' }),
  }),
  positional: ['match'],
  permission: 'view',
  examples: ['/image variants debian', '/image variants "windows server" --host kvm-1'],
  read: async ({ match = '', host }, context) => {
    const { from, variants } = await anyHost(host ?? null, context);
    const word = match.toLowerCase();
    const found = variants.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(word));
    const shown = found.slice(0, MOST);
    const near = found.length === 0 ? nearVariants(match, variants) : [];
    return {
      notice: {
        tone: 'plain',
        title: `${found.length} of the ${variants.length} operating systems that ${from} knows`,
        table: {
          columns: ['Id', 'Name', 'Family'],
          rows: shown.map(({ id, name, family }) => [id, name, family]),
          empty: near.length === 0 ? `None has “${match}” in its id or name.` : `Did you mean ${near.join(' or ')}?`,
        },
        ...(found.length > MOST
          ? { lines: [`${found.length - MOST} more: add a word, such as \`/image variants debian\`.`] }
          : {}),
      },
      json: found,
    };
  },
});

/** Those nearest to a word, best first. */
export function nearVariants(word: string, variants: readonly Variant[]): string[] {
  return nearest(
    word,
    variants.map(({ id }) => id),
  );
}

/** The named host’s, else that of the first host that answers. */
async function anyHost(
  only: string | null,
  { settings, rows, fleet, driver }: ReadContext,
): Promise<{ readonly from: string; readonly variants: readonly Variant[] }> {
  const silent = (name: string) => (rows.hosts.find(name)?.trouble ?? null) !== null;
  const names = settings.hosts.map(({ name }) => name).filter((name) => only === null || name === only);
  let last = new BotError('not_found', only === null ? 'There are no hosts' : `There is no host ${only}`, {
    field: 'host',
    hint: `Hosts are ${settings.hosts.map(({ name }) => name).join(', ')}.`,
  });
  for (const from of names.toSorted((a, b) => Number(silent(a)) - Number(silent(b))).slice(0, 3)) {
    const result = await fleet.run(from, driver.images.variants());
    if (result.outcome === 'done') return { from, variants: result.value };
    last = result.error;
  }
  throw last;
}
