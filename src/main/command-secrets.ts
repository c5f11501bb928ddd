import { backupIdentity, type Config, type Env } from '../config.ts';
import { BotError } from '../domain/error.ts';
import type { SecretOf } from '../infra/ssh/secrets.ts';

/** The secrets that commands on hosts read, looked up each time in the configuration of then. */
export function secretsOf(config: () => Config, env: Env): SecretOf {
  return () => {
    const ref = config().backupIdentity;
    if (ref !== null) return backupIdentity(ref, env);
    throw new BotError('invalid_config', 'The configuration names no private key for backups', {
      hint: 'Set `backups.identity`: env:NAME or file:path.',
    });
  };
}
