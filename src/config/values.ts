import { z } from 'zod';
import { BotError } from '../domain/error.ts';
import { publicKeyFault } from '../domain/public-key.ts';
import { parseSize, parseSpan } from '../domain/size.ts';
import { isRecipient } from './age.ts';

/** The kinds of value in `hostler.yaml`. Their messages say what is expected; `explain` puts place and value before them. */

/** `2GiB` → bytes. */
export const Size = z
  .string({ error: 'expected a size in quotes or with its unit, such as 512MiB or 10GiB' })
  .transform((text, ctx) => parsed(text, ctx, parseSize));

/** `24h` → milliseconds. */
export const Span = z
  .string({ error: 'expected a length of time with its unit, such as 30s, 15m, 24h or 7d' })
  .transform((text, ctx) => parsed(text, ctx, parseSpan));

/** `99.5%` or 99.5: how much of its time something is to be up. All of it leaves no budget for errors. */
export const Uptime = z
  .union([z.number(), z.string().regex(/^\d{1,2}(?:\.\d+)?\s*%$/)], {
    error: 'expected a share of the time such as 99.5%',
  })
  .transform((given) => (typeof given === 'number' ? given : Number.parseFloat(given)))
  .pipe(z.number().min(50, 'expected 50% or more').max(99.999, 'expected 99.999% or less'));

/** A reference to a secret: what is secret never stands in the file itself. */
export const SecretText = z.string({ error: 'expected env:NAME or file:path' }).transform((text, ctx): SecretRef => {
  const env = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
  if (env !== undefined) return { kind: 'env', name: env };
  const file = /^file:(.+)$/.exec(text)?.[1];
  if (file !== undefined) return { kind: 'file', path: file };
  // The value may be the secret itself: it is not repeated.
  ctx.addIssue({
    code: 'custom',
    message: 'secrets don’t stand in the config; write env:NAME or file:path',
    params: { secret: true },
  });
  return z.NEVER;
});

export type SecretRef =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** A public key of age's: what a private one opens. */
export const Recipient = z
  .string()
  .refine(isRecipient, 'expected a public key of age’s, such as age1… (what `age-keygen -y` prints, all of it)');

/** A Slack channel by name, its `#` left out, or by id. */
export const Channel = z
  .string({ error: 'expected a channel’s name without its # (which begins a comment in YAML), or its id' })
  .transform((text) => text.replace(/^#/, ''))
  .pipe(
    z
      .string()
      .regex(
        /^(?:[\p{Ll}\p{Lo}\p{N}_-]{1,80}|[CG][A-Z0-9]{6,})$/u,
        'expected a channel such as team-web, or an id such as C0123456789',
      ),
  );

export const SlackUser = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,}$/, 'expected a Slack user id such as U0123456789 (profile → ⋯ → Copy member ID)');

/** A person's name in the config: it stands in `leads`, `members` and `cli.users`. */
export const PersonName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, 'expected a short name such as anna or 01-dev1 (a to z, 0 to 9, . _ -)');

/** A host name or an IP address: no user, no port, no path. */
export const Address = z
  .string()
  .regex(
    /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?)$/,
    'expected a host name or an IP address',
  );

export const Port = z.int().min(1).max(65_535);

/** `18-8` → [18, 8]. */
export const Hours = z
  .string({ error: 'expected hours such as "18-8", in quotes' })
  .transform((text, ctx): [number, number] => {
    const match = /^([01]?\d|2[0-4])-([01]?\d|2[0-4])$/.exec(text.trim());
    const from = Number(match?.[1]);
    const to = Number(match?.[2]);
    if (match !== null && from !== to) return [from % 24, to];
    ctx.addIssue({
      code: 'custom',
      message: 'expected hours of the day such as "18-8" (from six in the evening until eight)',
    });
    return z.NEVER;
  });

/** `127.0.0.1:9464` or `[::1]:9464`. */
export const Listen = z
  .string({ error: 'expected address:port in quotes, such as "127.0.0.1:9464"' })
  .transform((text, ctx): { host: string; port: number } => {
    const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (match !== null && port <= 65_535) return { host: match[1] ?? match[2] ?? '', port };
    ctx.addIssue({
      code: 'custom',
      message: 'expected address:port, such as 127.0.0.1:9464 (only this machine) or 0.0.0.0:9464',
    });
    return z.NEVER;
  });

/** An IANA zone that this machine's Node knows. */
export const Zone = z.string().superRefine((zone, ctx) => {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
  } catch {
    ctx.addIssue({ code: 'custom', message: 'no such time zone; expected an IANA name such as Europe/Berlin or UTC' });
  }
});

/** A full host key, or its SHA256 fingerprint. A line of ssh-keyscan or known_hosts has the host's name before: that is left out. */
export const HostKey = z
  .string()
  .transform((text) => text.trim().replace(/^\S+ (?=(?:ssh|ecdsa|sk)-)/, ''))
  .superRefine((key, ctx) => {
    if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(key) || publicKeyFault(key) === undefined) return;
    ctx.addIssue({ code: 'custom', message: 'expected a host key such as "ssh-ed25519 AAAAC3…" or "SHA256:…"' });
  });

/** A user of a host: what sudoers and ssh take. */
export const UserName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'expected a Unix user such as hostler');

/** LVM's own rule for names of volume groups and pools (lvm(8), VALID NAMES). */
export const LvmName = z
  .string()
  .regex(/^[A-Za-z0-9_.+][A-Za-z0-9_.+-]{0,126}$/, 'expected a name of LVM such as cloudvg (letters, digits, _ . + -)');

export const AbsolutePath = z
  .string()
  .regex(
    /^\/(?!.*(?:^|\/)\.\.(?:\/|$))[A-Za-z0-9_.+/@-]*$/,
    'expected an absolute path without spaces, such as /var/lib/hostler',
  );

function parsed(text: string, ctx: z.RefinementCtx, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    const hint = error instanceof BotError ? error.hint : undefined;
    ctx.addIssue({ code: 'custom', message: hint === undefined ? 'not understood' : `expected: ${lower(hint)}` });
    return z.NEVER;
  }
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
