/** A real Prometheus, with the configuration and the rules of deploy/, scrapes a running bot. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { findPrometheus } from '../../scripts/prometheus.ts';
import { startDaemon } from '../kit/daemon.ts';
import { freePort } from '../kit/free-port.ts';
import { describeUnless } from '../kit/needs.ts';
import { carryOut, endAll, place, plan } from './kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await endAll();
});

const DEPLOY = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));
const tools = findPrometheus();
/** Nothing here takes so long; it only ends what hangs. */
const DEADLINE_MS = 20_000;

const Config = z.looseObject({
  rule_files: z.array(z.string()),
  scrape_configs: z.tuple([
    z.looseObject({
      job_name: z.literal('hostler'),
      static_configs: z.tuple([z.object({ targets: z.array(z.string()) })]),
    }),
  ]),
});
const Answer = z.object({ status: z.literal('success'), data: z.unknown() });
const Vector = z.object({
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([z.number(), z.string()]).transform(([, v]) => Number(v)),
    }),
  ),
});
type Series = z.output<typeof Vector>['result'];
const Rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string() })) })),
});

/** A Prometheus of its own: loopback, any port, a folder that goes with it. Answers with the address of its API. */
async function startPrometheus(target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-prometheus-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const config = Config.parse(parse(readFileSync(`${DEPLOY}prometheus.yml`, 'utf8')));
  for (const file of config.rule_files) copyFileSync(`${DEPLOY}${file}`, join(folder, file));
  const [job] = config.scrape_configs;
  const mine = { ...job, scrape_interval: '1s', static_configs: [{ targets: [target] }] };
  writeFileSync(
    join(folder, 'prometheus.yml'),
    stringify({ ...config, global: { evaluation_interval: '1s' }, scrape_configs: [mine] }),
  );
  const { address, stop } = await startDaemon(tools?.prometheus ?? '', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
  ]);
  ends.push(stop);
  return `http://${address}/api/v1`;
}

/** Null while it can't answer: Prometheus listens before it is ready, and says 503 in plain text until then. */
async function get<T>(url: string, shape: z.ZodType<T>): Promise<T | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
  if (response.status === 503) return null;
  const answer = Answer.safeParse(await response.json());
  return answer.success ? shape.parse(answer.data.data) : null;
}

/** Asks until the answer is good. */
async function until<T>(what: string, ask: () => Promise<T | null>, good: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  let last: T | null = null;
  while (Date.now() < deadline) {
    last = await ask();
    if (last !== null && good(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}; last was ${JSON.stringify(last)}`);
}

describeUnless(
  tools === null ? 'there is no Prometheus here (Debian packages prometheus and prometheus-alertmanager)' : undefined,
  'Prometheus',
  () => {
    it('scrapes a running bot, and knows its hosts, VMs and operations', { timeout: 90_000 }, async () => {
      const target = `127.0.0.1:${await freePort()}`;
      const at = await place({
        hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }],
        config: { metrics: { listen: target } },
      });
      await carryOut(at, '01-dev1', '/vm create web-01 --image tiny --flavor small', 'Create');
      await plan(at, '01-dev1', '/vm create web-02 --image tiny --flavor small');
      const api = await startPrometheus(target);
      const ask = (query: string) => async (): Promise<Series | null> =>
        (await get(`${api}/query?query=${encodeURIComponent(query)}`, Vector))?.result ?? null;
      const series = (query: string, count: number) => until(query, ask(query), ({ length }) => length === count);

      expect(await series('up{job="hostler"} == 1', 1)).toHaveLength(1);
      const hosts = await series('hostler_host_up == 1', 2);
      expect(hosts.map(({ metric }) => metric.host).sort()).toEqual(['kvm-1', 'kvm-2']);
      const [used] = await series('hostler_pool_data_ratio{host="kvm-1"}', 1);
      expect(used?.value).toBeGreaterThan(0);
      expect(used?.value).toBeLessThan(1);
      expect(await series('hostler_operations_total{kind="vm.create",state="succeeded"} == 1', 1)).toHaveLength(1);
      expect(await series('hostler_operations_open{state="planned"} == 1', 1)).toHaveLength(1);
      expect(await series('sum(hostler_vms{team="team-01"}) == 1', 1)).toHaveLength(1);
      expect(await series('hostler_slack_ack_seconds_bucket{le="+Inf"} >= 3', 1)).toHaveLength(1);

      // What deploy/ has for it: each rule can be evaluated over what the bot serves, and none of them cries wolf.
      const rules = await until(
        'the rules',
        () => get(`${api}/rules`, Rules),
        ({ groups }) => groups.flatMap((group) => group.rules).every(({ health }) => health !== 'unknown'),
      );
      const all = rules.groups.flatMap((group) => group.rules);
      expect(all.length).toBeGreaterThan(5);
      expect(all.filter(({ health, state }) => health !== 'ok' || state !== 'inactive')).toEqual([]);

      // A bot that is gone shows as such.
      await at.kill('SIGTERM');
      expect(await series('up{job="hostler"} == 0', 1)).toHaveLength(1);
    });
  },
);
