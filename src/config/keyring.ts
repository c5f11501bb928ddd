import { readFileSync } from 'node:fs';
import { BotError } from '../domain/error.ts';

/** A megabyte: a vendor has a few keys of a few kilobytes. */
const MOST_BYTES = 2 ** 20;
const ARMOR = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * Public keys of a file, as base64 of the bytes that gpgv wants: from a file that is armored (`.asc`) or not (`.gpg`). Throws
 * `invalid_config` for a file that can't be read, holds something else, or a secret key.
 */
export function readKeyring(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new BotError('invalid_config', `The file of a vendor’s key can’t be read: ${path}`, {
      hint: 'See that it is there, and that the bot’s user may read it.',
      cause,
    });
  }
  const keys = unarmored(bytes);
  const tag = tagOf(keys);
  if (tag === PUBLIC_KEY && keys.length <= MOST_BYTES) return keys.toString('base64');
  throw new BotError(
    'invalid_config',
    tag === SECRET_KEY ? `${path} holds a secret key` : `${path} is no OpenPGP public key`,
    { hint: 'Export the vendor’s with `gpg --export KEY > vendor.gpg`, after you have compared its fingerprint.' },
  );
}

/** Packet tags of RFC 9580. */
const PUBLIC_KEY = 6;
const SECRET_KEY = 5;

/** What the first packet is; null for what is none. */
function tagOf(bytes: Buffer): number | null {
  const first = bytes[0] ?? 0;
  if ((first & 0x80) === 0) return null;
  return (first & 0x40) === 0 ? (first >> 2) & 0x0f : first & 0x3f;
}

/** All its blocks, without their header lines and checksums. */
function unarmored(bytes: Buffer): Buffer {
  const blocks = [...bytes.toString('latin1').matchAll(ARMOR)].map(([, block = '']) => {
    const lines = block.split(/\r?\n/);
    const body = lines.slice(lines.findIndex((line) => line.trim() === '') + 1);
    return Buffer.from(body.filter((line) => !line.startsWith('=')).join(''), 'base64');
  });
  return blocks.length === 0 ? bytes : Buffer.concat(blocks);
}
