import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { type Digest, digestIn, digestText, fileNameOf, type ImageSource } from '../../domain/image.ts';
import { ImageName } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { HostSettings, ImageSettings } from '../../domain/settings.ts';
import { refresh } from '../observe.ts';
import type { HostCall } from '../ports.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { both, reading } from '../steps/call.ts';
import { imageOf } from '../vm/flavor-of.ts';
import {
  BringFacts,
  beginBringing,
  bringSteps,
  currentOf,
  imageLock,
  settleBringing,
  targetNotes,
  targetOn,
} from './bring.ts';
import { fileOf, hangingOn, nextVersion, poolOf, REPORT_AGE_MS, vmsHang } from './common.ts';

const Input = z.strictObject({
  name: ImageName.meta({ title: 'Image', description: 'An image of the configuration', choices: 'image' }),
});
type Input = z.infer<typeof Input>;

const Facts = BringFacts.extend({
  /** The version that was in force before; null where there was none, or where it is the same. */
  replaces: z.number().nullable(),
});
type Facts = z.infer<typeof Facts>;

interface HostLooked {
  readonly host: string;
  readonly format: string;
  /** Null where nobody knows yet. */
  readonly sizeBytes: number | null;
  /** Its pool gives zeros. */
  readonly zeroed: boolean;
}

interface Looked {
  /** Checksum of the newest content; null where files lie on the hosts, and nobody told. */
  readonly digest: Digest | null;
  /** The fingerprint of the key that its checksum was signed with; null where none has to be. */
  readonly signer: string | null;
  /** The hosts that answer and, where they must, have the file. */
  readonly hosts: readonly HostLooked[];
  /** The others, and why. */
  readonly without: readonly string[];
}

export const imageRefresh = defineChange({
  name: 'image.refresh',
  summary: 'Bring the newest content of an image’s source onto every host, as a new version',
  details:
    'Each host downloads it by itself, and compares it with the vendor’s checksum before anything is made of it. New VMs are made of the new version; the old one stays while VMs hang on it. An image whose file is brought by hand is poured anew from that file.',
  input: Input,
  positional: ['name'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/image refresh debian-12'],
  facts: Facts,
  look,
  plan,
  steps: bringSteps,
  begin: beginBringing,
  settle: settleBringing,
  report: (facts, rows) => {
    const { name, version, replaces } = facts;
    const many = replaces === null ? 0 : hangingOn(rows, name, replaces);
    return {
      facts: [
        { name: 'Version', value: String(version) },
        { name: 'Ready on', value: facts.targets.map(({ host }) => host).join(', ') },
        ...(replaces === null
          ? []
          : [
              { name: `Version ${replaces}`, value: many === 0 ? 'no VM hangs on it' : `kept: ${vmsHang(many)} on it` },
            ]),
      ],
      buttons: [
        { label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: { image: name } } },
        ...(replaces === null
          ? []
          : [
              {
                label: 'Undo',
                press: { do: 'run', name: 'image.restore', input: { name, version: replaces } },
              } as const,
            ]),
      ],
    };
  },
});

async function look(input: Input, context: ReadContext): Promise<Looked> {
  const { settings, rows } = context;
  const image = imageOf(settings, rows, input.name);
  const [built] = rows.images.list(image.name).filter(({ builtOf }) => builtOf !== null);
  if (built !== undefined) {
    throw new BotError('wrong_state', `Image ${image.name} was built of ${built.builtOf}, and has no source`, {
      field: 'name',
      hint: `\`/image build ${image.name} --from VM\` makes its next version; \`/image add ${image.name}\` brings it onto more hosts.`,
    });
  }
  await refresh(
    context,
    settings.hosts.map(({ name }) => name),
    REPORT_AGE_MS,
  );
  const silent = (host: HostSettings) => rows.hosts.find(host.name)?.trouble ?? null;
  const hosts = settings.hosts.filter((host) => silent(host) === null);
  const without = settings.hosts.flatMap((host) => {
    const why = silent(host);
    return why === null ? [] : [`${host.name} does not answer (${why})`];
  });
  const [first] = hosts;
  if (first === undefined) {
    throw new BotError('host_unreachable', `No host answers: ${without.join('; ')}`, {
      hint: '`/host list` says since when.',
    });
  }
  if (image.source === null) return lookAtFiles(image, hosts, without, context);
  const { format } = image.source;
  const sizeBytes = image.source.sizeBytes;
  const { digest, signer } = await newest(image.source, first, context);
  const looked = await Promise.all(
    hosts.map(async (host) => {
      const result = await context.fleet.run(host.name, context.driver.volumes.zeroes(poolOf(host)));
      if (result.outcome !== 'done') throw result.error;
      return { host: host.name, format, sizeBytes, zeroed: result.value };
    }),
  );
  return { digest, signer, hosts: looked, without };
}

