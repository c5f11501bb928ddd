/** What `/image add` and `/image refresh` do alike: a version of an image onto hosts, all of them at once. */
import { z } from 'zod';
import { ALGORITHMS, digestText, IMAGE_FORMATS } from '../../domain/image.ts';
import { inNames } from '../../domain/marks.ts';
import type { HostSettings, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import type { Driver } from '../driver.ts';
import type { ImageRow } from '../image-rows.ts';
import { roomInPool } from '../pool-room.ts';
import type { End, PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { unpacking } from '../steps/backups.ts';
import { checking, type Download, downloading, dropDownload, inspectDownload } from '../steps/downloads.ts';
import { makeTemplate, pouring } from '../steps/images.ts';
import { beginUnit, endUnit, patience, releaseUnit } from '../steps/units.ts';
import { createVolume } from '../steps/volumes.ts';
import type { Rows } from '../store.ts';

/** The format of an image that was built and stored: a volume's bytes, compressed. */
export const PACKED = 'zstd';

const Target = z.object({
  imageId: z.string(),
  host: z.string(),
  vg: z.string(),
  pool: z.string(),
  volume: z.string(),
  file: z.string(),
  format: z.string(),
  sizeBytes: z.number(),
  /** Its pool gives zeros, so that the image's own need not be written. */
  zeroed: z.boolean(),
});
type Target = z.infer<typeof Target>;

export const BringFacts = z.object({
  name: z.string(),
  osinfo: z.string(),
  login: z.string(),
  version: z.number(),
  /** Null where the file lies on the hosts already. */
  source: z
    .object({
      url: z.string(),
      digest: z.object({ algorithm: z.enum(ALGORITHMS), hex: z.string() }),
      format: z.enum(IMAGE_FORMATS),
    })
    .nullable(),
  /** The VM that it was made of; null where its file is a vendor's. */
  builtOf: z.string().nullable(),
  cleaned: z.boolean(),
  targets: z.array(Target),
});
export type BringFacts = z.infer<typeof BringFacts>;

/** A golden volume to be, where the pool has room for it. */
export function targetOn(
  host: HostSettings,
  image: {
    readonly name: string;
    readonly file: string | null;
    readonly format: string;
    readonly sizeBytes: number;
    readonly zeroed: boolean;
  },
  context: PlanContext,
): Target {
  roomInPool(context, host.name, image.sizeBytes, `No room for image ${image.name}`);
  const imageId = context.mint(`image@${host.name}`, 'img-id');
  return {
    imageId,
    host: host.name,
    vg: host.vg,
    pool: host.pool,
    volume: inNames(imageId),
    file: image.file ?? `${host.directory}/images/${inNames(imageId)}.download`,
    format: image.format,
    sizeBytes: image.sizeBytes,
    zeroed: image.zeroed,
  };
}

/** For the plan: what each host gets. */
export function targetNotes(targets: readonly Target[]): string[] {
  return targets.map(({ host, sizeBytes }) => `${host}: a thin volume of ${formatSize(sizeBytes)}`);
}

/** Each kind of work on every host before the next kind: what takes long is begun everywhere, and then waited for. */
export function bringSteps(facts: BringFacts, driver: Driver, settings: Settings, opId: string): Step[] {
  const works = facts.targets.map((target) => workOn(target, facts, driver, settings, opId));
  const steps = (of: (work: Work) => readonly Step[]) => works.flatMap(of);
  return [
    ...steps(({ template }) => [template]),
    ...steps(({ fetched }) => (fetched === null ? [] : [fetched.begin])),
    ...steps(({ fetched }) => (fetched === null ? [] : [fetched.end, fetched.beginCheck])),
    ...steps(({ fetched }) => (fetched === null ? [] : [fetched.endCheck, fetched.inspect])),
    ...steps(({ volume, fill }) => [volume, fill.begin]),
    ...steps(({ fill, clear }) => [fill.end, ...clear]),
  ];
}

type Work = ReturnType<typeof workOn>;

function workOn(target: Target, { osinfo, source }: BringFacts, driver: Driver, settings: Settings, opId: string) {
  const { host, vg, pool, sizeBytes, imageId, format, zeroed } = target;
  const at = { driver, host };
  const forMs = patience(settings, host);
  const rate = settings.backups.rateBytes;
  const volume = { vg, name: target.volume };
  const unit = `hostler-${opId}-${host}`;
  const units = { fetch: `${unit}-fetch`, digest: `${unit}-digest` };
  const path = target.file;
  const directory = folderOf(path);
  const fill =
    format === PACKED
      ? unpacking(at, { target: `image@${host}`, volume, path, unit, directory, forMs, rate }, '')
      : pouring(at, { path, format, volume, unit, zeroed }, forMs);
  const named = (step: Step): Step => ({ ...step, name: `${step.name}@${host}` });
  const download: Download | null = source === null ? null : { ...source, path, directory, units, forMs };
  return {
    template: named(makeTemplate(at, osinfo)),
    fetched: download === null ? null : fetchedOn(at, download, sizeBytes),
    volume: named(createVolume(at, { ...volume, pool, sizeBytes, marks: { op: opId, vm: imageId } })),
    fill: { begin: beginUnit(at, fill), end: endUnit(at, fill) },
    clear: [named(releaseUnit(at, unit)), ...(download === null ? [] : [dropDownload(at, download)])],
  };
}

function fetchedOn(at: { readonly driver: Driver; readonly host: string }, download: Download, sizeBytes: number) {
  const [get, check] = [downloading(at, download), checking(at, download)];
  return {
    begin: beginUnit(at, get),
    end: endUnit(at, get),
    beginCheck: beginUnit(at, check),
    endCheck: endUnit(at, check),
    inspect: inspectDownload(at, download, sizeBytes),
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function beginBringing(facts: BringFacts, rows: Rows, now: number): void {
  for (const target of facts.targets) {
    rows.images.insert({
      id: target.imageId,
      name: facts.name,
      version: facts.version,
      host: target.host,
      state: 'adding',
      vg: target.vg,
      volume: target.volume,
      sizeBytes: target.sizeBytes,
      file: facts.source?.url ?? target.file,
      builtOf: facts.builtOf,
      cleaned: facts.cleaned,
      digest: facts.source === null ? null : digestText(facts.source.digest),
      osinfo: facts.osinfo,
      login: facts.login,
      addedAt: now,
      changedAt: now,
    });
  }
}

/** What came of it. Where it went well, new VMs are made of this version, and of no other any more. */
export function settleBringing(
  facts: BringFacts,
  end: End,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
  now: number,
): void {
  if (end === 'succeeded') supersede(rows, facts.name, facts.version, now);
  for (const { imageId } of facts.targets) {
    if (end === 'failed') rows.images.forget(imageId);
    else rows.images.setState(imageId, end === 'succeeded' ? 'ready' : 'faulted', now);
  }
  for (const { host } of facts.targets) {
    const xml = z.string().safeParse(outputs.get(`make-template@${host}`));
    if (xml.success) rows.templates.save({ host, osinfo: facts.osinfo, xml: xml.data });
  }
}

/** No VMs are made any more of other versions than this one, on no host. */
export function supersede(rows: Rows, name: string, version: number, now: number): void {
  for (const image of rows.images.list(name))
    if (image.version !== version && image.state === 'ready') rows.images.setState(image.id, 'old', now);
}

/** The version that new VMs are made of; null where there is none. */
export function currentOf(images: readonly ImageRow[]): number | null {
  return images.find(({ state }) => state === 'ready')?.version ?? null;
}

/** Locks for all that is done to an image on a host. */
export function imageLock(name: string, host: string): string {
  return `image:${name}@${host}`;
}
