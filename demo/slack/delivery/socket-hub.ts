import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Bus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { asText, isJson, type Json, parseJson } from '../json.ts';
import type { Traffic } from '../traffic.ts';

/** Slack's limit on sockets of one app. */
const MAX_SOCKETS = 10;
/** A ticket from apps.connections.open is good for one connection within this time. */
const TICKET_LIFE_MS = 30_000;
const GOODBYE_MS = 500;
const PING_MS = 5000;
const HOST = 'applink-local';

/** An open socket, as tests see it. */
export interface SocketInfo {
  /** Counts up from 1. */
  n: number;
  /** Epoch milliseconds. */
  openedAt: number;
  /** Asked to go; gets no more envelopes. */
  leaving: boolean;
}

interface Socket extends SocketInfo {
  ws: WebSocket;
}

/** The app's sockets. */
export interface SocketHub {
  /** A ticket for the ws:// address of apps.connections.open. */
  ticket(): string;
  /** Takes over a connection; refuses one without a good ticket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends an envelope to the next socket in turn, `copies` times; undefined where none is open. */
  send(envelope: Json, copies: number): { socket: number } | undefined;
  sockets(): SocketInfo[];
  drop(): number;
  refresh(reason: 'refresh_requested' | 'warning', closeAfter: number): boolean;
  /** Says goodbye to all sockets; cuts those that don't answer in half a second. */
  close(): Promise<void>;
}

/** Who hears of acks and of sockets that have gone. */
export interface HubListener {
  acked(envelopeId: string, payload: unknown, socket: number): void;
  gone(socket: number): void;
}

/** Makes the hub. */
export const createSocketHub = (
  { clock, traffic, bus, appId }: { clock: Clock; traffic: Traffic; bus: Bus; appId: string },
  listener: HubListener,
): SocketHub => {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Map<string, number>();
  let sockets: Socket[] = [];
  let opened = 0;
  let turn = 0;
  const note = (name: string, socket: number, sent?: unknown): void => {
    traffic.record({ from: 'server', kind: 'socket', name, socket, sent });
  };
  const speak = (socket: Socket, message: Json): void => socket.ws.send(JSON.stringify(message));
  const disconnect = (socket: Socket, reason: string): void => {
    note(`disconnect ${reason}`, socket.n);
    speak(socket, { type: 'disconnect', reason, debug_info: { host: HOST } });
  };

  const heard = (socket: Socket, text: string): void => {
    const message = parseJson(text);
    const id = isJson(message) ? asText(message.envelope_id) : undefined;
    if (id === undefined || !isJson(message)) note('unreadable message', socket.n, text);
    else listener.acked(id, message.payload, socket.n);
  };

  const welcome = (ws: WebSocket): void => {
    opened += 1;
    const socket: Socket = { n: opened, openedAt: clock.now(), leaving: false, ws };
    // pings are the transport's business and so go by the machine's clock
    const pings = setInterval(() => ws.ping(`Ping from ${HOST}`), PING_MS);
    pings.unref();
    ws.on('message', (data) => heard(socket, data.toString()));
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      clearInterval(pings);
      if (!sockets.includes(socket)) return;
      sockets = sockets.filter((other) => other !== socket);
      note('closed', socket.n);
      listener.gone(socket.n);
    });
    if (sockets.length >= MAX_SOCKETS) {
      disconnect(socket, 'too_many_websockets');
      ws.close();
      return;
    }
    sockets.push(socket);
    note('opened', socket.n);
    speak(socket, {
      type: 'hello',
      num_connections: sockets.length,
      debug_info: { host: HOST, build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: appId },
    });
    bus.changed();
  };

  return {
    ticket: () => {
      const id = `${opened}-${tickets.size}-${clock.now()}`;
      tickets.set(id, clock.now());
      return id;
    },
    upgrade: (request, stream, head) => {
      const id = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      const issued = tickets.get(id);
      tickets.set(id, Number.NEGATIVE_INFINITY);
      if (issued === undefined || clock.now() - issued > TICKET_LIFE_MS) {
        stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, stream, head, welcome);
    },
    send: (envelope, copies) => {
      const open = sockets.filter((socket) => !socket.leaving);
      let first: Socket | undefined;
      for (let copy = 0; copy < copies && open.length > 0; copy += 1) {
        turn += 1;
        const socket = open[turn % open.length];
        if (!socket) break;
        speak(socket, envelope);
        first ??= socket;
      }
      return first && { socket: first.n };
    },
    sockets: () => sockets.map(({ n, openedAt, leaving }) => ({ n, openedAt, leaving })),
    drop: () => {
      const count = sockets.length;
      for (const socket of sockets) socket.ws.terminate();
      return count;
    },
    refresh: (reason, closeAfter) => {
      const socket = sockets.find((one) => !one.leaving);
      if (!socket) return false;
      // a warning comes some seconds ahead of the refresh, and the socket works until then
      socket.leaving = reason === 'refresh_requested';
      disconnect(socket, reason);
      clock.after(closeAfter, () => socket.ws.close());
      return true;
    },
    close: async () => {
      const closed = sockets.map(
        ({ ws }) =>
          new Promise<void>((resolve) => {
            ws.once('close', () => resolve());
            ws.close(1001);
            setTimeout(() => ws.terminate(), GOODBYE_MS).unref();
          }),
      );
      await Promise.all(closed);
      server.close();
    },
  };
};
