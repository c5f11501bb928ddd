import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { watched } from '../../demo/fleet/model/watched.ts';
import { type AlertmanagerMessage, readAlertmanager } from '../../src/domain/alerts/alertmanager.ts';
import { plainText } from '../../src/domain/notice.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { evaluateAlerts } from '../../src/operations/alert/evaluate.ts';
import { takeExternal } from '../../src/operations/alert/external.ts';
import { rowMetrics } from '../../src/operations/metrics.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
let world: World;
beforeEach(async () => {
  const { alerts } = testSettings([]);
  world = await makeWorld({
    hosts: [{ name: 'kvm-1' }],
    settings: { alerts: { ...alerts, webhooks: ['pager', 'wiki'] } },
  });
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
});
afterEach(() => world.close());

interface Given {
  readonly status?: 'firing' | 'resolved';
  readonly startsAt?: number;
  readonly summary?: string;
}

/** An Alertmanager's message about one alert. */
function message(
  labels: Record<string, string>,
  { status = 'firing', startsAt = BEGAN, summary = 'so it is' }: Given = {},
): AlertmanagerMessage {
  const read = readAlertmanager({
    version: '4',
    status,
    receiver: 'hostler',
    alerts: [{ status, labels, annotations: { summary }, startsAt: new Date(startsAt).toISOString() }],
  });
  if (!read.ok) throw new Error(read.faults.join());
  return read.message;
}
const BEGAN = Date.now() - 5 * MINUTE;
const deps = () => ({ ...world, ids: randomIds() });
const hear = (labels: Record<string, string>, given?: Given) => takeExternal(message(labels, given), deps());
const incidents = () => world.rows.incidents.recent(null, 500);
const told = () =>
  incidents().map(({ title, channel, resolvedAt }) => [title, channel, resolvedAt === null ? 'open' : 'over']);
function card(at = 0) {
  const notice = world.service.card(incidents()[at]?.id ?? '');
  return { ...notice, lines: notice?.lines?.map((line) => plainText(line, String)) };
}
const outbox = () => world.db.prepare("select count(*) from outbox where key like 'alert:%'").pluck().get();

describe('an alert of Alertmanager’s', () => {
  it.each([
    ['a VM by its full name', { vm: 'team-01/web-01' }, 'team-01', 'Load: team-01/web-01'],
    ['a VM with its team', { vm: 'web-01', team: 'team-01' }, 'team-01', 'Load: team-01/web-01'],
    ['a team', { team: 'team-02', job: 'shop' }, 'team-02', 'Load: team team-02'],
    ['a host', { host: 'kvm-1' }, 'ops', 'Load: kvm-1'],
    ['a host by its instance', { instance: 'kvm-1:9100' }, 'ops', 'Load: kvm-1'],
    ['a team that we don’t have', { team: 'team-99', instance: 'db:1' }, 'ops', 'Load: db:1'],
    ['a VM that we don’t have', { vm: 'web-99', team: 'team-02' }, 'team-02', 'Load: web-99'],
    ['nothing that we know', { job: 'shop', zone: 'eu' }, 'ops', 'Load: job=shop zone=eu'],
    ['nothing at all', {}, 'ops', 'Load: no labels'],
  ])('about %s is told where it belongs', (_what, labels, channel, title) => {
    expect(hear({ alertname: 'Load', ...labels })).toEqual({ kind: 'taken', firing: 1, resolved: 0 });
    expect(told()).toEqual([['Load', channel, 'open']]);
    expect(card()).toMatchObject({ title, tone: 'warn', lines: [expect.stringMatching(/: so it is$/)] });
    expect(card().facts).toContainEqual({ name: 'Source', value: 'Alertmanager' });
  });

  it('is one message, however often it is told, by whomever, and over the sweeps; and one resolve', () => {
    const labels = { alertname: 'Load', severity: 'page', vm: 'team-01/web-01' };
    for (let n = 0; n < 3; n += 1) hear(labels);
    evaluateAlerts(deps());
    hear(labels);
    expect(told()).toEqual([['Load', 'team-01', 'open']]);
    expect(card()).toMatchObject({ tone: 'bad' });
    expect(card().buttons?.map(({ label }) => label)).toEqual(['Acknowledge', 'Silence 1 h', 'Show']);
    for (let n = 0; n < 2; n += 1) hear(labels, { status: 'resolved' });
    expect(told()).toEqual([['Load', 'team-01', 'over']]);
    expect(outbox()).toBe(1);
    // The other Alertmanager of the pair was slower.
    hear(labels);
    evaluateAlerts(deps());
    expect(told()).toEqual([['Load', 'team-01', 'over']]);
  });

  it('that begins anew is told anew; as is one whose Prometheus was away', () => {
    const labels = { alertname: 'Load', host: 'kvm-1' };
    hear(labels);
    hear(labels, { status: 'resolved' });
    hear(labels, { startsAt: BEGAN + MINUTE });
    expect(told()).toEqual([['Load', 'ops', 'open']]);
    // A late word on what was before changes nothing.
    hear(labels, { status: 'resolved' });
    expect(told()).toEqual([['Load', 'ops', 'open']]);
    hear(labels, { status: 'resolved', startsAt: BEGAN + MINUTE });
    world.clock.advance(20 * MINUTE);
    hear(labels, { startsAt: BEGAN + MINUTE });
    expect(told()).toEqual([
      ['Load', 'ops', 'open'],
      ['Load', 'ops', 'over'],
    ]);
  });

  it('is escalated, acknowledged, silenced and listed as our own are', async () => {
    const labels = { alertname: 'Load', severity: 'critical', vm: 'team-01/web-01' };
    await world.ask('alert.silence', { what: 'alertmanager:Quiet', for: '1h' }, 'admin', { reason: 'known' });
    hear({ ...labels, alertname: 'Quiet' });
    expect(told()).toEqual([]);
    hear(labels);
    world.clock.advance(16 * MINUTE);
    evaluateAlerts(deps());
    expect(incidents()[0]?.escalatedAt).not.toBeNull();
    const id = incidents()[0]?.id ?? '';
    expect(await world.ask('alert.ack', { alert: id }, '02-dev1')).toMatchObject({ kind: 'refused' });
    expect(await world.ask('alert.ack', { alert: id })).toMatchObject({ kind: 'operation' });
    expect(await world.ask('alert.list', {})).toMatchObject({ json: [{ title: 'Load', state: 'seen by 01-dev1' }] });
  });

  it('of which nothing was heard for a day is over', () => {
    hear({ alertname: 'Load', host: 'kvm-1' });
    world.clock.advance(23 * 60 * MINUTE);
    evaluateAlerts(deps());
    expect(told()).toEqual([['Load', 'ops', 'open']]);
    world.clock.advance(2 * 60 * MINUTE);
    evaluateAlerts(deps());
    expect(told()).toEqual([['Load', 'ops', 'over']]);
  });

  it('is refused whole where there are too many', () => {
    const many = (n: number) => {
      const one = message({ alertname: 'Load' }).alerts[0];
      if (one === undefined) throw new Error('no alert');
      const alerts = Array.from({ length: 900 }, (_, i) => ({
        ...one,
        labels: { alertname: 'Load', n: `${n}-${i}` },
      }));
      return takeExternal({ ...message({}), alerts }, deps()).kind;
    };
    expect([many(1), many(2), many(3)]).toEqual(['taken', 'taken', 'full']);
    expect(world.rows.externals.firing()).toHaveLength(1800);
    expect(incidents()).toHaveLength(1);
  });
});

