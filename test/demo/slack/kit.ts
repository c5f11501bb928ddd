/** A real Bolt app on a chat server, for the tests of the chat server itself. */
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { type ChatServer, type ChatServerOptions, startChatServer } from '../../../demo/slack/server.ts';

/** A manifest with what the tests use. */
export const MANIFEST = {
  display_information: { name: 'Hostler' },
  features: {
    app_home: { home_tab_enabled: true },
    bot_user: { display_name: 'hostler' },
    slash_commands: [
      { command: '/vm', description: 'VMs', usage_hint: 'create NAME', should_escape: true },
      { command: '/host', description: 'Hosts' },
    ],
    shortcuts: [{ name: 'New VM', type: 'global', callback_id: 'new_vm', description: 'Create' }],
  },
  settings: {
    socket_mode_enabled: true,
    event_subscriptions: { bot_events: ['app_home_opened', 'app_mention', 'member_joined_channel'] },
  },
};

const started: { stop(): Promise<unknown> }[] = [];

/** Stops all that a test has started; to be called after each. */
export const stopAll = async (): Promise<void> => {
  for (const one of started.splice(0).reverse()) await one.stop();
};

/** A chat server with alice and bob, and the bot in #ops. */
export const chat = async (options: ChatServerOptions = {}): Promise<ChatServer> => {
  const server = await startChatServer({ manifest: MANIFEST, ...options });
  started.push({ stop: server.close });
  server.addUser({ name: 'alice' });
  server.addUser({ name: 'bob' });
  server.addChannel({ name: 'ops', members: ['alice', 'bob', 'hostler'] });
  return server;
};

const quiet = LogLevel.ERROR;
const noop = (): void => undefined;

/** For clients whose complaints are what the test is about. */
export const silent: Logger = {
  debug: noop,
  info: noop,
  warn: noop,
  error: noop,
  setLevel: noop,
  getLevel: () => quiet,
  setName: noop,
};

/** A Bolt app in Socket Mode, which knows of the server by its address and tokens only. Starts it after `wire`. */
export const socketApp = async (server: ChatServer, wire: (app: App) => void): Promise<App> => {
  const clientOptions = { slackApiUrl: server.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: server.env.SLACK_APP_TOKEN,
    logger: silent,
    // the SDK waits so long before it comes back after a refresh
    clientPingTimeout: 200,
    installerOptions: { clientOptions },
  });
  const app = new App({ token: server.env.SLACK_BOT_TOKEN, receiver, clientOptions, logger: silent });
  wire(app);
  await app.start();
  started.push(app);
  return app;
};

/** A Bolt app behind HTTP, with Bolt's own check of signatures; the server is told where it is. */
export const httpApp = async (
  server: ChatServer,
  wire: (app: App) => void,
  signingSecret = server.env.SLACK_SIGNING_SECRET,
): Promise<App> => {
  const clientOptions = { slackApiUrl: server.apiUrl };
  const receiver = new HTTPReceiver({
    signingSecret,
    logger: silent,
  });
  const app = new App({ token: server.env.SLACK_BOT_TOKEN, receiver, clientOptions, logger: silent });
  wire(app);
  const listening = await receiver.start(0);
  started.push(receiver);
  const address = listening.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  server.deliverTo(`http://127.0.0.1:${address.port}/slack/events`);
  return app;
};

/** A section with one button. */
export const buttonBlocks = (actionId = 'go', more: Record<string, unknown> = {}) => [
  { type: 'section', text: { type: 'mrkdwn', text: 'Plan' } },
  {
    type: 'actions',
    block_id: 'acts',
    elements: [
      { type: 'button', action_id: actionId, text: { type: 'plain_text', text: 'Create' }, value: 'v1', ...more },
    ],
  },
];
