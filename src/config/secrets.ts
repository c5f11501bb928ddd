import { readFileSync } from 'node:fs';
import { BotError } from '../domain/error.ts';
import { type Secret, secret } from '../domain/secret.ts';
import type { SecretRef } from './values.ts';

/** Environment variables, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** `env:SLACK_BOT_TOKEN`: where a secret is, which may be shown. */
export function secretRefText(ref: SecretRef): string {
  return ref.kind === 'env' ? `env:${ref.name}` : `file:${ref.path}`;
}

/** Looks a secret up, without the newline that ends a file. Throws `invalid_config` when it isn't there or is empty. */
export function lookUpSecret(ref: SecretRef, env: Env): Secret {
  const text = ref.kind === 'env' ? env[ref.name] : fromFile(ref.path);
  const found = text?.replace(/\r?\n$/, '');
  if (found !== undefined && found !== '') return secret(found);
  throw new BotError('invalid_config', `${secretRefText(ref)} is ${found === undefined ? 'not set' : 'empty'}`, {
    hint:
      ref.kind === 'env'
        ? `Set ${ref.name} in the bot’s environment.`
        : `Write the secret into ${ref.path}, readable only for the bot.`,
  });
}

function fromFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BotError('invalid_config', `The file of a secret can’t be read: ${path}`, {
      hint: 'See that it is there, and that the bot’s user may read it.',
      cause,
    });
  }
}
