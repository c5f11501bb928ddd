/** An image's vendor in the simulated net, and the configuration of an image that comes from there. */
import { digestOf, makeImage, writeFile } from '../../demo/fleet/model/files.ts';
import type { FileNode, HostModel } from '../../demo/fleet/model/host-model.ts';
import { keyringOf, signatureOf } from '../../demo/fleet/tools/gpgv.ts';
import type { ImageSettings, Settings } from '../../src/domain/settings.ts';
import { GiB, MiB } from '../../src/domain/size.ts';
import { testSettings } from './settings.ts';
import type { World } from './world.ts';

export const VENDOR = 'https://images.example/cloud/latest';
const CLOUD: ImageSettings = {
  name: 'cloud',
  file: null,
  source: {
    url: `${VENDOR}/cloud.qcow2`,
    check: { sums: `${VENDOR}/SHA512SUMS`, signature: null },
    format: 'qcow2',
    sizeBytes: GiB,
  },
  osinfo: 'linux2022',
  login: 'root',
};

/** The usual settings with an image that is downloaded. */
export function withCloud(change: Partial<ImageSettings> = {}): Partial<Settings> {
  return { images: [...testSettings([]).images, { ...CLOUD, ...change }] };
}

export const VENDORS_KEY = '05074F28C978247843AB80E9359254D6BF3D116F';

/** What is other about the image where the vendor's list must be signed by that key. */
export function signedBy(key: string): Partial<ImageSettings> {
  const { source } = CLOUD;
  if (source === null) throw new Error('it comes from the net');
  const signature = { url: `${VENDOR}/SHA512SUMS.sign`, keyring: keyringOf(key), keyFile: 'vendor.gpg' };
  return { source: { ...source, check: { sums: `${VENDOR}/SHA512SUMS`, signature } } };
}

interface Published {
  /** Stands for its bytes. */
  readonly content?: string;
  readonly format?: string;
  readonly virtualBytes?: number;
  /** How its list is signed, by the vendor's key; `of`: of another list. Not at all where left out. */
  readonly signed?: 'good' | 'expired' | 'of another';
  /** What the vendor's list says of it instead of the truth. */
  readonly claims?: string;
}

/** Lets every host find this content at the vendor's, with its checksum. Answers with the checksum. */
export function publish(world: Pick<World, 'hosts'>, of: Published = {}): string {
  const { content = 'cloud v1', format = 'qcow2', virtualBytes = GiB } = of;
  let sum = '';
  for (const { model } of world.hosts) {
    const image = node(model, (path) =>
      makeImage(model, path, { format, virtualBytes, sizeBytes: 20 * MiB }, 'vendor', model.bootedAt),
    );
    image.content = content;
    sum = digestOf(image, 'sha512');
    const lines = `${'0'.repeat(128)}  cloud.raw\n${of.claims ?? sum}  cloud.qcow2\n`;
    const sums = node(model, (path) => writeFile(model, path, Buffer.from(lines), 'vendor', model.bootedAt));
    model.web = { ...model.web, [`${VENDOR}/cloud.qcow2`]: image, [`${VENDOR}/SHA512SUMS`]: sums };
    if (of.signed === undefined) continue;
    const text =
      of.signed === 'of another' ? signatureOf('another', VENDORS_KEY) : signatureOf(lines, VENDORS_KEY, of.signed);
    const signature = node(model, (path) => writeFile(model, path, Buffer.from(text), 'vendor', model.bootedAt));
    model.web = { ...model.web, [`${VENDOR}/SHA512SUMS.sign`]: signature };
  }
  return sum;
}

/** Made as the host's files are, and then no file of the host. */
function node(model: HostModel, make: (path: string) => void): FileNode {
  const path = '/tmp/vendor';
  make(path);
  const made = model.files[path];
  if (made === undefined) throw new Error(`nothing was made at ${path}`);
  delete model.files[path];
  return made;
}
