// Makes one of several hosts that woke from the same state into itself.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './command.ts';
import { scriptsFolder } from './paths.ts';
import { segmentMac, shellWord } from './qemu.ts';
import { type SshTarget, sshScript } from './ssh.ts';

/** What a host is given. */
type Identity = {
  readonly name: string;
  readonly number: number;
  readonly uuid: string;
  /** Size of its thin pool. */
  readonly poolBytes: number;
  /** The host's ssh key pair, as text. */
  readonly hostKey: string;
  readonly hostKeyPublic: string;
  /** The public key that may log in as hostler. */
  readonly botKey: string;
  /** The content of /etc/sudoers.d/hostler. */
  readonly sudoers: string;
};

/** The address of a host on br0, with its prefix. */
export const segmentAddress = (number: number): string => `10.10.0.${10 + number}/24`;

const assign = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${shellWord(value.trimEnd())}\n`)
    .join('');

const image = (name: string): string => readFileSync(join(scriptsFolder(), 'image', name), 'utf8');

/** The script that writes a host's sudoers file: image/grant.sh behind its assignment. */
const grantScript = (sudoers: string): string => `${assign({ SUDOERS: sudoers })}${image('grant.sh')}`;

/** The script for a host: assignments, image/identity.sh, grant. `now` is in milliseconds since 1970. */
export function identityScript(identity: Identity, now: number, entropy: string): string {
  const values = {
    NAME: identity.name,
    NOW: (now / 1000).toFixed(3),
    UUID: identity.uuid,
    ENTROPY: entropy,
    ADDRESS: segmentAddress(identity.number),
    MAC: segmentMac(identity.number),
    POOL: `${identity.poolBytes}b`,
    HOST_KEY: identity.hostKey,
    HOST_KEY_PUBLIC: identity.hostKeyPublic,
    BOT_KEY: identity.botKey,
  };
  return `${assign(values)}${image('identity.sh')}${grantScript(identity.sudoers)}`;
}

/** Gives a freshly woken host its identity, over one connection. */
export async function giveIdentity(target: SshTarget, identity: Identity): Promise<void> {
  await asRoot(target, identity.name, identityScript(identity, Date.now(), randomBytes(64).toString('hex')));
}

/** Writes a host's sudoers file anew. */
export async function grant(target: SshTarget, sudoers: string): Promise<void> {
  await asRoot(target, target.name, grantScript(sudoers));
}

async function asRoot(target: SshTarget, name: string, script: string): Promise<void> {
  const { code, stderr } = await sshScript(target, script, 180_000);
  if (code !== 0) throw new LabError(`${name} can't be set up (exit ${code}): ${stderr.trim().slice(-1500)}`);
}
