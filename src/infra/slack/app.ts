import { randomBytes } from 'node:crypto';
import { App, type webApi } from '@slack/bolt';
import type Database from 'better-sqlite3';
import { BotError } from '../../domain/error.ts';
import type { HistogramSeen } from '../../domain/metric.ts';
import type { Notice } from '../../domain/notice.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Log } from '../../operations/ports.ts';
import { chartPng } from '../charts/png.ts';
import { makeHistogram } from '../metrics/histogram.ts';
import { makeGroupCommit } from '../sqlite/group-commit.ts';
import { inboxRows } from '../sqlite/inbox.ts';
import { draw } from './blocks.ts';
import { makeChannels } from './channels.ts';
import { makeCourier } from './courier.ts';
import { type Directory, makeDirectory } from './directory.ts';
import { makeIntake } from './intake.ts';
import { boltLogger } from './logger.ts';
import { httpReceiver, socketReceiver } from './receiver.ts';
import type { SocketHealth, SocketTimes } from './sockets.ts';
import { clientOptions, identify, type SlackTokens, slackClient } from './tokens.ts';

export interface SlackDeps {
  readonly tokens: SlackTokens;
  /** HTTP mode's port; 0 for any. */
  readonly port: number;
  readonly settings: () => Settings;
  readonly db: Database.Database;
  /** An operation's card as it is now. */
  readonly render: (operationId: string) => Notice | null;
  /** Tells Bolt who handles what. */
  readonly register: (app: App, edge: SlackEdge) => void;
  readonly log: Log;
  readonly socketTimes?: Partial<SocketTimes>;
  readonly onListening?: (port: number) => void;
}

/** What the handlers need of this side. */
export interface SlackEdge {
  /** With the bot's token. */
  readonly client: webApi.WebClient;
  readonly directory: Directory;
  readonly draw: typeof draw;
  readonly faultId: () => string;
}

export interface RunningSlack {
  readonly directory: Directory;
  /** There may be something to deliver. */
  readonly wake: () => void;
  readonly health: () => SlackHealth;
  /** From delivery to ack, in seconds. */
  readonly acks: () => HistogramSeen;
  /** Takes nothing more, does what it took, and lets go. What isn't delivered waits in its rows. */
  readonly stop: () => Promise<void>;
}

export interface SlackHealth {
  /** Null over HTTP. */
  readonly sockets: SocketHealth | null;
  readonly outbox: { readonly waiting: number; readonly trouble: string | null };
  /** Deliveries under way. */
  readonly busy: number;
}

const STOP_MS = 5000;
/** Slack waits three seconds. */
const ACK_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];

/**
 * Everything between Slack and the service. Throws BotError for wrong tokens and missing scopes; where Slack isn't reached, it starts
 * and goes on trying.
 */
export async function startSlack(deps: SlackDeps): Promise<RunningSlack> {
  const { tokens, db, log, settings } = deps;
  if (tokens.app === null && tokens.signingSecret === null) {
    throw new BotError('invalid_config', 'Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set', {
      hint: 'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET and PORT for HTTP.',
    });
  }
  const identity = await identify(tokens, settings());
  if (identity === null) log.warn('slack can’t be reached yet');
  const client = slackClient(tokens.bot, tokens.apiUrl);
  const channels = makeChannels(client);
  const directory = makeDirectory({ client, channels, settings, log });
  const courier = makeCourier({
    db,
    client,
    channels,
    log,
    render: deps.render,
    drawChart: chartPng,
    adminChannel: () => settings().channels.admin,
  });
  const acks = makeHistogram(ACK_BOUNDS);
  const intake = makeIntake({
    inbox: inboxRows(db),
    commit: makeGroupCommit(db),
    log,
    now: Date.now,
    acked: acks.observe,
  });
  const logger = boltLogger(log);
  const receiver =
    tokens.app !== null
      ? socketReceiver({
          appToken: tokens.app,
          clientOptions: clientOptions(tokens.apiUrl),
          intake,
          log,
          ...(deps.socketTimes === undefined ? {} : { times: deps.socketTimes }),
        })
      : httpReceiver({
          signingSecret: tokens.signingSecret ?? '',
          port: deps.port,
          intake,
          logger,
          ...(deps.onListening === undefined ? {} : { onListening: deps.onListening }),
        });
  const app = new App({
    // One workspace, one token. With `token` alone Bolt asks Slack whose it is before each handler while it doesn't know: what was
    // taken before a restart would then be lost while Slack is down.
    authorize: async () => ({
      botToken: tokens.bot,
      ...(identity === null ? {} : { botId: identity.botId, botUserId: identity.botUserId }),
    }),
    // Asked once, above; Bolt would ask Slack again before the first ack.
    tokenVerificationEnabled: false,
    receiver,
    clientOptions: clientOptions(tokens.apiUrl),
    logger,
    extendedErrorHandler: true,
    ignoreSelf: false,
    convoStore: false,
  });
  deps.register(app, { client, directory, draw, faultId: () => randomBytes(4).toString('hex') });
  courier.start();
  try {
    await receiver.start();
  } catch (cause) {
    await courier.stop();
    throw cause;
  }
  void intake.replay();
  return {
    directory,
    wake: courier.wake,
    health: () => ({ sockets: receiver.health(), outbox: courier.health(), busy: intake.busy() }),
    acks: acks.seen,
    stop: async () => {
      await receiver.stop();
      await intake.settled(STOP_MS);
      await courier.stop();
    },
  };
}
