/** An image's file, brought from the net onto a host and compared with what its vendor says of it. */
import { asBotError } from '../../domain/error.ts';
import { type Digest, fileNameOf, type ImageFormat } from '../../domain/image.ts';
import { formatSize, MiB } from '../../domain/size.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step } from '../step.ts';
import { blame, unwritten } from './backups.ts';
import { both, reading } from './call.ts';
import { type At, seenOf, type UnitWork } from './units.ts';

export interface Download {
  readonly url: string;
  readonly digest: Digest;
  readonly format: ImageFormat;
  /** Where it lies on the host meanwhile, and the folder of that. */
  readonly path: string;
  readonly directory: string;
  readonly units: { readonly fetch: string; readonly digest: string };
  readonly forMs: number;
}

/** Where the host's own checksum of it goes. */
function sumOf(path: string): string {
  return `${path}.sum`;
}

/** Gets the file. */
export function downloading(at: At, { url, path, directory, units, forMs }: Download): UnitWork {
  const { driver, host } = at;
  const what = `Downloading ${url}`;
  return {
    name: `download@${host}`,
    title: `Download ${url} on ${host}`,
    unit: units.fetch,
    act: driver.images.fetch({ url, path, unit: units.fetch }),
    look: reading(both(driver.images.fetching(units.fetch), driver.backups.target(directory)), ([unit, target]) =>
      seenOf(unit.state, `${what} on ${host}`, () =>
        unit.why === null ? blame(what, at, units.fetch, directory, target) : `${what} failed on ${host}: ${unit.why}`,
      ),
    ),
    undo: unwritten(at, units.fetch, path),
    forMs,
  };
}

/** Works out what it is. */
export function checking(at: At, { url, digest, path, units, forMs }: Download): UnitWork {
  const { driver, host } = at;
  const { algorithm } = digest;
  const what = `Working out the ${algorithm} of ${fileNameOf(url)}`;
  const into = sumOf(path);
  return {
    name: `check-download@${host}`,
    title: `Work out the ${algorithm} on ${host}`,
    unit: units.digest,
    act: driver.images.digest({ path, algorithm, into, unit: units.digest }),
    look: reading(both(driver.images.pouring(units.digest), driver.images.digestIn(into)), ([state, got]) =>
      seenOf(
        state,
        what,
        () => `${what} failed: see \`journalctl --user -u ${units.digest}\` on ${host}`,
        () => compared(digest, got, url, host),
      ),
    ),
    undo: unwritten(at, units.digest, into),
    forMs,
  };
}

function compared({ algorithm, hex }: Digest, got: string | null, url: string, host: string): Seen {
  if (got === hex) return { state: 'done' };
  return {
    state: 'failed',
    what: `What ${host} downloaded from ${url} is not what its vendor made: expected ${algorithm} ${hex}, got ${got ?? 'none'}. Nothing of it is used, and what VMs are made of stays as it was. Try again; if it comes out the same, compare the checksum in the configuration with the vendor’s page, and ask who stands between (a mirror, a proxy)`,
  };
}

/** Looks into it: the format that was said, whole, and no larger than the volume that it goes into. */
export function inspectDownload({ driver, host }: At, download: Download, sizeBytes: number): Step {
  const call = driver.images.inspect(download.path);
  return {
    name: `inspect-download@${host}`,
    title: `Look into the image on ${host}`,
    host,
    act: null,
    look: {
      ...call,
      // What can't be read is no image: that is an end, and nothing to ask again for.
      parse: (ran): Seen => {
        try {
          return fitting(call.parse(ran), download, sizeBytes, host);
        } catch (cause) {
          return { state: 'failed', what: asBotError(cause).message };
        }
      },
    },
    wait: { forMs: 0, everyMs: 1_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}

function fitting(
  seen: { readonly format: string; readonly virtualBytes: number } | null,
  { path, format, url }: Download,
  sizeBytes: number,
  host: string,
): Seen {
  const failed = (what: string): Seen => ({ state: 'failed', what });
  if (seen === null) return failed(`${path} is gone from ${host}`);
  if (seen.format !== format)
    return failed(`${url} is ${seen.format}: set \`source.format: ${seen.format}\` for the image, if that is true`);
  if (seen.virtualBytes > sizeBytes) {
    const mebibytes = Math.ceil(seen.virtualBytes / MiB);
    return failed(
      `The image’s disk is larger than the ${formatSize(sizeBytes)} of its volume: set \`source.size: ${mebibytes}MiB\` for the image`,
    );
  }
  return { state: 'done' };
}

/** The golden volume holds all of it: the files go, and systemd forgets what brought them. */
export function dropDownload({ driver, host }: At, { path, units }: Download): Step {
  const files = [path, sumOf(path)] as const;
  const names = [units.fetch, units.digest] as const;
  const onFiles = <T>(call: (file: string) => HostCall<T>) => both(call(files[0]), call(files[1]));
  const onUnits = <T>(call: (unit: string) => HostCall<T>) => both(call(names[0]), call(names[1]));
  return {
    name: `drop-download@${host}`,
    title: `Remove the downloaded file from ${host}`,
    host,
    act: both(onUnits(driver.images.stopPouring), onFiles(driver.files.remove)),
    look: reading(both(onUnits(driver.images.pouring), onFiles(driver.files.look)), ([states, left]): Seen => {
      const gone = states.every((state) => state === 'none') && left.every((file) => file === null);
      return { state: gone ? 'done' : 'absent' };
    }),
    undo: 'nothing-to-undo',
  };
}
