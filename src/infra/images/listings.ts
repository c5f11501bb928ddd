/** What a host has to install from: operating systems that virt-install knows, and ISO files. */
import type { ImageVerbs } from '../../operations/image-verbs.ts';
import { answerTo, refused, unreadable } from '../answer.ts';

export function listingVerbs(): Pick<ImageVerbs, 'variants' | 'isos'> {
  return {
    variants: () => ({
      title: 'Ask which operating systems virt-install knows',
      commands: [{ argv: ['osinfo-query', '--fields=short-id,name,version,family', 'os'], limit: 'quick' }],
      parse: (ran) => {
        const answer = answerTo(ran);
        const rows = answer.stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
        const found = rows
          .slice(2)
          .flatMap(([id = '', name = '', version = '', family = '']) =>
            id === '' ? [] : [{ id, name, version, family }],
          );
        if (rows[0]?.[0] !== 'Short ID') throw unreadable('Listing the operating systems', answer);
        return found;
      },
    }),
    // The slash: else find would not follow the folder where it is a link.
    isos: (directory) => ({
      title: `List the ISO files in ${directory}`,
      commands: [
        {
          argv: ['find', `${directory}/`, '-maxdepth', '1', '-type', 'f', '-name', '*.iso', '-printf', '%s %f\\n'],
          limit: 'quick',
          onFailure: 'go-on',
        },
      ],
      parse: (ran) => {
        const answer = answerTo(ran);
        if (answer.exit !== 0 && answer.stderr.includes('No such file or directory')) return [];
        if (answer.exit !== 0) throw refused(`Listing ${directory}`, answer);
        return answer.stdout.split('\n').flatMap((line) => {
          const [, size, file] = /^(\d+) (.+)$/.exec(line) ?? [];
          return size === undefined || file === undefined ? [] : [{ file, sizeBytes: Number(size) }];
        });
      },
    }),
  };
}
