import { BotError } from '../domain/error.ts';
import type { Composition, OpenService } from './composition.ts';
import { EXIT, errorText } from './exit.ts';
import { makeProgress } from './progress.ts';
import type { RunRequest, RunResult } from './protocol.ts';
import { renderNotice } from './render.ts';
import { runSession, type SessionIo } from './session.ts';
import { connectToBot, runOverSocket } from './socket-client.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text-width.ts';

export interface RunOptions {
  readonly config: string;
  readonly as: string | null;
  readonly channel: string | null;
  readonly json: boolean;
  readonly yes: boolean;
  readonly wait: boolean;
}

/**
 * `hostler run -- vm list`: by the running bot over its socket, or, where none runs, in this process until the operation has ended.
 * The exit code. With `--json` stdout holds one document and nothing else; progress goes to stderr.
 */
export async function run(
  argv: readonly string[],
  options: RunOptions,
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const request: RunRequest = {
    argv: [...argv],
    osUser: terminal.osUser,
    as: options.as,
    channel: options.channel,
    yes: options.yes,
    interactive: terminal.interactive,
    wait: options.wait,
  };
  const cancel = new AbortController();
  const gone = new AbortController();
  const left = new Promise<null>((resolve) => gone.signal.addEventListener('abort', () => resolve(null)));
  const stop = terminal.onInterrupt(() => (cancel.signal.aborted ? gone : cancel).abort());
  const progress = makeProgress(terminal, { showPlan: !options.yes && terminal.interactive });
  const followed = { any: false };
  const io: SessionIo = {
    card: (_, notice) => {
      followed.any = true;
      progress(notice);
    },
    note: (text) => terminal.err(plain(text)),
    ask: (question) => terminal.ask(plain(question), AbortSignal.any([cancel.signal, gone.signal])),
    cancel: cancel.signal,
    gone: gone.signal,
  };
  try {
    const result = await Promise.race([perform(request, options.config, composition, io), left]);
    if (result === null) {
      terminal.err(
        'Left. What had begun goes on, or is taken up when Hostler next runs: see `hostler run -- audit search`.',
      );
      return EXIT.interrupted;
    }
    print(result, options.json, followed.any, terminal);
    return result.exit;
  } finally {
    stop();
  }
}

async function perform(
  request: RunRequest,
  config: string,
  composition: Composition,
  io: SessionIo,
): Promise<RunResult> {
  const { stateDir } = await composition.config(config);
  const bot = await connectToBot(stateDir);
  if (bot !== null) return await runOverSocket(bot, request, io);
  let open: OpenService;
  try {
    open = await composition.openService(config);
  } catch (cause) {
    if (!(cause instanceof BotError) || cause.code !== 'conflict') throw cause;
    // It may have come up between the two looks.
    const late = await connectToBot(stateDir);
    if (late === null) throw cause;
    return await runOverSocket(late, request, io);
  }
  try {
    return await runSession(request, open, io);
  } finally {
    await open.close();
  }
}

function print(result: RunResult, json: boolean, followed: boolean, terminal: Terminal): void {
  if (json) {
    terminal.out(JSON.stringify(result.document, null, 2));
    return;
  }
  const error = errorOf(result.document);
  if (error !== null) {
    terminal.err(plain(errorText(error)));
    const code = result.notice?.code;
    if (code !== undefined) terminal.err(plain(`  ${code.label}\n${code.text.replaceAll(/^/gm, '  ')}`));
    return;
  }
  if (result.notice === null) return;
  // The steps stand above already, each told when it came.
  const { steps: _, buttons: __, ...end } = result.notice;
  terminal.out(renderNotice(followed ? end : result.notice, terminal.outScreen));
}

/** The error of a result's document, where it is one. */
function errorOf(document: unknown): BotError | null {
  if (typeof document !== 'object' || document === null || !('error' in document)) return null;
  const { error } = document;
  if (typeof error !== 'object' || error === null || !('message' in error)) return null;
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
  return new BotError('invalid_input', String(error.message), { hint });
}
