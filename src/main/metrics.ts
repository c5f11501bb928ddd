import { type Metric, metricsText } from '../domain/metric.ts';
import type { RunningSlack } from '../infra/slack/app.ts';
import { rowMetrics } from '../operations/metrics.ts';
import type { Core } from './core.ts';
import { version } from './version.ts';

/** What Prometheus scrapes, as text: rows, links to hosts and to Slack, the process. */
export function metricsPage({ core, slack }: { readonly core: Core; readonly slack: RunningSlack }): string {
  const health = slack.health();
  const links = core.fleet.hosts().map((host) => ({ host, status: core.fleet.status(host) }));
  const one = (name: string, help: string, value: number, type: Metric['type'] = 'gauge'): Metric => ({
    name,
    help,
    type,
    samples: [{ labels: {}, value }],
  });
  const byHost = (name: string, help: string, pick: (status: (typeof links)[number]['status']) => number): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: links.map(({ host, status }) => ({ labels: { host }, value: pick(status) })),
  });
  const { user, system } = process.cpuUsage();
  return metricsText(
    [
      {
        name: 'hostler_build_info',
        help: 'Which version runs.',
        type: 'gauge',
        samples: [{ labels: { version: version(), node: process.version }, value: 1 }],
      },
      ...rowMetrics(core.rows, core.settings(), Date.now()),
      one('hostler_operations_running', 'Operations whose steps run now.', core.service.busy()),
      byHost('hostler_ssh_up', 'Whether the kept link to the host is there.', ({ link }) => (link === 'up' ? 1 : 0)),
      byHost(
        'hostler_ssh_circuit_open',
        'Whether the host is left alone for a while, for it did not answer.',
        ({ link }) => (link === 'circuit_open' ? 1 : 0),
      ),
      byHost('hostler_ssh_channels_open', 'Calls under way over the link.', ({ channels }) => channels.open),
      byHost('hostler_ssh_channels_waiting', 'Calls that wait for a channel.', ({ channels }) => channels.waiting),
      ...(health.sockets === null
        ? []
        : [one('hostler_slack_sockets', 'Sockets to Slack that are open.', health.sockets.open)]),
      one('hostler_slack_deliveries', 'Deliveries from Slack under way.', health.busy),
      one(
        'hostler_slack_reachable',
        'Whether the last call to Slack went through.',
        health.outbox.trouble === null ? 1 : 0,
      ),
      one('process_cpu_seconds_total', 'CPU time of the process.', (user + system) / 1e6, 'counter'),
      one('process_resident_memory_bytes', 'Resident memory of the process.', process.memoryUsage.rss()),
      one('process_start_time_seconds', 'When the process began.', Math.round(Date.now() / 1000 - process.uptime())),
    ],
    [{ name: 'hostler_slack_ack_seconds', help: 'From a delivery of Slack to its ack.', seen: slack.acks() }],
  );
}
