import { webApi } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../../demo/slack/server.ts';
import type { Chart } from '../../../src/domain/chart.ts';
import type { Notice } from '../../../src/domain/notice.ts';
import { chartPng } from '../../../src/infra/charts/png.ts';
import type { DrawChart } from '../../../src/infra/slack/attachments.ts';
import { makeChannels } from '../../../src/infra/slack/channels.ts';
import { makeCourier } from '../../../src/infra/slack/courier.ts';
import type { Db } from '../../../src/infra/sqlite/database.ts';
import { enqueue } from '../../../src/infra/sqlite/outbox.ts';
import { atEnd, chat, database, endAll, quietLog, quietLogger } from './kit.ts';

afterEach(endAll);

const chart: Chart = {
  title: 'Memory',
  alt: 'Memory grows by 3 GiB a month',
  unit: 'GiB',
  labels: ['a', 'b'],
  series: [{ name: 'Promised', values: [1, 2], look: 'line' }],
  band: null,
};
const report: Notice = {
  tone: 'plain',
  title: 'Monthly',
  charts: [chart],
  files: [{ name: 'capacity.csv', title: 'Numbers', text: 'day,memory\n1,2\n' }],
};

function start(server: ChatServer, db: Db, drawChart: DrawChart = chartPng): void {
  const client = new webApi.WebClient(server.env.SLACK_BOT_TOKEN, {
    slackApiUrl: server.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quietLogger,
  });
  const courier = makeCourier({
    db,
    client,
    channels: makeChannels(client),
    render: () => null,
    drawChart,
    adminChannel: () => 'admins',
    log: quietLog,
  });
  courier.start();
  atEnd(courier.stop);
}

const say = (db: Db, key: string, notice: Notice): void =>
  enqueue(db, { key, to: 'team-01', underOperation: null, notice });
const states = (db: Db): unknown[] => db.prepare('select state from outbox order by id').pluck().all();
const texts = (server: ChatServer): string[] => server.messages('team-01').map(({ text }) => text);

test('pictures and files stand under their message, with words for those who can’t see', async () => {
  const server = await chat();
  const { db } = database();
  say(db, 'report', report);
  start(server, db);
  // The first chart loads its libraries.
  await server.waitFor(() => states(db)[0] === 'sent', { deadline: 20_000 });
  const [message, reply, ...more] = server.messages('team-01');
  expect([message?.text, reply?.threadTs, more]).toEqual(['Monthly', message?.ts, []]);
  expect(server.files()).toMatchObject([
    { name: 'chart-1.png', title: 'Memory', altText: 'Memory grows by 3 GiB a month', completed: true },
    { name: 'capacity.csv', title: 'Numbers', completed: true },
  ]);
  expect(reply?.files).toEqual(server.files().map(({ id }) => id));
});

test('an upload that fails for a while is made again, its message is not', async () => {
  const server = await chat();
  const { db } = database();
  server.trouble.next('files.getUploadURLExternal', { status: 503, times: 2 });
  say(db, 'report', report);
  say(db, 'after', { tone: 'plain', title: 'after' });
  start(server, db);
  await server.waitFor(() => states(db).every((state) => state === 'sent'), { deadline: 20_000 });
  expect(texts(server).filter((text) => text === 'Monthly')).toHaveLength(1);
  expect(db.prepare("select attempts from outbox where key = 'report'").pluck().get()).toBe(1);
  expect(texts(server).at(-1)).toBe('after');
  expect(server.files().filter(({ completed }) => completed)).toHaveLength(2);
});

test('where files may not be uploaded, or a chart can’t be drawn, its words are posted', async () => {
  const server = await chat();
  const { db } = database();
  server.trouble.next('files.getUploadURLExternal', { error: 'not_allowed_token_type', times: 2 });
  start(server, db, async (what) => (what.title === 'Bad' ? Promise.reject(new Error('no font')) : chartPng(what)));
  say(db, 'refused', report);
  await server.waitFor(() => states(db).length === 2 && states(db).every((state) => state === 'sent'), {
    deadline: 20_000,
  });
  say(db, 'undrawn', { ...report, title: 'Other', charts: [{ ...chart, title: 'Bad' }, chart] });
  await server.waitFor(() => states(db).length === 4 && states(db).every((state) => state === 'sent'), {
    deadline: 20_000,
  });
  const words = texts(server).filter((text) => text.includes('in words'));
  expect(words).toHaveLength(2);
  for (const each of words) expect(each).toContain('Memory grows by 3 GiB a month');
  expect(
    server
      .files()
      .filter(({ completed }) => completed)
      .map(({ name }) => name),
  ).toEqual(['chart-2.png', 'capacity.csv']);
});
