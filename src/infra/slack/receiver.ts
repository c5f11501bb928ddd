import { type App, HTTPReceiver, type Logger, type Receiver, type ReceiverEvent, webApi } from '@slack/bolt';
import { BotError } from '../../domain/error.ts';
import type { Log } from '../../operations/ports.ts';
import type { Intake } from './intake.ts';
import { makeSockets, type SocketHealth, type SocketTimes } from './sockets.ts';

/** A Bolt receiver that can tell how it is. */
export interface HostlerReceiver extends Receiver {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Null over HTTP, where Slack calls us. */
  readonly health: () => SocketHealth | null;
}

export interface SocketReceiverOptions {
  readonly appToken: string;
  readonly clientOptions: webApi.WebClientOptions;
  readonly intake: Intake;
  readonly log: Log;
  readonly times?: Partial<SocketTimes>;
}

/** Deliveries that are under way when we stop get so long to be acked. */
const LAST_ACKS_MS = 1000;

/** Socket Mode over two sockets. */
export function socketReceiver({
  appToken,
  clientOptions,
  intake,
  log,
  times,
}: SocketReceiverOptions): HostlerReceiver {
  const client = new webApi.WebClient(appToken, clientOptions);
  const sockets = makeSockets({
    log,
    ...(times === undefined ? {} : { times }),
    address: async () => {
      const { url } = await client.apps.connections.open({});
      if (url === undefined) throw new Error('apps.connections.open gave no url');
      return url;
    },
    onEnvelope: (envelope, ack) => {
      const { id, body, retryNum, retryReason } = envelope;
      void intake.take({ key: id, body, ack, retryNum, retryReason });
    },
  });
  return {
    init: intake.bind,
    start: sockets.start,
    stop: async () => {
      await intake.settled(LAST_ACKS_MS);
      await sockets.stop();
    },
    health: sockets.health,
  };
}

export interface HttpReceiverOptions {
  readonly signingSecret: string;
  /** 0: any free one. */
  readonly port: number;
  readonly intake: Intake;
  readonly logger: Logger;
  /** Told the port when it listens. */
  readonly onListening?: (port: number) => void;
}

/** Bolt's own HTTP receiver, which checks signatures, with our inbox behind it. */
export function httpReceiver(options: HttpReceiverOptions): HostlerReceiver {
  const { signingSecret, port, intake, logger } = options;
  const http = new HTTPReceiver({ signingSecret, logger, endpoints: ['/slack/events'] });
  return {
    init: (app: App) => {
      intake.bind(app);
      // The receiver sees an app whose events go through the inbox first.
      const behindInbox: App = Object.create(app, {
        processEvent: {
          value: (event: ReceiverEvent) =>
            intake.take({
              key: typeof event.body.trigger_id === 'string' ? event.body.trigger_id : null,
              ...payloadOf(event),
              retryNum: event.retryNum,
              retryReason: event.retryReason,
            }),
        },
      });
      http.init(behindInbox);
    },
    start: async () => {
      try {
        const server = await http.start(port);
        const address = server.address();
        options.onListening?.(typeof address === 'object' && address !== null ? address.port : port);
      } catch (cause) {
        throw new BotError('invalid_config', `Hostler can’t listen for Slack on port ${port}`, {
          hint: 'Another program has it, or ports below 1024 need root: set PORT to another one.',
          cause,
        });
      }
    },
    stop: async () => {
      await http.stop();
    },
    health: () => null,
  };
}

function payloadOf(event: ReceiverEvent): Pick<Parameters<Intake['take']>[0], 'body' | 'ack'> {
  return { body: event.body, ack: async (response?: unknown) => event.ack(response) };
}
