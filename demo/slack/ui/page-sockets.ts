import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseJson } from '../json.ts';
import type { User } from '../model/types.ts';
import type { World } from '../world.ts';
import { pageMessage } from './act-schema.ts';
import { createCells, patchBetween, type Store } from './cells.ts';
import type { Looking, Stores } from './persona-store.ts';

/** Changes within this time go as one patch. */
const COALESCE_MS = 30;
/** Messages of a channel that a page gets at first, so that it is there at once, and with each `more`. */
const WINDOW = 60;
const MORE = 240;
/** A page that reads slower than this piles up waits for its next patch. */
const MAX_BUFFERED = 4_000_000;
const MAX_HEARD = 10_000;

interface Page {
  ws: WebSocket;
  user: User;
  looking: Looking & { windows: Map<string, number> };
  cells: ReturnType<typeof createCells>;
  sent: Store;
}

/** The open pages. */
export interface PageSockets {
  /** Takes over a connection for this persona. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, user: User): void;
  close(): void;
}

const heed = (page: Page, text: string): boolean => {
  const { success, data: message } = pageMessage.safeParse(parseJson(text));
  if (!success) return false;
  const { looking } = page;
  if (message.type === 'watch') looking.traffic = message.traffic;
  else looking.windows.set(message.channel, (looking.windows.get(message.channel) ?? WINDOW) + MORE);
  return true;
};

/** Sends each page what has changed for its persona, soon after it has. */
export const createPageSockets = (world: World, stores: Stores): PageSockets => {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_HEARD });
  const pages = new Set<Page>();
  let timer: NodeJS.Timeout | undefined;

  const send = (page: Page, shared: Store): void => {
    if (page.ws.readyState !== page.ws.OPEN) return;
    if (page.ws.bufferedAmount > MAX_BUFFERED) {
      soon();
      return;
    }
    const store = stores.of(page.user, shared, page.looking, page.cells);
    const patch = patchBetween(page.sent, store, world.clock.now());
    page.sent = store;
    if (patch !== undefined) page.ws.send(patch);
  };
  const flush = (): void => {
    timer = undefined;
    const shared = stores.shared();
    for (const page of pages) send(page, shared);
  };
  const soon = (): void => {
    if (pages.size === 0) return;
    timer ??= setTimeout(flush, COALESCE_MS);
  };
  const stop = world.bus.onChange(soon);

  return {
    accept: (request, socket, head, user) => {
      server.handleUpgrade(request, socket, head, (ws) => {
        const looking = { windows: new Map<string, number>(), size: WINDOW, traffic: false };
        const page: Page = { ws, user, looking, cells: createCells(), sent: new Map() };
        pages.add(page);
        ws.on('message', (data) => {
          if (heed(page, data.toString())) soon();
        });
        ws.on('error', () => ws.terminate());
        ws.on('close', () => pages.delete(page));
        send(page, stores.shared());
      });
    },
    close: () => {
      stop();
      clearTimeout(timer);
      for (const page of pages) page.ws.terminate();
      server.close();
    },
  };
};
