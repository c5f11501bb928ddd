/** Child of bench/ack.ts: `ours` or `bare` behind the chat server at that address. */
import { App, SocketModeReceiver } from '@slack/bolt';
import { registerHandlers } from '../src/handlers/register.ts';
import { startSlack } from '../src/infra/slack/app.ts';
import { quietLogger } from '../src/infra/slack/logger.ts';
import { testSettings } from '../test/kit/settings.ts';
import { makeWorld } from '../test/kit/world.ts';
import { tell } from './ack-wire.ts';

const [who = '', apiUrl = ''] = process.argv.slice(2);
const [bot, app] = ['xoxb-local-bot', 'xapp-local-app'];
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** All of Hostler: the inbox on disk, the parser, the service over simulated hosts, the answer. */
async function ours(): Promise<void> {
  const people = testSettings([]).people.map((person) => ({
    ...person,
    slack: `U0${person.name.toUpperCase().replaceAll('-', '')}`,
  }));
  const world = await makeWorld({ settings: { people } });
  const slack = await startSlack({
    tokens: { bot, app, signingSecret: null, apiUrl },
    port: 0,
    settings: () => world.settings,
    db: world.db,
    render: world.service.card,
    register: (bolt, edge) =>
      registerHandlers(bolt, { ...edge, service: world.service, prefix: '', onChange: world.onChange, log: quiet }),
    log: quiet,
  });
  const looking = setInterval(() => {
    if (slack.health().sockets?.open !== 2) return;
    clearInterval(looking);
    tell({ connected: true });
  }, 20);
}

/** Bolt as it comes, which acks and does nothing else. */
async function bare(): Promise<void> {
  const clientOptions = { slackApiUrl: apiUrl };
  const receiver = new SocketModeReceiver({ appToken: app, logger: quietLogger, installerOptions: { clientOptions } });
  const bolt = new App({ token: bot, receiver, clientOptions, logger: quietLogger });
  bolt.command('/vm', async ({ ack }) => ack());
  await bolt.start();
  tell({ connected: true });
}

process.on('disconnect', () => process.exit(0));
await (who === 'ours' ? ours() : bare());
