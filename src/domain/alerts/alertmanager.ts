/** Alertmanager's webhook format, version 4 (prometheus.io/docs/alerting/latest/configuration, webhook_config): read and written. */
import { z } from 'zod';

/** Of such rules are alerts that Alertmanager told us of. Rules of our own have no colon. */
const PREFIX = 'alertmanager:';

export function externalRule(alertname: string): string {
  return `${PREFIX}${alertname}`;
}

/** The name by which Alertmanager knows the rule; null for one of our own. */
export function externalName(rule: string): string | null {
  return rule.startsWith(PREFIX) ? rule.slice(PREFIX.length) : null;
}

const Labels = z.record(z.string(), z.string());
const Instant = z.iso
  .datetime({ offset: true, error: 'expected an instant such as 2026-11-24T05:04:00Z' })
  .transform((text) => Date.parse(text));
const Status = z.enum(['firing', 'resolved'], { error: 'expected firing or resolved' });
/** More than Alertmanager groups in practice, and few enough for one transaction. */
const MOST_ALERTS = 1000;

const Alert = z.object({
  status: Status,
  labels: Labels,
  annotations: Labels.default({}),
  startsAt: Instant,
  /** The zero time while it fires. */
  endsAt: z.string().optional(),
  generatorURL: z.string().optional(),
  /** Old versions send none. */
  fingerprint: z.string().min(1).max(64).optional(),
});

/** What Alertmanager posts. Lenient: it may grow keys. */
export const AlertmanagerMessage = z.object({
  version: z.literal('4', { error: 'expected "4": Alertmanager’s webhook format, version 4' }),
  status: Status,
  receiver: z.string().default(''),
  groupKey: z.string().optional(),
  truncatedAlerts: z.int().min(0).default(0),
  alerts: z.array(Alert).max(MOST_ALERTS, `expected at most ${MOST_ALERTS} alerts: set max_alerts`),
});
export type AlertmanagerMessage = z.output<typeof AlertmanagerMessage>;
export type AlertmanagerAlert = AlertmanagerMessage['alerts'][number];

/** Reads a body. The faults name the place and what is expected there. */
export function readAlertmanager(
  body: unknown,
):
  | { readonly ok: true; readonly message: AlertmanagerMessage }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const parsed = AlertmanagerMessage.safeParse(body);
  if (parsed.success) return { ok: true, message: parsed.data };
  const faults = parsed.error.issues.slice(0, 5).map(({ path, message }) => {
    const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return `${place === '' ? 'the body' : place.replace(/^\./, '')}: ${message}`;
  });
  return { ok: false, faults };
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const SEPARATOR = 255;

/** The fingerprint of a set of labels, as Prometheus makes it: FNV-1a, 64 bits, over names in order and values. */
export function labelFingerprint(labels: Readonly<Record<string, string>>): string {
  const utf8 = new TextEncoder();
  let hash = FNV_OFFSET;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  };
  for (const [name, value] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const text of [name, value]) {
      for (const byte of utf8.encode(text)) add(byte);
      add(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, '0');
}

/** An alert that has no end yet has this one. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

export interface OutgoingAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number | null;
}

/** The body that tells a receiver of a group of alerts. */
export function alertmanagerBody(
  receiver: string,
  groupLabels: Readonly<Record<string, string>>,
  alerts: readonly OutgoingAlert[],
): unknown {
  const firing = alerts.some(({ endsAt }) => endsAt === null);
  const group = Object.entries(groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return {
    version: '4',
    groupKey: `{}:{${group.join(', ')}}`,
    truncatedAlerts: 0,
    status: firing ? 'firing' : 'resolved',
    receiver,
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: '',
    alerts: alerts.map(({ startsAt, endsAt, ...alert }) => ({
      status: endsAt === null ? 'firing' : 'resolved',
      ...alert,
      startsAt: new Date(startsAt).toISOString(),
      endsAt: endsAt === null ? ZERO_TIME : new Date(endsAt).toISOString(),
      generatorURL: '',
    })),
  };
}

/** What is the same in all. */
function common(sets: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = sets;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((set) => set[key] === value)));
}
