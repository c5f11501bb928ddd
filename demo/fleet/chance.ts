/** Chance that repeats exactly: numbers that look random and come from a text alone. */
import { createHash } from 'node:crypto';

/** From 0 up to 1, the same for the same text. FNV-1a with a finish that spreads neighbours; not for secrets. */
export function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** One of a list. Throws RangeError for an empty one. */
export function oneOf<T>(list: readonly T[], text: string): T {
  const found = list[Math.floor(chanceOf(text) * list.length)];
  if (found === undefined) throw new RangeError('there is nothing to choose from');
  return found;
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The 26 letters of a ULID of that instant, whose random part comes from the text. */
export function ulidOf(at: number, text: string): string {
  let time = '';
  for (let rest = at, digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32)) {
    time = (CROCKFORD[rest % 32] ?? '0') + time;
  }
  const bytes = createHash('sha256').update(text).digest();
  return time + Array.from({ length: 16 }, (_, index) => CROCKFORD[(bytes[index] ?? 0) % 32]).join('');
}