const Sent = z.object({
  status: z.string(),
  groupKey: z.string(),
  groupLabels: z.object({ alertname: z.string(), incident: z.string() }),
  alerts: z.array(
    z.object({
      status: z.string(),
      labels: z.record(z.string(), z.string()),
      fingerprint: z.string(),
      endsAt: z.string(),
    }),
  ),
});
/** What waits for a webhook, oldest first. */
const waiting = (webhook: string) =>
  world.db
    .prepare('select body_json from webhook_post where webhook = ? order by id')
    .pluck()
    .all(webhook)
    .map((body) => Sent.parse(JSON.parse(String(body))));

describe('an alert of ours', () => {
  const sweeps = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      world.clock.advance(MINUTE);
      for (const { model } of world.hosts) watched(model).clockOffsetMs = world.clock.now() - Date.now();
      await sweepHost({ ...world, driver: makeDriver() }, 'kvm-1', new AbortController().signal);
      evaluateAlerts(deps());
    }
  };
  const fill = (share: number) => world.hosts[0]?.fillPool(share);

  it('is told to each webhook when it begins, grows worse and ends; not when its number moves', async () => {
    fill(0.85);
    await sweeps(4);
    fill(0.86);
    await sweeps(12);
    fill(0.97);
    await sweeps(1);
    fill(0.5);
    await sweeps(2);
    const sent = waiting('pager');
    expect(sent.map(({ status, alerts }) => [status, alerts[0]?.labels.severity])).toEqual([
      ['firing', 'warning'],
      ['firing', 'critical'],
      ['resolved', 'critical'],
    ]);
    expect(new Set(sent.map(({ alerts }) => alerts[0]?.fingerprint)).size).toBe(1);
    expect(new Set(sent.map(({ groupKey }) => groupKey)).size).toBe(1);
    expect(sent[0]?.alerts[0]).toMatchObject({
      labels: { alertname: 'pool-data', host: 'kvm-1', pool: 'kvm-1/thinpool', source: 'hostler' },
      endsAt: '0001-01-01T00:00:00Z',
    });
    expect(waiting('wiki')).toHaveLength(3);
    world.rows.webhooks.done(world.rows.webhooks.first('wiki')?.id ?? 0);
    const metrics = rowMetrics(world.rows, world.settings, world.clock.now());
    expect(metrics.find(({ name }) => name === 'hostler_webhook_posts')?.samples).toEqual([
      { labels: { webhook: 'pager' }, value: 3 },
      { labels: { webhook: 'wiki' }, value: 2 },
    ]);
  });

  it('is not one that came from Alertmanager: two would tell each other for ever', () => {
    hear({ alertname: 'Load', host: 'kvm-1' });
    hear({ alertname: 'Load', host: 'kvm-1' }, { status: 'resolved' });
    expect(incidents()).toHaveLength(1);
    expect(waiting('pager')).toEqual([]);
  });

  it('can be heard by another Hostler', async () => {
    fill(0.85);
    await sweeps(4);
    const body = world.rows.webhooks.first('pager')?.body ?? '';
    const whole = readAlertmanager(JSON.parse(body));
    if (!whole.ok) throw new Error(whole.faults.join());
    takeExternal(whole.message, deps());
    expect(told()).toContainEqual(['pool-data', 'ops', 'open']);
  });
});
