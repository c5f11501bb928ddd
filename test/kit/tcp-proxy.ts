/** A TCP proxy that can cut or stall what goes through it: for links that fail. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Ends every connection at once, without a goodbye; new ones go through. */
  readonly cut: () => void;
  /** From now on nothing goes through either way, and nobody is told. */
  readonly stall: () => void;
  readonly resume: () => void;
  /** Cuts when so many further bytes have come from the client. */
  readonly cutAfter: (bytes: number) => void;
  /** Refuses (closes) new connections, or takes them again. */
  readonly refuse: (yes: boolean) => void;
  /** Connections that were made until now. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let stalled = false;
  let refusing = false;
  let budget = Number.POSITIVE_INFINITY;
  let connections = 0;

  const cut = (): void => {
    for (const [client, target] of pairs) {
      client.resetAndDestroy();
      target.resetAndDestroy();
    }
    pairs.clear();
  };
  const server = createServer((client) => {
    connections += 1;
    if (refusing) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    if (stalled) client.pause();
    client.on('data', (chunk) => {
      budget -= chunk.length;
      if (budget >= 0) {
        target.write(chunk);
        return;
      }
      target.write(chunk.subarray(0, chunk.length + budget));
      budget = Number.POSITIVE_INFINITY;
      cut();
    });
    target.on('data', (chunk) => client.write(chunk));
    for (const [one, other] of [pair, [target, client] as const]) {
      one.on('error', () => {});
      one.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cut,
    stall: () => {
      stalled = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    resume: () => {
      stalled = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    cutAfter: (bytes) => {
      budget = bytes;
    },
    refuse: (yes) => {
      refusing = yes;
    },
    connections: () => connections,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