/** What the vendor says that the newest content is. One host is asked: the checksum is the same for all. */
async function newest(
  { url, check }: ImageSource,
  host: HostSettings,
  { fleet, driver }: ReadContext,
): Promise<{ readonly digest: Digest; readonly signer: string | null }> {
  if ('hex' in check) return { digest: check, signer: null };
  const { sums, signature } = check;
  const read: HostCall<{ readonly text: string; readonly signer: string | null }> =
    signature === null
      ? reading(driver.images.fetchText(sums), (text) => ({ text, signer: null }))
      : driver.images.signedText({ url: sums, signature });
  const result = await fleet.run(host.name, read);
  if (result.outcome !== 'done') {
    const { code, message, hint } = result.error;
    throw new BotError(
      code,
      `${host.name} ${signature === null ? 'can’t read' : 'can’t trust'} the vendor’s checksums: ${message}`,
      {
        hint: hint ?? `Try \`curl ${sums}\` on ${host.name}: it may need a proxy, or the address has changed.`,
        cause: result.error,
      },
    );
  }
  const file = fileNameOf(url);
  const digest = digestIn(result.value.text, file);
  if (digest === null) {
    throw new BotError('not_found', `${sums} has no SHA-256 or SHA-512 of ${file}`, {
      hint: 'The vendor may have renamed the file: compare `source` in the configuration with the vendor’s page.',
    });
  }
  return { digest, signer: result.value.signer };
}

async function lookAtFiles(
  image: ImageSettings,
  hosts: readonly HostSettings[],
  silent: readonly string[],
  { fleet, driver }: ReadContext,
): Promise<Looked> {
  const seen = await Promise.all(
    hosts.map(async (host) => {
      const calls = both(driver.images.inspect(fileOf(image, host)), driver.volumes.zeroes(poolOf(host)));
      const result = await fleet.run(host.name, calls);
      if (result.outcome !== 'done') throw result.error;
      const [file, zeroed] = result.value;
      return { host: host.name, file, zeroed };
    }),
  );
  const having = seen.flatMap(({ host, file, zeroed }): HostLooked[] =>
    file === null ? [] : [{ host, format: file.format, sizeBytes: file.virtualBytes, zeroed }],
  );
  if (having.length === 0) {
    throw new BotError('not_found', `No host has a file for image ${image.name} (${image.file})`, {
      hint: 'Copy it there, or give the image a `source` in the configuration.',
    });
  }
  const without = seen.flatMap(({ host, file }) => (file === null ? [`${host} has no file ${image.file}`] : []));
  return { digest: null, signer: null, hosts: having, without: [...silent, ...without] };
}

function plan(input: Input, context: PlanContext, looked: Looked): Draft<Facts> {
  const { settings, rows } = context;
  const image = imageOf(settings, rows, input.name);
  const { name, osinfo, login, source } = image;
  const images = rows.images.list(name);
  const current = currentOf(images);
  const { digest, signer } = looked;
  const same =
    digest !== null && images.some(({ state, digest: of }) => state === 'ready' && of === digestText(digest));
  const lacking = looked.hosts.filter(({ host }) => !same || rows.images.find(name, host)?.state !== 'ready');
  if (lacking.length === 0) {
    throw new BotError('already_exists', `Image ${name} is the newest already: version ${current}, on every host`, {
      field: 'name',
      hint: '`/image list` shows its versions.',
    });
  }
  const targets = lacking.flatMap(({ host: on, format, sizeBytes, zeroed }) => {
    const host = settings.hosts.find((each) => each.name === on);
    if (host === undefined) return [];
    const size = sizeBytes ?? images.find(({ state }) => state === 'ready')?.sizeBytes ?? null;
    if (size === null) throw unsized(name);
    const file = source === null ? fileOf(image, host) : null;
    return [targetOn(host, { name, file, format, sizeBytes: size, zeroed }, context)];
  });
  const version = same && current !== null ? current : nextVersion(images);
  const replaces = current === null || current === version ? null : current;
  const hanging = replaces === null ? 0 : hangingOn(rows, name, replaces);
  const on = targets.map(({ host }) => host).join(', ');
  return {
    facts: {
      ...{ name, osinfo, login, version, targets, replaces, builtOf: null, cleaned: false },
      source: source === null || digest === null ? null : { url: source.url, digest, format: source.format },
    },
    title: `Bring version ${version} of image ${name} onto ${on}`,
    verb: 'Refresh',
    team: null,
    subject: `image:${name}`,
    host: targets[0]?.host ?? '',
    vmId: null,
    risk: 'safe',
    // Versions change on all hosts, also on those that get nothing.
    locks: settings.hosts.map((host) => imageLock(name, host.name)),
    adds: NOTHING,
    notes: [
      ...targetNotes(targets),
      ...(source === null || digest === null
        ? ['No checksum is known: what lies in the hosts’ files is taken as it is.']
        : [`${source.url} with ${digest.algorithm} ${digest.hex}${signer === null ? '' : `, signed by ${signer}`}`]),
      ...(replaces === null
        ? []
        : [
            hanging === 0
              ? `No VM hangs on version ${replaces}: it goes by itself in a while.`
              : `${vmsHang(hanging)} on version ${replaces}, which is kept for them.`,
          ]),
      ...looked.without.map((why) => `${why}: it gets nothing, and makes no VMs of ${name} until the next refresh.`),
    ],
  };
}

function unsized(name: string): BotError {
  return new BotError('wrong_state', `Nobody knows how large the disk of image ${name} is`, {
    field: 'name',
    hint: 'Set `source.size` for it in the configuration: `qemu-img info` of the vendor’s file says it as “virtual size”.',
  });
}
