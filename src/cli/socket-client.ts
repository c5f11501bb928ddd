import { connect, type Socket } from 'node:net';
import { BotError } from '../domain/error.ts';
import { readJsonLines, writeJsonLine } from './json-lines.ts';
import { FromServer, PROTOCOL, type RunRequest, type RunResult } from './protocol.ts';
import type { SessionIo } from './session.ts';
import { withShortPath } from './socket-path.ts';

/** Connects to the bot that runs on this state directory; null where none does. Throws `forbidden` when it is somebody else's. */
export async function connectToBot(stateDir: string): Promise<Socket | null> {
  const socket = withShortPath(stateDir, (path) => connect(path));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  } catch (cause) {
    socket.destroy();
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // Nobody listens: there is no socket, or a dead bot left it.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED') return null;
    const denied = code === 'EACCES' || code === 'EPERM';
    throw new BotError(denied ? 'forbidden' : 'conflict', 'The bot’s socket can’t be opened', {
      hint: denied ? 'Run this as the bot’s own user, for example with `sudo -u`.' : `See ${stateDir}.`,
      cause,
    });
  }
}

/** Lets the bot do the run, and passes on what it tells and asks. */
export async function runOverSocket(socket: Socket, request: RunRequest, io: SessionIo): Promise<RunResult> {
  return await new Promise<RunResult>((resolve, reject) => {
    let result: RunResult | null = null;
    const cancel = (): void => writeJsonLine(socket, { type: 'cancel' });
    io.cancel.addEventListener('abort', cancel, { once: true });
    io.gone.addEventListener('abort', () => socket.destroy(), { once: true });
    readJsonLines(socket, (value) => {
      const message = FromServer.safeParse(value);
      if (!message.success) {
        socket.destroy();
        return;
      }
      const event = message.data;
      if (event.type === 'card') io.card(event.operation, event.notice);
      else if (event.type === 'note') io.note(event.text);
      else if (event.type === 'result') result = { exit: event.exit, document: event.document, notice: event.notice };
      else io.ask(event.text).then((yes) => writeJsonLine(socket, { type: 'answer', yes }), reject);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      io.cancel.removeEventListener('abort', cancel);
      if (result !== null) return resolve(result);
      reject(
        new BotError('outcome_unknown', 'The bot hung up before the end', {
          hint: 'What it had begun goes on when it runs again: see `hostler run -- audit search`.',
        }),
      );
    });
    writeJsonLine(socket, { type: 'run', protocol: PROTOCOL, request });
  });
}
