/** A real Alertmanager, with the configuration of deploy/, tells a running bot of alerts. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { findPrometheus } from '../../scripts/prometheus.ts';
import { labelFingerprint } from '../../src/domain/alerts/alertmanager.ts';
import { startDaemon } from '../kit/daemon.ts';
import { freePort } from '../kit/free-port.ts';
import { describeUnless } from '../kit/needs.ts';
import { cards, endAll, place, textOf } from './kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await endAll();
});

const FILE = fileURLToPath(new URL('../../deploy/prometheus/alertmanager.yml', import.meta.url));
const tools = findPrometheus();
const missing =
  tools === null ? 'there is no Prometheus here (Debian packages prometheus and prometheus-alertmanager)' : undefined;

/** Debian's Alertmanager looks for its templates at this place only; where it is unpacked elsewhere, it gets its own sight of /usr/share. */
const TEMPLATES = '/usr/share/prometheus/alertmanager/default.tmpl';
const SIGHT = existsSync(TEMPLATES)
  ? []
  : [
      'unshare',
      '-m',
      'sh',
      '-c',
      'mount --bind "$0" /usr/share && exec "$@"',
      join(dirname(tools?.alertmanager ?? ''), '..', 'share'),
    ];
const [probe = 'true', ...probeArgs] = [...SIGHT, 'true'];
const blind = await promisify(execFile)(probe, probeArgs).then(
  () => undefined,
  () => `Alertmanager is not installed, and can’t have ${TEMPLATES} in a namespace of its own (unshare -m)`,
);
const DEADLINE_MS = 20_000;
const TOKEN = 'a-token-for-alertmanager';
const Config = z.looseObject({
  route: z.looseObject({}),
  receivers: z.tuple([z.looseObject({ webhook_configs: z.tuple([z.looseObject({ url: z.url() })]) })]),
});

/** Its own folder and port; grouping without the usual waits. */
async function startAlertmanager(target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-alertmanager-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'token'), TOKEN);
  const { route, receivers, ...rest } = Config.parse(parse(readFileSync(FILE, 'utf8')));
  const [receiver] = receivers;
  const [hook] = receiver.webhook_configs;
  expect(new URL(hook.url).pathname).toBe('/alertmanager');
  const mine = {
    ...hook,
    url: `http://${target}/alertmanager`,
    http_config: { authorization: { credentials_file: join(folder, 'token') } },
  };
  const config = {
    ...rest,
    route: { ...route, group_by: ['alertname'], group_wait: '0s', group_interval: '1s' },
    receivers: [{ ...receiver, webhook_configs: [mine] }],
  };
  writeFileSync(join(folder, 'alertmanager.yml'), stringify(config));
  const [program = '', ...before] = [...SIGHT, tools?.alertmanager ?? ''];
  const { address, stop } = await startDaemon(program, [
    ...before,
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    '--cluster.listen-address=',
  ]);
  ends.push(stop);
  return `http://${address}/api/v2/alerts`;
}

describeUnless(missing, 'amtool', () => {
  it('is content with the configuration in deploy/', async () => {
    const { stdout } = await promisify(execFile)(tools?.amtool ?? '', ['check-config', FILE]);
    expect(stdout).toContain('SUCCESS');
  });
});

describeUnless(missing ?? blind, 'Alertmanager', () => {
  it('tells a running bot, which brings it to the team', { timeout: 60_000 }, async () => {
    const listen = `127.0.0.1:${await freePort()}`;
    const at = await place({
      start: false,
      config: { metrics: { listen }, alerts: { alertmanager: { token: 'env:HOSTLER_AM_TOKEN' } } },
    });
    await at.start({ HOSTLER_AM_TOKEN: TOKEN });
    const api = await startAlertmanager(listen);
    const labels = { alertname: 'QueueLong', severity: 'warning', team: 'team-01', instance: 'shop:9100', zone: 'süd' };
    const startsAt = new Date(Date.now() - 60_000).toISOString();
    const put = async (endsAt?: string): Promise<void> => {
      const annotations = { summary: 'the queue is long' };
      const response = await fetch(api, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ labels, annotations, startsAt, ...(endsAt === undefined ? {} : { endsAt }) }]),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      expect(response.status).toBe(200);
    };
    await put();
    const card = await at.server.waitFor(() => cards(at.server)[0], { what: 'the card', deadline: DEADLINE_MS });
    expect(card.text).toContain('QueueLong: shop:9100');
    expect(textOf(card.blocks)).toContain('the queue is long');
    // It counts fingerprints as we do.
    const [fingerprint] = at.db((db) => db.prepare('select fingerprint from external_alert').pluck().all());
    expect(fingerprint).toBe(labelFingerprint(labels));
    await put(new Date().toISOString());
    const over = () => cards(at.server)[0]?.text.includes('QueueLong: shop:9100, resolved');
    await at.server.waitFor(over, { what: 'its end', deadline: DEADLINE_MS });
    expect(cards(at.server)).toHaveLength(1);
  });
});
