import { z } from 'zod';
import { type Condition, infoOf, parseAmount, parseCondition } from '../domain/alerts/condition.ts';
import { type RuleChange, rulesFrom, SEVERITIES } from '../domain/alerts/rule.ts';
import { BotError } from '../domain/error.ts';
import { HostName, TeamName } from '../domain/names.ts';
import type { AlertSettings } from '../domain/settings.ts';
import { PersonName, SecretText, Span } from './values.ts';

/** `host.cpu > 85` → a condition. */
const When = z
  .string({ error: 'expected a condition such as host.cpu > 85, or vm.down' })
  .transform((text, ctx): Condition => {
    try {
      return parseCondition(text);
    } catch (cause) {
      ctx.addIssue({ code: 'custom', message: wordsOf(cause) });
      return z.NEVER;
    }
  });

/** A bound in the unit of the rule's metric, which is known only with the rule. */
const Bound = z.union([z.number(), z.string()], { error: 'expected a bound such as 80%, 2s or 10GiB' });

const AlertRule = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected a short name such as host-cpu (a to z, 0 to 9, -)'),
  when: When.optional(),
  title: z.string().min(1).max(100).optional(),
  for: Span.optional(),
  clear: Bound.optional(),
  critical: Bound.optional(),
  severity: z.enum(SEVERITIES).optional(),
  hosts: z.array(HostName).min(1).optional(),
  teams: z.array(TeamName).min(1).optional(),
  enabled: z.boolean().optional(),
});

const ESCALATE = { after: 15 * 60_000, to: [], enabled: true };

/** A program that is told of our alerts. */
const Webhook = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected a short name such as pager (a to z, 0 to 9, -)'),
  url: z.url({ protocol: /^https?$/, error: 'expected an address such as https://example.com/alerts' }),
  token: SecretText.optional(),
});

/** `alerts:` of the configuration. */
export const AlertsFile = z
  .strictObject({
    alertmanager: z.strictObject({ token: SecretText, stale: Span.default(86_400_000) }).optional(),
    webhooks: z.array(Webhook).default([]),
    rules: z.array(AlertRule).default([]),
    escalate: z
      .strictObject({
        after: Span.default(15 * 60_000),
        to: z.array(PersonName).default([]),
        enabled: z.boolean().default(true),
      })
      .default(ESCALATE),
  })
  .default({ webhooks: [], rules: [], escalate: ESCALATE });
type AlertsFile = z.output<typeof AlertsFile>;

const DEFAULTS = rulesFrom([]);

/** What a rule says that its parts alone don't show to be wrong; paths start at the rule. */
export function alertRuleFaults(
  rule: AlertsFile['rules'][number],
): { readonly path: readonly string[]; readonly message: string }[] {
  const base = DEFAULTS.find(({ name }) => name === rule.name);
  const when = rule.when ?? base?.when;
  if (when === undefined) {
    return [
      {
        path: [],
        message: `${rule.name} is none of the rules that there are by default, so it needs a when. Those are: ${DEFAULTS.map(({ name }) => name).join(', ')}`,
      },
    ];
  }
  if (base !== undefined && when.subject !== base.when.subject)
    return [
      {
        path: ['when'],
        message: `${rule.name} is about ${base.when.subject}s; give a rule about something else another name`,
      },
    ];
  const faults: { path: readonly string[]; message: string }[] = [];
  for (const key of ['clear', 'critical'] as const) {
    const given = rule[key];
    if (given === undefined) continue;
    try {
      const bound = parseAmount(String(given), infoOf(when).unit);
      const far = when.op === '<' ? bound < when.threshold : bound > when.threshold;
      if (key === 'critical' && !far)
        faults.push({ path: [key], message: `${given}: expected something beyond the bound of when` });
      if (key === 'clear' && far)
        faults.push({ path: [key], message: `${given}: expected something on this side of the bound of when` });
    } catch (cause) {
      faults.push({ path: [key], message: wordsOf(cause) });
    }
  }
  return faults;
}

/** Checked before: nothing here throws. */
export function alertSettings(file: AlertsFile): AlertSettings {
  const changes = file.rules.map((each): RuleChange => {
    const when = each.when ?? DEFAULTS.find(({ name }) => name === each.name)?.when;
    const bound = (given: string | number | undefined): number | undefined =>
      given === undefined || when === undefined ? undefined : parseAmount(String(given), infoOf(when).unit);
    return {
      name: each.name,
      when: each.when,
      title: each.title,
      forMs: each.for,
      clear: bound(each.clear),
      critical: bound(each.critical),
      severity: each.severity,
      hosts: each.hosts,
      teams: each.teams,
      enabled: each.enabled,
    };
  });
  const { escalate } = file;
  return {
    rules: rulesFrom(changes),
    escalateAfterMs: escalate.enabled ? escalate.after : null,
    escalateTo: escalate.to,
    externalStaleMs: file.alertmanager?.stale ?? 86_400_000,
    webhooks: file.webhooks.map(({ name }) => name),
  };
}

function wordsOf(cause: unknown): string {
  if (!(cause instanceof BotError)) throw cause;
  return [cause.message, cause.hint ?? '']
    .filter((part) => part !== '')
    .join('. ')
    .replace(/\.$/, '');
}
