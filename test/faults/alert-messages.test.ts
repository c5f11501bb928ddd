/** Alerts on their way to Slack, on one clock that the test moves: the engine, the courier, and a chat server as strict as Slack. */
import { webApi } from '@slack/bolt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { end } from '../../demo/fleet/model/domains.ts';
import { watched } from '../../demo/fleet/model/watched.ts';
import { systemClock } from '../../demo/slack/clock.ts';
import type { Message } from '../../demo/slack/model/types.ts';
import { type ChatServer, startChatServer } from '../../demo/slack/server.ts';
import { readAlertmanager } from '../../src/domain/alerts/alertmanager.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { makeChannels } from '../../src/infra/slack/channels.ts';
import { type Courier, makeCourier } from '../../src/infra/slack/courier.ts';
import { evaluateAlerts } from '../../src/operations/alert/evaluate.ts';
import { takeExternal } from '../../src/operations/alert/external.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { textOf } from '../e2e/kit.ts';
import { atEnd, endAll, quietLog, quietLogger } from '../infra/slack/kit.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
let world: World;
let server: ChatServer;
let courier: Courier;
/** Calls of Slack under way. */
let underway = 0;

beforeEach(async () => {
  // One rule: what else a VM that is down brings about would only make the count of messages hard to see.
  const { alerts } = testSettings([]);
  const rules = alerts.rules.filter(({ name }) => name === 'vm-down');
  world = await makeWorld({ hosts: [{ name: 'kvm-1' }], settings: { alerts: { ...alerts, rules } } });
  atEnd(world.close);
  for (const name of ['web-01', 'web-02']) await world.change('vm.create', { name, image: 'tiny', flavor: 'small' });
  // What operations have to say is another story.
  world.db.prepare('delete from outbox').run();
  world.db.prepare('delete from card').run();
  server = await startChatServer({
    clock: { ...systemClock, now: world.clock.now },
    // As strict as the courier is with itself, and one more: a call may be a moment longer on its way than the one before it.
    rateLimits: { burst: 21, channelBurst: 4 },
  });
  atEnd(server.close);
  server.addUser({ name: 'lead' });
  for (const name of ['team-01', 'team-02', 'ops']) server.addChannel({ name, members: ['lead', 'hostler'] });
  courier = startCourier();
});
afterEach(endAll);

function startCourier(): Courier {
  const client = new webApi.WebClient(server.env.SLACK_BOT_TOKEN, {
    slackApiUrl: server.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quietLogger,
    fetch: async (url, init) => {
      underway += 1;
      try {
        return await fetch(url, init);
      } finally {
        underway -= 1;
      }
    },
  });
  const made = makeCourier({
    db: world.db,
    client,
    channels: makeChannels(client, world.clock.now),
    render: (id) => world.service.card(id),
    drawChart: async () => Promise.reject(new Error('no chart here')),
    adminChannel: () => 'ops',
    log: quietLog,
    now: world.clock.now,
  });
  made.start();
  atEnd(made.stop);
  return made;
}

/** Lets the courier look, and what it calls be answered: no time passes on the way, and Slack sees the pace that the courier keeps. */
async function breath(): Promise<void> {
  courier.wake();
  do await new Promise((resolve) => setTimeout(resolve, 2));
  while (underway > 0);
}

/** Lets time pass until nothing waits any more. */
async function settle(): Promise<void> {
  for (let n = 0; n < 2000; n += 1) {
    if (courier.health().waiting === 0) return;
    world.clock.advance(SECOND / 4);
    await breath();
  }
  throw new Error(`messages still wait: ${JSON.stringify(courier.health())}`);
}

/** Sweeps of the next minutes; the courier tries in each of them. */
async function minutes(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    world.clock.advance(MINUTE);
    for (const { model } of world.hosts) {
      model.bootedAt -= MINUTE;
      watched(model).clockOffsetMs = world.clock.now() - Date.now();
      for (const { live } of model.domains)
        if (live !== null) Object.assign(live, { startedAt: live.startedAt - MINUTE });
    }
    await sweepHost({ ...world, driver: makeDriver() }, 'kvm-1', new AbortController().signal);
    evaluateAlerts({ ...world, ids: randomIds() });
    await breath();
  }
}

