import { createServer, type ServerResponse } from 'node:http';
import type { Env } from '../config.ts';
import { BotError } from '../domain/error.ts';
import type { RunningSlack } from '../infra/slack/app.ts';
import { takeWebhook } from './alertmanager.ts';
import type { Core } from './core.ts';
import { metricsPage } from './metrics.ts';

interface Parts {
  readonly env: Env;
  readonly core: Core;
  readonly slack: RunningSlack;
}

/**
 * `/healthz`: the process answers and its database does. `/readyz`: and it hears Slack. JSON bodies; 200 or 503. `/metrics`: numbers
 * for Prometheus. `POST /alertmanager`: alerts from Alertmanager, where the configuration lets them in.
 */
export async function startHealth(
  listen: { readonly host: string; readonly port: number } | null,
  parts: Parts,
): Promise<{ readonly close: () => Promise<void> }> {
  if (listen === null) return { close: async () => undefined };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path === '/metrics') return metrics(response, parts);
    if (path === '/alertmanager' && parts.core.config().webhooks.alertmanager !== null)
      return void takeWebhook(request, response, parts);
    const found = answer(path, parts);
    response.writeHead(found.status, { 'content-type': 'application/json' }).end(`${JSON.stringify(found.body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new BotError('invalid_config', `metrics.listen ${listen.host}:${listen.port} can't be used: ${cause.message}`, {
          hint: 'Name a free address and port, or leave metrics out.',
        }),
      ),
    );
    server.listen(listen.port, listen.host, resolve);
  });
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function metrics(response: ServerResponse, parts: Parts): void {
  try {
    const page = metricsPage(parts);
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(page);
  } catch (error) {
    parts.core.log.error('the metrics could not be made', { error });
    response.writeHead(500).end();
  }
}

function answer(path: string, { core, slack }: Parts): { status: number; body: unknown } {
  if (path !== '/healthz' && path !== '/readyz')
    return { status: 404, body: { error: 'there is /healthz, /readyz and /metrics' } };
  const database = core.db.open;
  const health = slack.health();
  const hears = health.sockets === null || health.sockets.open > 0;
  const ok = database && (path === '/healthz' || hears);
  return { status: ok ? 200 : 503, body: { ok, database, slack: health, operations: core.service.busy() } };
}
