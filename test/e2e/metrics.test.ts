/** `/metrics` of a running bot, and what deploy/ makes of it; promtool judges where it is installed. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { findPrometheus } from '../../scripts/prometheus.ts';
import { freePort } from '../kit/free-port.ts';
import { describeUnless } from '../kit/needs.ts';
import { endAll, place, plan } from './kit.ts';

afterEach(endAll);

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));
const TOOLS = findPrometheus();
const missing =
  TOOLS === null ? 'there is no Prometheus here (Debian packages prometheus and prometheus-alertmanager)' : undefined;
const promtool = (args: readonly string[], input = '') =>
  new Promise<{ readonly exit: number; readonly said: string }>((resolve) => {
    const child = execFile(TOOLS?.promtool ?? '', args, (error, stdout, stderr) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, said: stdout + stderr }),
    );
    child.stdin?.end(input);
  });

/** The page of a bot that has a plan in a channel. */
async function page(): Promise<string> {
  const port = await freePort();
  const webhooks = [{ name: 'tickets', url: 'http://127.0.0.1:9/' }];
  const at = await place({ config: { metrics: { listen: `127.0.0.1:${port}` }, alerts: { webhooks } } });
  await plan(at, '01-dev1', '/vm create web-01 --image tiny --flavor small');
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}

/** Names that stand in PromQL. */
const namesIn = (text: string): string[] => [...new Set(text.match(/\b(?:hostler|process)_[a-z_]+/g))];

describe('/metrics', () => {
  it('tells of hosts, pools, operations, messages, links, jobs and acks', { timeout: 60_000 }, async () => {
    const text = await page();
    for (const line of [
      /^hostler_build_info\{version="\d/m,
      /^hostler_host_up\{host="kvm-1"\} 1$/m,
      /^hostler_pool_data_ratio\{host="kvm-1",pool="cloudvg\/thinpool"\} 0\.\d+/m,
      /^hostler_host_memory_promised_bytes\{host="kvm-1"\} 134217728$/m,
      /^hostler_operations_total\{kind="image\.add",state="succeeded"\} 1$/m,
      /^hostler_operations_open\{state="planned"\} 1$/m,
      /^hostler_operations_stuck 0$/m,
      /^hostler_webhook_posts\{webhook="tickets"\} 0$/m,
      /^hostler_ssh_up\{host="kvm-1"\} 1$/m,
      /^hostler_slack_sockets 2$/m,
      /^hostler_schedule_failed\{job="sweep",place=""\} 0$/m,
      /^hostler_slack_ack_seconds_bucket\{le="3"\} 1$/m,
      /^hostler_slack_ack_seconds_count 1$/m,
      /^process_resident_memory_bytes \d+$/m,
    ]) {
      expect(text).toMatch(line);
    }
    // What rules and dashboard look at is there, or comes when there is something to tell.
    const served = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const later = ['hostler_vms', 'hostler_outbox_oldest_timestamp_seconds'];
    for (const file of ['prometheus/hostler.rules.yml', 'grafana/hostler.json']) {
      const used = namesIn(readFileSync(`${DEPLOY}${file}`, 'utf8')).map((name) => name.replace(/_bucket$/, ''));
      expect(used.length).toBeGreaterThan(5);
      expect(used.filter((name) => !served.has(name) && !later.includes(name))).toEqual([]);
    }
  });
});

describeUnless(missing, 'promtool', () => {
  it('is content with the page', { timeout: 60_000 }, async () => {
    expect(await promtool(['check', 'metrics'], await page())).toEqual({ exit: 0, said: '' });
  });

  it('is content with the rules, which fire when they should', async () => {
    const rules = await promtool(['check', 'rules', `${DEPLOY}prometheus/hostler.rules.yml`]);
    expect([rules.exit, rules.said]).toEqual([0, expect.stringContaining('SUCCESS: 8 rules found')]);
    const tests = await promtool(['test', 'rules', `${DEPLOY}prometheus/hostler.rules.test.yml`]);
    expect([tests.exit, tests.said]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });
});
