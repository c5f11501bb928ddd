/** An SSH server before a simulated host: host key, public-key login, exec channels, ten sessions a connection as sshd has. */
import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import type { SimHost } from './host.ts';
import { type KeyPair, makeKeyPair, wireOf } from './keys.ts';

export interface HostServerOptions {
  /** Public key lines that may log in, as the host's user. */
  readonly authorizedKeys: readonly string[];
  /** 0 (default) takes any free one. */
  readonly port?: number;
  readonly address?: string;
  /** A kept key; else a fresh one is made. */
  readonly hostKey?: KeyPair;
  /** sshd's MaxSessions. */
  readonly maxSessions?: number;
}

export interface HostServer {
  readonly port: number;
  readonly address: string;
  /** Of the key that it shows now: the public line. */
  readonly hostKey: () => string;
  /** Shows another key from now on, as a reinstalled host does; open links are cut. Answers how to show the old one again. */
  readonly changeKey: (key?: KeyPair) => () => void;
  /** Cuts every open link; new ones are let in. */
  readonly cutAll: () => void;
  /** Links that are open. */
  readonly links: () => number;
  readonly close: () => Promise<void>;
}

/** Listens until closed. Rejects when the port is taken. */
export function serveHost(host: SimHost, options: HostServerOptions): Promise<HostServer> {
  const { address = '127.0.0.1', maxSessions = 10 } = options;
  const allowed = options.authorizedKeys.map(wireOf);
  const sockets = new Set<Socket>();
  let key = options.hostKey ?? makeKeyPair(host.name);
  let server = sshServer();

  function sshServer() {
    return new ssh2.Server({ hostKeys: [key.privateKey] }, (client, info) => {
      const socket = [...sockets].find((it) => it.remotePort === info.port);
      serveClient(host, client, allowed, maxSessions, () => socket?.destroy());
    });
  }
  const show = (next: KeyPair): void => {
    key = next;
    server = sshServer();
    cutAll();
  };
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const listener = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    if (host.trouble.down) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    server.injectSocket(socket);
  });
  const forget = host.trouble.onDown(cutAll);

  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port ?? 0, address, () => {
      const bound = listener.address();
      resolve({
        port: typeof bound === 'object' && bound !== null ? bound.port : 0,
        address,
        hostKey: () => key.publicKey,
        changeKey: (next = makeKeyPair(host.name)) => {
          const old = key;
          show(next);
          return () => show(old);
        },
        cutAll,
        links: () => sockets.size,
        close: () => {
          forget();
          return new Promise((done) => {
            listener.close(() => done());
            cutAll();
          });
        },
      });
    });
  });
}

function serveClient(
  host: SimHost,
  client: Connection,
  allowed: readonly Buffer[],
  maxSessions: number,
  cut: () => void,
): void {
  const gone = new AbortController();
  let sessions = 0;
  client.on('error', () => {});
  client.on('close', () => gone.abort());
  client.on('authentication', (context) => {
    if (context.username === host.model.user && isAllowed(context, allowed)) context.accept();
    else context.reject(['publickey']);
  });
  client.on('session', (accept, reject) => {
    if (sessions >= maxSessions) {
      reject();
      return;
    }
    sessions += 1;
    const session = accept();
    session.on('close', () => {
      sessions -= 1;
    });
    serveSession(host, session, gone.signal, cut);
  });
}

function isAllowed(context: AuthContext, allowed: readonly Buffer[]): boolean {
  if (context.method !== 'publickey') return false;
  const known = allowed.find((it) => it.equals(context.key.data));
  if (known === undefined) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  const key = ssh2.utils.parseKey(known);
  return !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function serveSession(host: SimHost, session: Session, gone: AbortSignal, cut: () => void): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    const closed = new AbortController();
    channel.on('error', () => {});
    // The other side may close while we answer.
    channel.stderr.on('error', () => {});
    channel.on('close', () => closed.abort());
    const stdin: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => stdin.push(chunk));
    channel.on('end', () => {
      void runExec(
        host,
        channel,
        command,
        Buffer.concat(stdin).toString(),
        AbortSignal.any([gone, closed.signal]),
        cut,
      );
    });
  });
}

async function runExec(
  host: SimHost,
  channel: ServerChannel,
  command: string,
  stdin: string,
  signal: AbortSignal,
  cut: () => void,
): Promise<void> {
  const output = {
    stdout: (text: string) => void (text === '' || signal.aborted || channel.write(text)),
    stderr: (text: string) => void (text === '' || signal.aborted || channel.stderr.write(text)),
  };
  const ended = await host.exec(command, stdin, output, signal);
  if (ended.kind === 'cut') {
    // What was written before goes out first.
    setImmediate(cut);
    return;
  }
  if (signal.aborted) return;
  channel.exit(ended.exit);
  channel.end();
}
