/** Pinned host keys: what a host may show, and which algorithms we let it choose from. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';

/** The signature algorithms that a key type may sign with. SHA-1 (`ssh-rsa`) and DSA are left out. */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** `SHA256:…` of a public key in its wire form, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type of a public key in its wire form: `ssh-ed25519`. */
export function keyType(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return key.subarray(4, 4 + length).toString('latin1');
}

/** A pin as its fingerprint; `type` is known for a full key only. Throws RangeError for what is neither. */
export function readPin(pin: string): { readonly type: string | undefined; readonly fingerprint: string } {
  const trimmed = pin.trim();
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(trimmed)) return { type: undefined, fingerprint: trimmed.slice(0, 50) };
  const [type, base64] = trimmed.split(/\s+/);
  const key = Buffer.from(base64 ?? '', 'base64');
  if (type === undefined || ALGORITHMS[type] === undefined || keyType(key) !== type) {
    throw new RangeError(`not a host key: ${JSON.stringify(pin.slice(0, 60))}`);
  }
  return { type, fingerprint: fingerprint(key) };
}

/** Whether the key that a host shows is one of those pinned. */
export function isPinned(key: Buffer, pins: readonly string[]): boolean {
  const shown = Buffer.from(fingerprint(key));
  return pins.some((pin) => {
    const expected = Buffer.from(readPin(pin).fingerprint);
    return expected.length === shown.length && timingSafeEqual(expected, shown);
  });
}

/**
 * What we offer the host to sign with: the pinned types, where all pins are full keys, so that a host with several keys
 * shows the one that we know. With fingerprints any type, less those that were refused already.
 */
export function offeredAlgorithms(pins: readonly string[], refused: readonly string[] = []): ServerHostKeyAlgorithm[] {
  const types = pins.map((pin) => readPin(pin).type);
  const wanted = types.includes(undefined) ? Object.keys(ALGORITHMS) : types;
  return [...new Set(wanted)]
    .filter((type) => type !== undefined && !refused.includes(type))
    .flatMap((type) => ALGORITHMS[type ?? ''] ?? []);
}
