/**
 * The seed of a new guest: a disk that cloud-init's NoCloud source knows by its label `cidata`
 * (cloudinit.readthedocs.io, NoCloud), with the guest's name and the keys of those who may log in.
 */
import type { SeedImage, SeedSpec } from '../../operations/seed-verbs.ts';
import { fatImage } from './fat.ts';

/** Pure: the same spec gives the same bytes. A few KiB. */
export function seedImage({ hostname, instanceId, sshKeys }: SeedSpec): SeedImage {
  const metaData = [`instance-id: ${yaml(instanceId)}`, `local-hostname: ${yaml(hostname)}`];
  const keys = sshKeys.length === 0 ? [] : ['ssh_authorized_keys:', ...sshKeys.map((key) => `  - ${yaml(key.trim())}`)];
  const userData = ['#cloud-config', `hostname: ${yaml(hostname)}`, ...keys];
  const image = fatImage('cidata', [
    { name: 'meta-data', content: text(metaData) },
    { name: 'user-data', content: text(userData) },
  ]);
  return { base64: image.toString('base64'), bytes: image.length };
}

/** A JSON string is a YAML string, whatever it holds. */
function yaml(value: string): string {
  return JSON.stringify(value);
}

function text(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`, 'utf8');
}