/** 200 alerts of forty kinds, five of each: half are team-01's, a quarter team-02's, a quarter the admins'. */
function hear200(status: 'firing' | 'resolved'): void {
  const teams = ['team-01', 'team-01', 'team-02', ''];
  const alerts = Array.from({ length: 200 }, (_, n) => ({
    status,
    labels: { alertname: `Kind${n % 40}`, team: teams[n % 4] ?? '', instance: `app-${n}` },
    annotations: { summary: 'is slow' },
    startsAt: BEGAN,
  }));
  const read = readAlertmanager({ version: '4', status, alerts });
  if (!read.ok) throw new Error(read.faults.join());
  takeExternal(read.message, { ...world, ids: randomIds() });
}
const BEGAN = new Date(Date.now() - MINUTE).toISOString();
const PLACES = { 'team-01': 20, 'team-02': 10, ops: 10 };
const tops = (channel: string): Message[] => server.messages(channel).filter(({ threadTs }) => threadTs === undefined);
const limited = () => server.traffic.calls().flatMap(({ status, name }) => (status === 429 ? [name] : []));

it('200 alerts at once: one message for each incident, at Slack’s pace, and nothing is lost', async () => {
  hear200('firing');
  await settle();
  for (const [channel, count] of Object.entries(PLACES))
    expect([channel, tops(channel).length]).toEqual([channel, count]);
  const said = Object.keys(PLACES).flatMap((channel) => tops(channel).map(({ blocks }) => textOf(blocks)));
  // Each alert stands in one message, and all five of a kind in the same.
  for (let n = 0; n < 200; n += 1)
    expect([n, said.filter((text) => new RegExp(`\\bapp-${n}\\b`).test(text)).length]).toEqual([n, 1]);
  hear200('resolved');
  await settle();
  for (const [channel, count] of Object.entries(PLACES)) {
    expect(tops(channel).filter(({ text }) => text.includes(', resolved'))).toHaveLength(count);
    for (const { ts } of tops(channel)) expect(server.thread(channel, ts)).toHaveLength(2);
  }
  // Forty messages and forty replies, and Slack never had to ask for patience.
  expect(server.traffic.calls('chat.postMessage')).toHaveLength(80);
  expect(limited()).toEqual([]);
}, 60_000);

it('200 alerts of one kind are one message, which says how many more there are', async () => {
  const alerts = Array.from({ length: 200 }, (_, n) => ({
    status: 'firing',
    labels: { alertname: 'Slow', team: 'team-01', instance: `app-${n}` },
    startsAt: BEGAN,
  }));
  const read = readAlertmanager({ version: '4', status: 'firing', alerts });
  if (!read.ok) throw new Error(read.faults.join());
  takeExternal(read.message, { ...world, ids: randomIds() });
  await settle();
  const [card, ...more] = server.messages('team-01');
  expect(more).toEqual([]);
  expect(card?.text).toContain('Slow: 200 alerts');
  expect(textOf(card?.blocks)).toMatch(/… and 185 more: .*\/alert show inc_/);
  const id = world.rows.incidents.recent(null, 1)[0]?.id;
  const shown = await world.ask('alert.show', { alert: id });
  expect(shown).toMatchObject({ kind: 'reading', json: { about: { length: 200 } } });
});

it('an alert for a channel that Hostler was removed from stands in the admin channel, and the admins are told', async () => {
  await minutes(2);
  crash('web-01');
  await server.as('lead').kick('team-01');
  await minutes(3);
  await settle();
  const [card] = tops('ops').filter(({ text }) => text.includes('VM is down: team-01/web-01'));
  expect(card).toBeDefined();
  expect(tops('ops').filter(({ text }) => text.includes('Messages can’t be delivered'))).toHaveLength(1);
  expect(textOf(tops('ops').find(({ text }) => text.includes('can’t be delivered'))?.blocks)).toContain('team-01');
  // It goes on there: with its end, under it.
  restart('web-01');
  await minutes(2);
  await settle();
  expect(tops('ops').find(({ ts }) => ts === card?.ts)?.text).toContain('resolved');
  expect(server.thread('ops', card?.ts ?? '')).toHaveLength(2);
  expect(server.messages('team-01')).toEqual([]);
});

