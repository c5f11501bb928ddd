import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRequest, RunResult } from '../../src/cli/protocol.ts';
import type { SessionIo } from '../../src/cli/session.ts';
import { connectToBot, runOverSocket } from '../../src/cli/socket-client.ts';
import { socketFile } from '../../src/cli/socket-path.ts';
import { type CommandSocket, openCommandSocket } from '../../src/cli/socket-server.ts';
import type { Log } from '../../src/operations/ports.ts';

const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const REQUEST: RunRequest = {
  argv: ['vm', 'list'],
  osUser: 'root',
  as: null,
  channel: null,
  yes: false,
  interactive: true,
  wait: true,
};
const RESULT: RunResult = {
  exit: 3,
  document: { list: ['ü', 'a\nb'] },
  notice: { tone: 'plain', title: 'Ein Ergebnis' },
};

let stateDir: string;
let open: CommandSocket[];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'hostler-socket-'));
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((socket) => socket.close()));
  rmSync(stateDir, { recursive: true, force: true });
});

async function listen(
  handle: (request: RunRequest, io: SessionIo) => Promise<RunResult>,
  dir = stateDir,
): Promise<void> {
  open.push(await openCommandSocket(dir, handle, log));
}

function io(change: Partial<SessionIo> = {}): SessionIo {
  const never = new AbortController().signal;
  return { card: nothing, note: nothing, ask: async () => false, cancel: never, gone: never, ...change };
}

async function call(caller: SessionIo, dir = stateDir): Promise<RunResult> {
  const socket = await connectToBot(dir);
  if (socket === null) throw new Error('no bot');
  return await runOverSocket(socket, REQUEST, caller);
}

describe('the command socket', () => {
  it('carries request, cards, questions and the result', async () => {
    const seen: unknown[] = [];
    await listen(async (request, server) => {
      seen.push(request);
      server.card('op_1', { tone: 'wait', title: 'Plan' });
      server.note('wait');
      seen.push(await server.ask('Create?'));
      return RESULT;
    });
    const told: unknown[] = [];
    const result = await call(
      io({
        card: (op, notice) => void told.push([op, notice.title]),
        note: (text) => void told.push(text),
        ask: async (text) => text === 'Create?',
      }),
    );
    expect(result).toEqual(RESULT);
    expect(seen).toEqual([REQUEST, true]);
    expect(told).toEqual([['op_1', 'Plan'], 'wait']);
  });

  it('is for its own user alone, and gone after the end', async () => {
    await listen(async () => RESULT);
    expect(statSync(socketFile(stateDir)).mode & 0o777).toBe(0o600);
    await open.pop()?.close();
    expect(await connectToBot(stateDir)).toBeNull();
  });

  it('works where its path is longer than the kernel takes', async () => {
    const deep = join(stateDir, 'x'.repeat(100), 'y'.repeat(100));
    mkdirSync(deep, { recursive: true });
    await listen(async () => RESULT, deep);
    expect(statSync(socketFile(deep)).isSocket()).toBe(true);
    expect(await call(io(), deep)).toEqual(RESULT);
    await open.pop()?.close();
    expect(await connectToBot(deep)).toBeNull();
  });

  it('takes the place of a dead bot’s socket, and of nothing else', async () => {
    // A process that is killed leaves its socket: so does this, whose file is linked to a second name before it closes.
    const { linkSync, renameSync } = await import('node:fs');
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(join(stateDir, 'dead'), resolve));
    linkSync(join(stateDir, 'dead'), join(stateDir, 'left'));
    await new Promise((resolve) => dead.close(resolve));
    renameSync(join(stateDir, 'left'), socketFile(stateDir));
    expect(await connectToBot(stateDir)).toBeNull();
    await listen(async () => RESULT);
    expect(await call(io())).toEqual(RESULT);
    await open.pop()?.close();

    writeFileSync(socketFile(stateDir), 'not mine');
    await expect(listen(async () => RESULT)).rejects.toMatchObject({ code: 'invalid_config' });
  });

  it('passes a cancel on, also while it asks', async () => {
    await listen(async (_, server) => {
      const yes = await server.ask('Go?');
      return { ...RESULT, exit: yes ? 0 : server.cancel.aborted ? 7 : 8 };
    });
    const cancel = new AbortController();
    const result = await call(
      io({
        cancel: cancel.signal,
        ask: () => {
          cancel.abort();
          return new Promise(nothing);
        },
      }),
    );
    expect(result.exit).toBe(7);
  });

  it('takes a caller who has gone for one who said no', async () => {
    let ended: (yes: boolean) => void = nothing;
    const answered = new Promise<boolean>((resolve) => {
      ended = resolve;
    });
    await listen(async (_, server) => {
      ended(await server.ask('Go?'));
      return RESULT;
    });
    const gone = new AbortController();
    const running = call(
      io({
        gone: gone.signal,
        ask: () => {
          gone.abort();
          return new Promise(nothing);
        },
      }),
    );
    await expect(running).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(await answered).toBe(false);
  });

  it('tells a bot that hung up from one that answered', async () => {
    await listen(() => new Promise(nothing));
    const socket = await connectToBot(stateDir);
    if (socket === null) throw new Error('no bot');
    const running = runOverSocket(socket, REQUEST, io());
    await Promise.all([expect(running).rejects.toMatchObject({ code: 'outcome_unknown' }), open.pop()?.close()]);
  });

  it.each(['not json\n', '{"type":"run","protocol":99,"request":{}}\n', '{"type":"nonsense"}\n'])(
    'survives %j',
    async (line) => {
      await listen(async () => RESULT);
      const socket = connect(socketFile(stateDir));
      const answer = await new Promise<string>((resolve) => {
        let text = '';
        socket.on('data', (chunk) => {
          text += String(chunk);
        });
        socket.on('error', nothing);
        socket.on('close', () => resolve(text));
        socket.write(line);
      });
      if (line.startsWith('{')) expect(JSON.parse(answer)).toMatchObject({ type: 'result', exit: 2 });
      expect(await call(io())).toEqual(RESULT);
    },
  );
});
