import { createServer, type Server } from 'node:http';
import { createRateLimiter, type RateLimitOptions } from './api/rate-limits.ts';
import type { InstalledApp } from './app.ts';
import type { Bus } from './bus.ts';
import type { SocketInfo } from './delivery/socket-hub.ts';
import { route } from './http/router.ts';
import { createWorld, type WorldOptions } from './make-world.ts';
import { snapshot } from './model/messages.ts';
import type { Message, StoredFile, View } from './model/types.ts';
import type { Workspace } from './model/workspace.ts';
import { createPersona, type Persona } from './persona/persona.ts';
import { fromSaved, toSaved } from './state/convert.ts';
import { keepState, loadState } from './state/state-file.ts';
import type { Traffic } from './traffic.ts';
import type { Trouble } from './trouble.ts';
import { createPageServer, isPagePath, type PageOptions } from './ui/page-server.ts';

/** How to start a chat server. */
export interface ChatServerOptions extends WorldOptions {
  /** 0 (default): any free one. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** The app's request URL: then everything goes there over HTTP, signed. Without it: Socket Mode. */
  requestUrl?: string;
  /** False: no limits. By default limits with a generous burst. */
  rateLimits?: false | RateLimitOptions;
  /** The web page for people, on the same port. Without it: none. */
  page?: PageOptions;
  /** Keeps people, channels, messages, files, Home tabs and read marks in this JSON file over restarts. */
  stateFile?: string;
}

type Ref = string | { id: string };

/** A running chat server with the hands of tests on it. Messages and views given out are copies. */
export interface ChatServer {
  /** http://127.0.0.1:PORT */
  url: string;
  /** For SLACK_API_URL or `clientOptions.slackApiUrl`. */
  apiUrl: string;
  /** What the bot's process needs in its environment. */
  env: Record<'SLACK_API_URL' | 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN' | 'SLACK_SIGNING_SECRET', string>;
  app: InstalledApp;
  workspace: Workspace;
  addUser: Workspace['addUser'];
  addChannel: Workspace['addChannel'];
  addUserGroup: Workspace['addUserGroup'];
  as(user: Ref): Persona;
  /** All that was said in a channel, replies too, oldest first. */
  messages(channel: Ref): Message[];
  thread(channel: Ref, ts: string): Message[];
  ephemerals(user: Ref): Message[];
  /** The direct conversation of the app and a person. */
  directMessages(user: Ref): Message[];
  /** The person's modals, the visible one last. */
  views(user: Ref): View[];
  home(user: Ref): View | undefined;
  files(): StoredFile[];
  sockets(): SocketInfo[];
  waitFor: Bus['waitFor'];
  trouble: Trouble;
  traffic: Traffic;
  /** There was a state file, and this goes on from it. */
  restored: boolean;
  /** Changes to HTTP delivery, or with undefined to Socket Mode. */
  deliverTo(requestUrl: string | undefined): void;
  close(): Promise<void>;
}

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });

/**
 * Starts a chat server: Slack's Web API, Socket Mode and HTTP delivery on one port. Rejects where it can't listen, and
 * with a RangeError where the state file is of another format.
 */
export const startChatServer = async (options: ChatServerOptions = {}): Promise<ChatServer> => {
  const host = options.host ?? '127.0.0.1';
  const saved = options.stateFile === undefined ? undefined : loadState(options.stateFile);
  let url = '';
  let requestUrl = options.requestUrl;
  const world = createWorld(
    options,
    () => url,
    () => requestUrl,
    saved && fromSaved(saved),
  );
  const { workspace, messages, views, hub, app } = world;
  const limiter = options.rateLimits === false ? undefined : createRateLimiter(world.clock, options.rateLimits);
  const page = options.page && createPageServer(world, options.page, host);
  const server = createServer((request, response) => {
    const answered =
      page && isPagePath(request.url ?? '/') ? page.serve(request, response) : route(world, limiter, request, response);
    answered.catch((cause: unknown) => {
      // a fault of this server, or a request cut short: said aloud, for it would otherwise look like the bot's
      console.error('chat server:', request.method, request.url, cause);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end('chat server fault');
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (page && isPagePath(request.url ?? '/')) page.upgrade(request, socket, head);
    else if (world.trouble.isDown() || !request.url?.startsWith('/link/')) socket.destroy();
    else hub.upgrade(request, socket, head);
  });
  const port = await listen(server, options.port ?? 0, host);
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const keeper =
    options.stateFile === undefined
      ? undefined
      : keepState(
          options.stateFile,
          world.bus,
          () => toSaved(world),
          (cause) => console.error('chat server: the state is not written:', cause),
        );
  const user = (ref: Ref): string => workspace.user(ref).id;
  return {
    url,
    apiUrl: `${url}/api/`,
    env: {
      SLACK_API_URL: `${url}/api/`,
      SLACK_BOT_TOKEN: app.botToken,
      SLACK_APP_TOKEN: app.appToken,
      SLACK_SIGNING_SECRET: app.signingSecret,
    },
    app,
    workspace,
    addUser: workspace.addUser,
    addChannel: workspace.addChannel,
    addUserGroup: workspace.addUserGroup,
    as: (ref) => createPersona(world, ref),
    messages: (ref) => [...workspace.channel(ref).messages.values()].map(snapshot),
    thread: (ref, ts) => messages.thread(workspace.channel(ref), ts).map(snapshot),
    ephemerals: (ref) => messages.ephemerals(user(ref)).map(snapshot),
    directMessages: (ref) => [...workspace.direct([app.botUserId, user(ref)]).messages.values()].map(snapshot),
    views: (ref) => structuredClone(views.stack(user(ref))),
    home: (ref) => structuredClone(views.home(user(ref))),
    files: () => world.files.all(),
    sockets: () => hub.sockets(),
    waitFor: world.bus.waitFor,
    trouble: world.trouble,
    traffic: world.traffic,
    restored: saved !== undefined,
    deliverTo: (target) => {
      requestUrl = target;
    },
    close: async () => {
      page?.close();
      await hub.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await keeper?.close();
    },
  };
};
