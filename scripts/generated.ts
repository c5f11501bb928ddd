import { stringify } from 'yaml';
import { catalog } from '../src/operations/catalog.ts';
import { commandsDoc } from '../src/operations/docs.ts';
import { manifestFor } from '../src/operations/manifest.ts';

/** Every file that is derived from the catalog, with its text, by its path in the repository. */
export function generated(): ReadonlyMap<string, string> {
  const head =
    '# The Slack app, for Socket Mode. Written by `npm run gen`; with other names: `hostler manifest --prefix x-`.\n';
  return new Map([
    ['manifest.yml', head + stringify(manifestFor(catalog, { prefix: '' }), { lineWidth: 0 })],
    ['docs/commands.md', commandsDoc(catalog)],
  ]);
}
