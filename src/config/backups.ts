import { writePlace } from '../domain/place.ts';
import type { BackupSettings } from '../domain/settings.ts';
import { identitiesIn, recipientOf } from './age.ts';
import type { ConfigFile } from './schema.ts';
import { type Env, lookUpSecret, secretRefText } from './secrets.ts';
import type { SecretRef } from './values.ts';

/** Throws `invalid_config` where the private key that it names isn't there, or is none. */
export function backupSettings(
  { target, rate, encrypt_to, identity, full_every }: ConfigFile['backups'],
  env: Env,
): BackupSettings {
  return {
    target: target === undefined ? null : placeOf(target),
    fullEvery: full_every,
    rateBytes: rate ?? null,
    encryptTo: encrypt_to ?? null,
    readable: identity === undefined ? [] : identitiesOf(identity, env).flatMap((key) => recipientOf(key) ?? []),
  };
}

/** The directory, as paths of backups begin. */
function placeOf(target: NonNullable<ConfigFile['backups']['target']>): string {
  const bare = (directory: string) => directory.replace(/\/+$/, '');
  if (typeof target === 'string') return bare(target);
  const { host: address, user, port, directory } = target;
  return writePlace({ remote: { user, address, port }, path: bare(directory) });
}

/** The private keys, as age reads them: a line each. */
export function backupIdentity(ref: SecretRef, env: Env): string {
  return `${identitiesOf(ref, env).join('\n')}\n`;
}

function identitiesOf(ref: SecretRef, env: Env): readonly string[] {
  return identitiesIn(lookUpSecret(ref, env).reveal(), secretRefText(ref));
}
