import { z } from 'zod';

/** Where a name goes wrong, said so that the next try is right. Undefined when it is fine. */
export function nameFault(what: string, text: string, max: number): string | undefined {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);
  const like = `such as web-01 (a to z, 0 to 9 and -, starting with a letter, at most ${max} characters)`;
  if (text === '') return `The ${what} is empty. Give one ${like}.`;
  if (text.startsWith('-')) return `The ${what} ${shown} begins with "-". Give one ${like}.`;
  if (text.length > max)
    return `The ${what} ${shown} has ${text.length} characters, ${max} are allowed. Give one ${like}.`;
  const odd = [...text].find((char) => !/[a-z0-9-]/.test(char));
  if (odd !== undefined) {
    if (/[A-Z]/.test(odd)) {
      return `The ${what} ${shown} holds the capital "${odd}". Give it in small letters: ${text.toLowerCase().replaceAll(/[^a-z0-9-]/g, '')}.`;
    }
    const code = odd.codePointAt(0) ?? 0;
    const told =
      code < 32
        ? 'a control character (such as a newline)'
        : code > 126
          ? `"${odd}" (U+${code.toString(16).toUpperCase().padStart(4, '0')}, not a plain letter)`
          : `"${odd}"`;
    return `The ${what} ${shown} holds ${told}. Give one ${like}.`;
  }
  if (!/^[a-z]/.test(text)) return `The ${what} ${shown} does not start with a letter. Give one ${like}.`;
  if (text.endsWith('-')) return `The ${what} ${shown} ends with "-". Give one ${like}.`;
  return undefined;
}

function nameOf(what: string, max: number) {
  return z.string().superRefine((text, ctx) => {
    const fault = nameFault(what, text, max);
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault });
  });
}

/**
 * A VM's name in its team. 40 characters leave room in libvirt's domain name (`team-name`) and in a guest's
 * host name, which DNS limits to 63 (RFC 1035 §2.3.4).
 */
export const VmName = nameOf('VM name', 40);
export const TeamName = nameOf('team name', 20);
export const HostName = nameOf('host name', 40);
export const ImageName = nameOf('image name', 30);
/** An OS, as libosinfo names it. */
export const Osinfo = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'Give an OS as `/image variants` lists it, such as debian12.');
export const UserName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'Give the name of a user, such as debian.');
export const FlavorName = nameOf('flavor name', 30);
export const NetworkName = nameOf('network name', 30);
export const KeyName = nameOf('key name', 40);
export const SnapshotName = nameOf('snapshot name', 40);

/** Words nearest to `word` (edit distance at most two, or the same beginning), best first. */
export function nearest(word: string, words: readonly string[], most = 3): string[] {
  return words
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, far }) =>
        far <= Math.max(1, Math.min(2, Math.floor(candidate.length / 2))) ||
        (word.length >= 2 && candidate.startsWith(word)),
    )
    .sort((a, b) => a.far - b.far)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Edits between two words, a swap of neighbours counting as one (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
