import { type Config, type Env, lookUpSecret } from '../config.ts';
import { systemClock } from '../infra/clock.ts';
import { startSender, type WebhookSender, type WebhookTarget } from '../infra/webhook/sender.ts';
import type { Core } from './core.ts';

/** Throws `invalid_config` for a token that is referred to and isn't there. */
export function checkWebhookTokens({ webhooks }: Config, env: Env): void {
  for (const ref of [webhooks.alertmanager, ...webhooks.out.map(({ token }) => token)])
    if (ref !== null) lookUpSecret(ref, env);
}

/** Sends our alerts on to the webhooks of the configuration, as it is now. */
export function startWebhooks(core: Core, env: Env): WebhookSender {
  const targets = (): WebhookTarget[] =>
    core.config().webhooks.out.map(({ name, url, token }) => ({
      name,
      url,
      token: () => (token === null ? null : lookUpSecret(token, env).reveal()),
    }));
  return startSender({
    rows: core.rows,
    targets,
    log: core.log,
    onTrouble: (name, why) => tellAdmins(core, name, why),
  });
}

/** Once a day for each webhook. */
function tellAdmins({ rows, settings }: Core, name: string, why: string): void {
  const { admin } = settings().channels;
  if (admin === null) return;
  const day = new Date(systemClock.now()).toISOString().slice(0, 10);
  rows.transaction(() =>
    rows.post({
      key: `webhook:${name}:${day}`,
      to: admin,
      underOperation: null,
      notice: {
        tone: 'warn',
        title: `The webhook ${name} can’t be reached`,
        lines: [`It says: ${why}. Alerts for it wait, and go out in order when it answers again.`],
      },
    }),
  );
}