it('so does one in the middle of its life, where Hostler can’t even edit it any more', async () => {
  server.workspace.channel('team-01').kind = 'private';
  await minutes(2);
  crash('web-01');
  await minutes(3);
  await settle();
  expect(tops('team-01').map(({ text }) => text)).toEqual([expect.stringContaining('VM is down: team-01/web-01')]);
  await server.as('lead').kick('team-01');
  restart('web-01');
  await minutes(2);
  await settle();
  const said = tops('ops').map(({ text }) => text);
  expect(said.filter((text) => text.includes('VM is down: team-01/web-01, resolved'))).toHaveLength(1);
  expect(said.filter((text) => text.includes('Messages can’t be delivered'))).toHaveLength(1);
});

it('one that Hostler can still edit is, and the admins hear that nobody can be told beside it', async () => {
  await minutes(2);
  crash('web-01');
  await minutes(3);
  await settle();
  await server.as('lead').kick('team-01');
  await minutes(15);
  restart('web-01');
  await minutes(2);
  await settle();
  expect(tops('team-01').map(({ text }) => text)).toEqual([expect.stringContaining('team-01/web-01, resolved')]);
  expect(server.thread('team-01', tops('team-01')[0]?.ts ?? '')).toHaveLength(1);
  // Who was to be called is called there.
  expect(tops('ops').map(({ text }) => text)).toEqual([
    expect.stringContaining('nobody has acknowledged it'),
    expect.stringContaining('Messages can’t be delivered'),
  ]);
});

it('Slack is down for an hour in the middle of an incident: afterwards each message is there once, in order', async () => {
  await minutes(2);
  crash('web-01');
  await minutes(3);
  await settle();
  expect(tops('team-01')).toHaveLength(1);
  const posts = () =>
    server.traffic.calls('chat.postMessage').filter(({ answer }) => Object(answer).ok === true).length;
  const before = posts();

  server.trouble.down(true);
  await minutes(15); // escalated, and the admins are called
  restart('web-01');
  await minutes(3); // over
  crash('web-01');
  await minutes(3); // begun anew
  crash('web-02');
  await minutes(9); // another one
  // The bot is restarted meanwhile.
  await courier.stop();
  courier = startCourier();
  restart('web-01');
  await minutes(5); // over
  restart('web-02');
  await minutes(25); // over
  expect(courier.health().trouble).not.toBeNull();
  expect(posts()).toBe(before);

  server.trouble.down(false);
  await settle();
  const [first, second, ...more] = tops('team-01');
  expect(more).toEqual([]);
  expect([first?.text, second?.text]).toEqual([
    expect.stringContaining('VM is down: team-01/web-01, resolved'),
    expect.stringContaining('VM is down: team-01/web-02, resolved'),
  ]);
  const under = (card: Message | undefined) =>
    server
      .thread('team-01', card?.ts ?? '')
      .slice(1)
      .map(({ text }) => text);
  expect(under(first)).toEqual([
    expect.stringContaining('Nobody has acknowledged it'),
    expect.stringContaining('It is over'),
    expect.stringContaining('It has begun anew'),
    expect.stringContaining('It is over'),
  ]);
  expect(under(second)).toEqual([expect.stringContaining('It is over')]);
  const called = tops('ops').map(({ text }) => text);
  expect(called).toEqual([expect.stringContaining('nobody has acknowledged it')]);
  // Nothing came twice, and nothing is left.
  expect(posts() - before).toBe(1 + 4 + 1 + 1);
  expect(courier.health()).toEqual({ waiting: 0, trouble: null });
  expect(limited()).toEqual([]);
}, 60_000);

function crash(name: string): void {
  const [host] = world.hosts;
  if (host === undefined) throw new Error('there is no host');
  end(host.model, host.domain(`team-01-${name}`), 'crashed', host.clock.now());
}

/** By hand on the host: so that alerts alone have something to say. */
function restart(name: string): void {
  const [host] = world.hosts;
  host?.sh(['virsh', 'start', '--domain', host.domain(`team-01-${name}`).uuid]);
}
