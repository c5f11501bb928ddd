import type { Measure, Measures } from '../domain/capacity.ts';
import type { Metric, MetricSample } from '../domain/metric.ts';
import { hasEnded } from '../domain/plan.ts';
import { poolOf } from '../domain/pool.ts';
import type { Settings } from '../domain/settings.ts';
import { vmState } from '../domain/vm.ts';
import { fleetParts } from './capacity/gather.ts';
import { sloMetrics } from './slo/metrics.ts';
import type { Rows } from './store.ts';
import { filesystemMetrics } from './watch/filesystem-metrics.ts';

/** What rows say of hosts, pools, VMs, operations, messages and jobs. */
export function rowMetrics(rows: Rows, settings: Settings, now: number): readonly Metric[] {
  return [
    ...hostMetrics(rows, settings),
    ...poolMetrics(rows, settings),
    gauge('hostler_vms', 'VMs by team and state; those in the trash are trashed.', vmSamples(rows)),
    ...operationMetrics(rows),
    ...outboxMetrics(rows),
    webhookMetric(rows, settings),
    ...jobMetrics(rows),
    ...sloMetrics(rows, settings, now),
    ...filesystemMetrics(rows, now),
  ];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name, help, type: 'gauge', samples };
}

function hostMetrics(rows: Rows, settings: Settings): Metric[] {
  const { hosts } = fleetParts(rows, settings);
  const seen = hosts.flatMap(({ name, measures }) => (measures === null ? [] : [{ name, measures }]));
  const of = (pick: (measures: Measures) => number | null): MetricSample[] =>
    seen.flatMap(({ name, measures }) => {
      const value = pick(measures);
      return value === null ? [] : [{ labels: { host: name }, value }];
    });
  const promised = ({ allocated, held }: Measure): number => allocated + held;
  return [
    gauge(
      'hostler_host_up',
      'Whether the host answered the last sweep.',
      hosts.map(({ name, trouble }) => ({ labels: { host: name }, value: trouble === null ? 1 : 0 })),
    ),
    gauge(
      'hostler_host_cordoned',
      'Whether the host takes no new VMs.',
      hosts.map(({ name, state }) => ({ labels: { host: name }, value: state === 'cordoned' ? 1 : 0 })),
    ),
    gauge(
      'hostler_host_seen_timestamp_seconds',
      'When the host answered last.',
      hosts.flatMap(({ name }) => {
        const at = rows.hosts.find(name)?.seenAt ?? null;
        return at === null ? [] : [{ labels: { host: name }, value: at / 1000 }];
      }),
    ),
    gauge(
      'hostler_host_cpus',
      'CPUs of the host.',
      of(({ vcpus }) => vcpus.size),
    ),
    gauge(
      'hostler_host_vcpus_limit',
      'vCPUs that may be promised, overcommit counted in.',
      of(({ vcpus }) => vcpus.limit),
    ),
    gauge(
      'hostler_host_vcpus_promised',
      'vCPUs promised to VMs and plans.',
      of(({ vcpus }) => promised(vcpus)),
    ),
    gauge(
      'hostler_host_memory_limit_bytes',
      'Memory that may be promised.',
      of(({ memory }) => memory.limit),
    ),
    gauge(
      'hostler_host_memory_promised_bytes',
      'Memory promised to VMs and plans.',
      of(({ memory }) => promised(memory)),
    ),
    gauge(
      'hostler_host_memory_used_bytes',
      'Memory in use on the host.',
      of(({ memory }) => memory.used),
    ),
    gauge(
      'hostler_host_disk_limit_bytes',
      'Disk that may be promised.',
      of(({ disk }) => disk.limit),
    ),
    gauge(
      'hostler_host_disk_promised_bytes',
      'Disk promised to VMs and plans.',
      of(({ disk }) => promised(disk)),
    ),
  ];
}

