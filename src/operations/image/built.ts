/** Images that were built of VMs: what they are like, and where they are stored. */
import { BotError } from '../../domain/error.ts';
import type { HostSettings, Settings } from '../../domain/settings.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { ImageRow } from '../image-rows.ts';
import type { ReadContext } from '../spec.ts';
import { both } from '../steps/call.ts';
import type { Rows } from '../store.ts';
import { imagesOf } from '../vm/flavor-of.ts';
import { poolOf } from './common.ts';

/** OS and login of what is made of this VM: as asked, else as its image has them. Throws where nobody knows. */
export function originOf(
  vm: Vm,
  asked: { readonly osinfo?: string | undefined; readonly login?: string | undefined },
  settings: Settings,
  rows: Rows,
): { readonly osinfo: string; readonly login: string } {
  const image = imagesOf(settings, rows).find(({ name }) => name === vm.image);
  const [osinfo, login] = [asked.osinfo ?? image?.osinfo, asked.login ?? image?.login];
  if (osinfo !== undefined && login !== undefined) return { osinfo, login };
  throw new BotError(
    'invalid_input',
    `Nobody knows the OS and the login of ${fullName(vm)}, for it was made of no image`,
    {
      field: osinfo === undefined ? 'osinfo' : 'login',
      hint: 'Give both, such as `--osinfo debian12 --login debian`.',
    },
  );
}

/** The version in force of an image that was built; null for any other. */
export function builtInForce(rows: Rows, name: string): ImageRow | null {
  return rows.images.list(name).find(({ state, builtOf }) => state === 'ready' && builtOf !== null) ?? null;
}

/** The hosts, of those that lack it, that have its stored file before them. Throws where none has. */
export async function hostsWithStored(
  built: ImageRow,
  hosts: readonly HostSettings[],
  { fleet, driver }: ReadContext,
): Promise<readonly { readonly host: string; readonly zeroed: boolean }[]> {
  const { name, file, host: home } = built;
  if (file === '') {
    throw new BotError('wrong_state', `Image ${name} was built on ${home} and is stored nowhere else`, {
      hint: 'Set `backups.target` in the configuration, a directory that all hosts share, and build it again.',
    });
  }
  const asked = await Promise.all(
    hosts.map(async (host) => {
      const result = await fleet.run(host.name, both(driver.files.look(file), driver.volumes.zeroes(poolOf(host))));
      if (result.outcome !== 'done') throw result.error;
      return { host: host.name, there: result.value[0] !== null, zeroed: result.value[1] };
    }),
  );
  const having = asked.filter(({ there }) => there);
  const bare = having.find(({ zeroed }) => !zeroed);
  if (bare !== undefined) {
    throw new BotError(
      'host_fault',
      `The thin pool of ${bare.host} does not zero what it hands out: old data of others would show`,
      {
        hint: 'Set it on the host: `lvchange --zero y VG/POOL`.',
      },
    );
  }
  if (having.length > 0) return having;
  throw new BotError('not_found', `${hosts.map((host) => host.name).join(', ')}: no file ${file}`, {
    hint: `It was stored on ${home}: is that directory shared, and mounted there?`,
  });
}
