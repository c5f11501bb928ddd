import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { BotError } from '../domain/error.ts';
import type { Log } from '../operations/ports.ts';
import { readJsonLines, writeJsonLine } from './json-lines.ts';
import { FromClient, type FromServer, PROTOCOL, type RunRequest, type RunResult } from './protocol.ts';
import { failure, type SessionIo } from './session.ts';
import { socketFile, withShortPath } from './socket-path.ts';

export interface CommandSocket {
  /** Takes no more callers, and hangs up on those who only look on: what they started goes on. */
  readonly close: () => Promise<void>;
}

/**
 * Listens in the state directory for `hostler run`, for this user alone (0600). The caller holds the directory's lock, so a socket that
 * lies there is a dead bot's. Throws `invalid_config` when something else lies in its place or can't be made.
 */
export async function openCommandSocket(
  stateDir: string,
  handle: (request: RunRequest, io: SessionIo) => Promise<RunResult>,
  log: Log,
): Promise<CommandSocket> {
  const file = socketFile(stateDir);
  removeStale(file);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, handle, log);
  });
  const listening = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  // The socket is bound within `listen`: between the two no other file is made.
  const umask = process.umask(0o177);
  try {
    withShortPath(stateDir, (path) => server.listen(path));
  } finally {
    process.umask(umask);
  }
  try {
    await listening;
    chmodSync(file, 0o600);
  } catch (cause) {
    throw new BotError('invalid_config', `The socket ${file} can’t be made`, {
      hint: 'See that the state directory is writable and on a local file system.',
      cause,
    });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          rmSync(file, { force: true });
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function removeStale(file: string): void {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isSocket()) {
    rmSync(file, { force: true });
    return;
  }
  throw new BotError('invalid_config', `${file} is there and is no socket`, {
    hint: 'Move it away: Hostler listens there for `hostler run`.',
  });
}

function serve(socket: Socket, handle: (request: RunRequest, io: SessionIo) => Promise<RunResult>, log: Log): void {
  const cancel = new AbortController();
  const gone = new AbortController();
  let answer: ((yes: boolean) => void) | null = null;
  let started = false;
  const send = (message: FromServer): void => writeJsonLine(socket, message);
  const hangUp = (): void => {
    gone.abort();
    answer?.(false);
  };
  socket.on('error', (error) => log.debug('a caller’s connection failed', { error }));
  socket.on('close', hangUp);
  socket.on('end', hangUp);

  const finish = (result: RunResult): void => {
    send({ type: 'result', ...result });
    socket.end();
  };
  readJsonLines(socket, (value) => {
    const message = FromClient.safeParse(value);
    if (!message.success || (message.data.type === 'run' && message.data.protocol !== PROTOCOL)) {
      const fault = new BotError('invalid_input', 'The running bot is of another version of Hostler', {
        hint: 'Restart it, so that both are of the same.',
      });
      finish(failure(fault));
      return;
    }
    if (message.data.type === 'cancel') cancel.abort();
    else if (message.data.type === 'answer') answer?.(message.data.yes);
    else if (!started) {
      started = true;
      const io: SessionIo = {
        card: (operation, notice) => send({ type: 'card', operation, notice }),
        note: (text) => send({ type: 'note', text }),
        ask: (text) =>
          new Promise<boolean>((resolve) => {
            if (gone.signal.aborted || cancel.signal.aborted) return resolve(false);
            answer = resolve;
            cancel.signal.addEventListener('abort', () => resolve(false), { once: true });
            send({ type: 'question', text });
          }),
        cancel: cancel.signal,
        gone: gone.signal,
      };
      handle(message.data.request, io).then(finish, (error: unknown) => {
        log.error('a run over the socket met a bug', { error });
        socket.destroy();
      });
    }
  });
}