function poolMetrics(rows: Rows, settings: Settings): Metric[] {
  const pools = settings.hosts.flatMap((host) => {
    const seen = rows.hosts.find(host.name)?.observation ?? null;
    const pool = seen === null ? undefined : poolOf(host, seen);
    return pool === undefined ? [] : [{ labels: { host: host.name, pool: `${host.vg}/${host.pool}` }, pool }];
  });
  const ratio = (percent: number | null): number => (percent === null ? Number.NaN : percent / 100);
  return [
    gauge(
      'hostler_pool_size_bytes',
      'Size of the thin pool.',
      pools.map(({ labels, pool }) => ({ labels, value: pool.sizeBytes })),
    ),
    gauge(
      'hostler_pool_data_ratio',
      'Share of the thin pool’s data in use.',
      pools.map(({ labels, pool }) => ({ labels, value: ratio(pool.dataPercent) })),
    ),
    gauge(
      'hostler_pool_metadata_ratio',
      'Share of the thin pool’s metadata in use.',
      pools.map(({ labels, pool }) => ({ labels, value: ratio(pool.metadataPercent) })),
    ),
  ];
}

function vmSamples(rows: Rows): MetricSample[] {
  const silent = new Set(rows.hosts.list().flatMap(({ name, trouble }) => (trouble === null ? [] : [name])));
  const sums = new Map<string, MetricSample>();
  for (const vm of rows.metrics.vms()) {
    const labels = { team: vm.team, state: vmState(vm, !silent.has(vm.host)) };
    const key = `${labels.team} ${labels.state}`;
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + vm.count });
  }
  return [...sums.values()];
}

function operationMetrics(rows: Rows): Metric[] {
  const all = rows.metrics.operations();
  const open = new Map<string, number>();
  for (const { state, count } of all) if (!hasEnded(state)) open.set(state, (open.get(state) ?? 0) + count);
  // Also when there are none: a series that comes and goes can't be alerted on.
  const states = ['planned', 'awaiting_approval', 'queued', 'running', 'unwinding'];
  return [
    {
      name: 'hostler_operations_total',
      help: 'Operations that ended, by kind and by how.',
      type: 'counter',
      samples: all
        .filter(({ state }) => hasEnded(state) && state !== 'stuck')
        .map(({ kind, state, count }) => ({ labels: { kind, state }, value: count })),
    },
    gauge(
      'hostler_operations_open',
      'Operations under way or waiting, by state.',
      states.map((state) => ({ labels: { state }, value: open.get(state) ?? 0 })),
    ),
    gauge('hostler_operations_stuck', 'Operations that wait for an admin, with their locks held.', [
      { labels: {}, value: all.reduce((sum, { state, count }) => sum + (state === 'stuck' ? count : 0), 0) },
    ]),
  ];
}

function outboxMetrics(rows: Rows): Metric[] {
  const { waiting, undeliverable, oldestAt } = rows.metrics.outbox();
  return [
    gauge('hostler_outbox_messages', 'Messages that wait for delivery.', [{ labels: {}, value: waiting }]),
    gauge('hostler_outbox_undeliverable', 'Messages that could not be delivered.', [
      { labels: {}, value: undeliverable },
    ]),
    gauge(
      'hostler_outbox_oldest_timestamp_seconds',
      'When the oldest message that waits was written.',
      oldestAt === null ? [] : [{ labels: {}, value: oldestAt / 1000 }],
    ),
  ];
}

/** Those of the configuration also when nothing waits; what waits for another one is dropped at its sender's next turn. */
function webhookMetric(rows: Rows, { alerts }: Settings): Metric {
  const waiting = rows.webhooks.waiting();
  return gauge(
    'hostler_webhook_posts',
    'Posts that wait for a webhook.',
    [...new Set([...alerts.webhooks, ...waiting.keys()])].map((webhook) => ({
      labels: { webhook },
      value: waiting.get(webhook) ?? 0,
    })),
  );
}

function jobMetrics(rows: Rows): Metric[] {
  const jobs = rows.schedule.jobs().map((job) => ({
    labels: { job: job.job, place: job.place },
    next: job.nextDueAt,
    last: rows.schedule.last(job, 1)[0] ?? null,
  }));
  return [
    gauge(
      'hostler_schedule_next_timestamp_seconds',
      'When the job is due next.',
      jobs.map(({ labels, next }) => ({ labels, value: next / 1000 })),
    ),
    gauge(
      'hostler_schedule_failed',
      'Whether the job’s last time failed.',
      jobs.map(({ labels, last }) => ({ labels, value: last?.state === 'failed' ? 1 : 0 })),
    ),
  ];
}
