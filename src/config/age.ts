import { createPrivateKey, createPublicKey } from 'node:crypto';
import { bech32 } from '@scure/base';
import { BotError } from '../domain/error.ts';

/** What stands before the 32 bytes of an X25519 key in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Whether it is a public key of age's (X25519), unharmed. */
export function isRecipient(text: string): boolean {
  return bytesOf('age', text)?.length === 32;
}

/** The private keys in a file of age's, one a line; comments and empty lines are left out. Throws `invalid_config` for what is none. */
export function identitiesIn(text: string, where: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length > 0 && keys.every((key) => recipientOf(key) !== null)) return keys;
  // What stands there may be a secret all the same: it is not repeated.
  throw new BotError('invalid_config', `${where} holds no private key of age’s`, {
    hint: 'Expected what `age-keygen` writes: a line that begins with AGE-SECRET-KEY-1.',
  });
}

/** The public key that belongs to a private one; null where that is none. */
export function recipientOf(identity: string): string | null {
  const bytes = bytesOf('age-secret-key-', identity.toLowerCase());
  if (bytes?.length !== 32) return null;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return bech32.encodeFromBytes('age', Buffer.from(x, 'base64url'));
}

/** The bytes of a key as age writes it; null for another prefix, and where its checksum finds a typing error. */
function bytesOf(prefix: string, text: string): Uint8Array | null {
  const key = bech32.decodeUnsafe(text);
  return key?.prefix === prefix ? (bech32.fromWordsUnsafe(key.words) ?? null) : null;
}
