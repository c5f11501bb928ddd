import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { User } from '../model/types.ts';
import type { World } from '../world.ts';
import { actRequest, troubleRequest } from './act-schema.ts';
import { json, readAs, refuse } from './answers.ts';
import { createCells, type Store, storeJson } from './cells.ts';
import { refusal } from './guard.ts';
import { createPageSockets } from './page-sockets.ts';
import { createStores } from './persona-store.ts';
import type { CompletionEntity } from './protocol.ts';
import { runAct } from './run-act.ts';
import { runTrouble } from './run-trouble.ts';
import { serveFile } from './serve-file.ts';
import { serveStatic } from './static-files.ts';

/** The web page of a chat server. */
export interface PageOptions {
  /** Where the built page lies, with its index.html. */
  folder: string;
  /** What can be typed after the app's commands; without it, only the commands are offered. */
  completion?: CompletionEntity;
}

/** Serves the page and what it asks for. */
export interface PageServer {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** What Slack itself would answer. */
const SLACKS = ['/api/', '/response/', '/upload/', '/files-pri/', '/link/'];

/** True for what the page asks for, false for what the app does. */
export const isPagePath = (path: string): boolean => !SLACKS.some((start) => path.startsWith(start));

/** Where a request goes; undefined where its path is none. */
const urlOf = ({ url = '/' }: IncomingMessage): URL | undefined =>
  url.startsWith('/') && URL.canParse(`http://localhost${url}`) ? new URL(`http://localhost${url}`) : undefined;

/** The person whose eyes are asked for; the first one where nobody is named. */
const personOf = ({ workspace }: World, url: URL): User | undefined => {
  const name = url.searchParams.get('as') ?? '';
  const users = [...workspace.users.values()];
  const user =
    workspace.users.get(name) ?? users.find((one) => (name === '' ? !one.isBot && !one.deleted : one.name === name));
  return user && !user.isBot && !user.deleted ? user : undefined;
};

/** /archives/CHANNEL/pTS, as chat.getPermalink gives it, to where the page shows it. */
const permalink = (url: URL): string | undefined => {
  const [, channel, seconds, micros] = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(url.pathname) ?? [];
  if (channel === undefined) return undefined;
  const thread = url.searchParams.get('thread_ts');
  const query = new URLSearchParams({
    channel,
    message: `${seconds}.${micros}`,
    ...(thread === null ? {} : { thread }),
  });
  return `/?${query.toString()}`;
};

/** Makes the page's half of a chat server that listens on `listening`. */
export const createPageServer = (world: World, { folder, completion }: PageOptions, listening: string): PageServer => {
  const stores = createStores(world, completion);
  const sockets = createPageSockets(world, stores);

  const wholeStore = (user: User, traffic: boolean): Store =>
    stores.of(user, stores.shared(), { windows: new Map(), size: Infinity, traffic }, createCells());
  const serveState = (response: ServerResponse, user: User, url: URL): void => {
    const store = wholeStore(user, url.searchParams.get('traffic') === '1');
    json(response, 200, `{"at":${world.clock.now()},"entities":${storeJson(store)}}`);
  };
  const serveUi = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.slice('/ui/'.length);
    if (path === 'act') {
      const act = await readAs(actRequest, request, response);
      if (act) json(response, 200, await runAct(world, act));
      return;
    }
    if (path === 'trouble') {
      const wanted = await readAs(troubleRequest, request, response);
      if (wanted) json(response, 200, runTrouble(world, wanted));
      return;
    }
    const user = personOf(world, url);
    if (path !== 'state' && !path.startsWith('files/')) return refuse(response, 404, 'There is no such thing.');
    if (!user)
      return refuse(response, 404, `There is no active person ${url.searchParams.get('as') ?? ''}; give ?as=NAME.`);
    if (path === 'state') serveState(response, user, url);
    else {
      const file = world.files.find(path.slice('files/'.length));
      // what one may not see isn't there, as on Slack
      if (!file?.bytes || !wholeStore(user, false).has(`file:${file.id}`))
        refuse(response, 404, 'There is no such file.');
      else serveFile(response, file, file.bytes);
    }
  };

  return {
    serve: async (request, response) => {
      const problem = refusal(request, listening);
      if (problem !== undefined) return refuse(response, 403, `${problem}.`);
      const url = urlOf(request);
      if (!url) return refuse(response, 400, 'The path is none.');
      if (url.pathname.startsWith('/ui/')) return serveUi(request, response, url);
      if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Use GET.');
      const shown = permalink(url);
      if (shown !== undefined) {
        response.writeHead(302, { location: shown }).end();
        return;
      }
      const host = request.headers.host ?? '';
      await serveStatic({ folder, pathname: url.pathname, host, isHead: request.method === 'HEAD' }, response);
    },
    upgrade: (request, socket, head) => {
      const url = urlOf(request);
      const user = url && personOf(world, url);
      // a connection that is cut meanwhile is no fault of this server
      socket.on('error', () => socket.destroy());
      const end = (status: string): void => {
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      };
      if (refusal(request, listening) !== undefined) end('403 Forbidden');
      else if (url?.pathname !== '/ui/ws' || !user) end('404 Not Found');
      else sockets.accept(request, socket, head, user);
    },
    close: sockets.close,
  };
};
