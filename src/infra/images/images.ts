/** The image verbs: what a file holds, and pouring it into a volume. */
import { BotError } from '../../domain/error.ts';
import type { ImageVerbs } from '../../operations/image-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { devicePath } from '../lvm/volumes.ts';
import { readSumFile } from '../sum-file.ts';
import { showUnit, unitState } from '../units.ts';
import { curl, whyCurlFailed } from './curl.ts';
import { listingVerbs } from './listings.ts';
import { ImageInfo, readExit } from './schema.ts';
import { signedText } from './signed.ts';

export function imageVerbs(): ImageVerbs {
  return {
    // -U: a file that a running VM has open is locked, and a look does no harm.
    inspect: (path) => ({
      title: `Inspect image ${path}`,
      commands: [{ argv: ['qemu-img', 'info', '--output=json', '-U', '--', path], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => readInfo(path, answerTo(ran)),
    }),
    // -n: the volume is there already. --target-is-zero: else all that the image leaves empty is written as zeros, and a thin volume holds
    // them; poured twice it is the same, for what is zero in the image was not written the first time. -f: told, for a guess would let a raw image pass for another format.
    pour: ({ path, format, volume, unit, zeroed = false }) => ({
      title: `Pour image ${path} into ${volume.vg}/${volume.name}`,
      commands: [
        {
          argv: [
            'qemu-img',
            'convert',
            '-n',
            ...(zeroed ? ['--target-is-zero'] : []),
            '-O',
            'raw',
            '-f',
            format,
            path,
            devicePath(volume),
          ],
          sudo: true,
          limit: 'long',
          detached: { unit },
        },
      ],
      parse: nothing,
    }),
    pouring: (unit) => ({ ...showUnit(unit, ''), parse: (ran) => unitState(unit, answerTo(ran)) }),
    stopPouring: (unit) => ({
      title: `Stop unit ${unit}`,
      commands: [
        { argv: ['systemctl', '--user', 'stop', `${unit}.service`], limit: 'normal', onFailure: 'go-on' },
        { argv: ['systemctl', '--user', 'reset-failed', `${unit}.service`], limit: 'quick', onFailure: 'go-on' },
      ],
      parse: (ran) => {
        for (const answer of ran)
          if (answer.exit !== 0 && !isNotLoaded(answer)) throw refused('Stopping the unit', answer);
      },
    }),
    ...listingVerbs(),
    fetchText: (url) => ({
      title: `Read ${url}`,
      commands: [{ argv: curl(url, ['--max-filesize', '1048576']), limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => {
        const answer = answerTo(ran);
        if (answer.exit !== 0) throw refused(`Reading ${url}`, answer);
        return answer.stdout;
      },
    }),
    signedText: signedText(),
    fetch: ({ url, path, unit }) => ({
      title: `Download ${url}`,
      commands: [{ argv: curl(url, ['--retry', '3', '-o', path]), limit: 'long', detached: { unit, gentle: true } }],
      parse: nothing,
    }),
    fetching: (unit) => ({
      ...showUnit(unit, ',ExecMainStatus'),
      parse: (ran) => {
        const answer = answerTo(ran);
        const state = unitState(unit, answer);
        return { state, why: state === 'failed' ? whyCurlFailed(readExit(answer.stdout)) : null };
      },
    }),
    digest: ({ path, algorithm, into, unit }) => ({
      title: `Work out the ${algorithm} of ${path}`,
      commands: [
        { argv: [SUM_TOOL[algorithm], '--', path], limit: 'long', detached: { unit, output: into, gentle: true } },
      ],
      parse: nothing,
    }),
    digestIn: (into) => ({
      title: `Read ${into}`,
      commands: [{ argv: ['cat', '--', into], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => readSumFile(into, answerTo(ran))?.[0]?.hex ?? null,
    }),
  };
}

const SUM_TOOL = { sha256: 'sha256sum', sha512: 'sha512sum' } as const;

/** Where there is no such unit, nothing has to be stopped. */
function isNotLoaded(answer: Ran): boolean {
  return /not loaded/.test(answer.stderr);
}

function readInfo(path: string, answer: Ran): { readonly format: string; readonly virtualBytes: number } | null {
  const act = `Inspecting ${path}`;
  if (answer.exit === 1 && answer.stderr.includes('No such file or directory')) return null;
  if (answer.exit !== 0) throw refused(act, answer);
  const info = ImageInfo.safeParse(answer.stdout);
  if (!info.success) throw unreadable(act, answer, info.error);
  const { format, virtualBytes, refersTo } = info.data;
  // Poured as root, such an image would bring in whatever file it names.
  if (refersTo !== null) {
    throw new BotError('invalid_input', `${path} is not a whole image: it draws on ${refersTo}`, {
      hint: 'Make one of its own with `qemu-img convert -O qcow2`, and add that.',
    });
  }
  return { format, virtualBytes };
}
