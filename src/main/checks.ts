import type { Check } from '../cli/composition.ts';
import { type Config, connectionsOf, type Env } from '../config.ts';
import { makeCheckHost } from '../infra/check-host.ts';
import { systemClock } from '../infra/clock.ts';
import { makeDriver } from '../infra/driver.ts';
import { checkSlack } from '../infra/slack/tokens.ts';
import { makeStateDir } from '../infra/sqlite/state-lock.ts';
import { openFleet } from '../infra/ssh/fleet.ts';
import type { CheckLine } from '../operations/ports.ts';
import { slackTokens } from './slack-tokens.ts';
import { checkWebhookTokens } from './webhooks.ts';

/** All parts of `hostler check`. Where the configuration is bad, that is all there is to tell. */
export async function checksFor(load: () => Promise<Config>, env: Env): Promise<Check[]> {
  let config: Config;
  try {
    config = await load();
  } catch (cause) {
    return [
      {
        name: 'Configuration',
        run: async () => {
          throw cause;
        },
      },
    ];
  }
  const { settings } = config;
  const told: Check = {
    name: 'Configuration',
    run: async () => [
      { ok: true, what: `it can be read: ${counts(config)}`, hint: null },
      ...(settings.hosts.length === 0 ? [{ ok: false, what: 'it names no hosts', hint: 'Add one under hosts:.' }] : []),
      ...(settings.teams.length === 0 ? [{ ok: false, what: 'it names no teams', hint: 'Add one under teams:.' }] : []),
    ],
  };
  const state: Check = {
    name: 'State directory',
    run: async (): Promise<CheckLine[]> => {
      makeStateDir(config.stateDir);
      return [{ ok: true, what: `${config.stateDir} is writable`, hint: null }];
    },
  };
  const slack: Check = { name: 'Slack', run: async () => [...(await checkSlack(slackTokens(config, env), settings))] };
  const webhooks: Check = {
    name: 'Webhooks',
    run: async () => {
      checkWebhookTokens(config, env);
      return [{ ok: true, what: 'their tokens are there', hint: null }];
    },
  };
  const { alertmanager, out } = config.webhooks;
  const asked = alertmanager === null && out.length === 0 ? [] : [webhooks];
  return [told, state, slack, ...asked, ...hostChecks(config, env)];
}

function hostChecks(config: Config, env: Env): Check[] {
  const { settings } = config;
  return settings.hosts.map((host) => ({
    name: `Host ${host.name}`,
    run: async () => {
      // A fleet of its own for each, so that one missing passphrase is one host's ✗; all of it, for jump hosts.
      const fleet = openFleet(connectionsOf(config, env), { clock: systemClock });
      try {
        return await makeCheckHost({ fleet, driver: makeDriver(), settings: () => settings, clock: systemClock })(
          host.name,
        );
      } finally {
        await fleet.close();
      }
    },
  }));
}

function counts({ settings }: Config): string {
  const { hosts, teams, people, flavors, images } = settings;
  const count = (things: readonly unknown[], one: string, many = `${one}s`) =>
    `${things.length} ${things.length === 1 ? one : many}`;
  return [
    count(hosts, 'host'),
    count(teams, 'team'),
    count(people, 'person', 'people'),
    count(flavors, 'flavor'),
    count(images, 'image'),
  ].join(', ');
}
