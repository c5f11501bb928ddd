import { type Condition, infoOf, parseCondition } from './condition.ts';

export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** When people are told of what. */
export interface Rule {
  readonly name: string;
  /** A message's title, before the names of what it is about. */
  readonly title: string;
  readonly when: Condition;
  /** How long it must be so before anybody is told. */
  readonly forMs: number;
  /** On the other side of this it is over; between this and the threshold nothing changes. */
  readonly clear: number;
  readonly severity: Severity;
  /** Beyond this it is critical, whatever `severity` says; null for never. */
  readonly critical: number | null;
  /** Only these; null for all. */
  readonly hosts: readonly string[] | null;
  readonly teams: readonly string[] | null;
  /** Rules whose alert on the same host explains this one: then nobody is told of it. */
  readonly under: readonly string[];
}

/** What the configuration may say of a rule. Sizes and spans are read already. */
export interface RuleChange {
  readonly name: string;
  readonly when?: Condition | undefined;
  readonly title?: string | undefined;
  readonly forMs?: number | undefined;
  readonly clear?: number | undefined;
  readonly severity?: Severity | undefined;
  readonly critical?: number | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

const MINUTE = 60_000;
/** Below an upper bound in per cent by so much it is over, where the rule doesn't say. */
const HYSTERESIS = 5;

interface Short {
  readonly when: string;
  readonly for: number;
  readonly severity?: Severity;
  readonly critical?: number;
  readonly under?: readonly string[];
}

const SHORT: Readonly<Record<string, Short>> = {
  'vm-down': { when: 'vm.down', for: 1, severity: 'critical' },
  'vm-paused': { when: 'vm.paused', for: 0, severity: 'critical' },
  'vm-boot-loop': { when: 'vm.boot_loop', for: 0 },
  'vm-restarts': { when: 'vm.restarts_spent', for: 0, severity: 'critical' },
  'vm-agent': { when: 'vm.agent_silent', for: 10 },
  'vm-address': { when: 'vm.no_address', for: 10 },
  'vm-cpu': { when: 'vm.cpu > 85', for: 15 },
  'vm-memory': { when: 'vm.memory > 85', for: 15 },
  // Asked each 15 minutes: what is full then has not been so for a moment.
  'vm-disk': { when: 'vm.disk > 80', for: 0, critical: 95 },
  'host-unreachable': { when: 'host.unreachable', for: 1, severity: 'critical' },
  'host-libvirt': { when: 'host.libvirt_down', for: 1, severity: 'critical' },
  'host-kvm': { when: 'host.kvm_missing', for: 0, severity: 'critical' },
  'host-nfs': { when: 'host.nfs_bad', for: 2 },
  'host-clock': { when: 'host.skew > 2s', for: 5 },
  'host-cpu': { when: 'host.cpu > 85', for: 10 },
  'host-memory': { when: 'host.memory > 85', for: 10, critical: 95 },
  'host-oom': { when: 'host.oom_kills > 0', for: 0, under: ['host-memory'] },
  'host-disk': { when: 'host.disk > 80', for: 5, critical: 95 },
  'host-inodes': { when: 'host.inodes > 80', for: 5, critical: 95 },
  'pool-data': { when: 'pool.data > 80', for: 2, critical: 95 },
  'pool-metadata': { when: 'pool.metadata > 80', for: 2, critical: 95 },
  // 2 % of the month's budget in an hour, 5 % in six. Of an outage that is short vm-down has told already: this is about one that
  // lasts, or comes again and again.
  'team-slo-fast': { when: 'team.burn_fast > 14.4', for: 15 },
  'team-slo-slow': { when: 'team.burn_slow > 6', for: 30 },
  'fleet-memory': { when: 'fleet.memory > 80', for: 15 },
  'fleet-disk': { when: 'fleet.disk > 80', for: 15 },
};

/** The rules that hold where the configuration says nothing else. */
export const DEFAULT_RULES: readonly Rule[] = Object.entries(SHORT).map(([name, short]) =>
  rule({
    name,
    when: parseCondition(short.when),
    forMs: short.for * MINUTE,
    severity: short.severity,
    critical: short.critical,
    under: short.under,
  }),
);

/** A rule with what is left out filled in. */
export function rule(
  given: RuleChange & { readonly when: Condition; readonly under?: readonly string[] | undefined },
): Rule {
  const { name, when } = given;
  return {
    name,
    when,
    title: given.title ?? infoOf(when).label,
    forMs: given.forMs ?? 5 * MINUTE,
    clear: given.clear ?? clearOf(when),
    severity: given.severity ?? 'warning',
    critical: given.critical ?? null,
    hosts: given.hosts ?? null,
    teams: given.teams ?? null,
    under: given.under ?? [],
  };
}

function clearOf(when: Condition): number {
  if (infoOf(when).unit !== 'percent') return when.threshold;
  return when.op === '>' ? Math.max(0, when.threshold - HYSTERESIS) : Math.min(100, when.threshold + HYSTERESIS);
}

/** The default rules with the configuration's changes, and its own rules after them. A change without `when` of an unknown rule is left out: the configuration's check tells of it. */
export function rulesFrom(changes: readonly RuleChange[]): readonly Rule[] {
  const changed = DEFAULT_RULES.flatMap((base) => {
    const change = changes.find(({ name }) => name === base.name);
    if (change === undefined) return [base];
    if (change.enabled === false) return [];
    const when = change.when ?? base.when;
    // Where the bound moves, what hung on it moves along.
    const moved = when.threshold !== base.when.threshold || when.op !== base.when.op;
    const inherited = {
      forMs: base.forMs,
      severity: base.severity,
      under: base.under,
      ...(moved ? {} : { critical: base.critical ?? undefined }),
    };
    return [rule({ ...inherited, ...given(change), name: base.name, when })];
  });
  const own = changes.flatMap((change) => {
    const { when } = change;
    const isOwn = when !== undefined && change.enabled !== false && !isDefault(change.name);
    return isOwn ? [rule({ ...change, when })] : [];
  });
  return [...changed, ...own];
}

function isDefault(name: string): boolean {
  return Object.hasOwn(SHORT, name);
}

/** Without the keys that were left out. */
function given(change: RuleChange): Partial<RuleChange> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
