/** Runs one script over a link: one channel, with limits on time and output, and an end that is always told. */
import type { Client, ClientChannel } from 'ssh2';
import { type Answer, type Expected, readAnswer } from './frames.ts';
import { SCRIPT_EXEC } from './script.ts';

export interface Job {
  readonly script: string;
  readonly nonce: string;
  readonly expected: readonly Expected[];
  /** Milliseconds for the opening of the channel, and then for the script. */
  readonly openTimeout: number;
  readonly deadline: number;
  /** Bytes of stdout and stderr together. */
  readonly outputLimit: number;
  readonly signal: AbortSignal | undefined;
  /** Called once when the channel is gone for good, which may be after the answer. */
  readonly onClosed: () => void;
}

/**
 * How it ended. `not-started`: nothing of the script was sent. `ended`: the host told that the shell has ended.
 * The others (link cut, too much output, out of time, given up): the script may go on until its next frame,
 * which it can't write any more, so that nothing further begins.
 */
export type End =
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'ended'; readonly exit: number }
  | { readonly kind: 'cut' | 'output' | 'deadline' | 'aborted' };

export interface Executed {
  readonly end: End;
  readonly answer: Answer;
}

/** Never rejects. */
export function execute(client: Client, job: Job): Promise<Executed> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let channel: ClientChannel | undefined;
    let exit: number | undefined;
    let over = false;

    const answer = (): Answer =>
      readAnswer(job.nonce, job.expected, Buffer.concat(stdout).toString(), Buffer.concat(stderr).toString());

    function finish(end: End, read: Answer = answer()): void {
      if (over) return;
      over = true;
      clearTimeout(timer);
      job.signal?.removeEventListener('abort', onAbort);
      resolve({ end, answer: read });
      channel?.close();
    }
    function giveUp(kind: 'deadline' | 'aborted' | 'output'): void {
      finish(channel === undefined ? { kind: 'not-started', why: `the channel was not opened (${kind})` } : { kind });
    }
    const onAbort = (): void => giveUp('aborted');

    /** A process that outlives the script may hold its streams open: so the last frame and the exit code are the end. */
    function checkEnd(): void {
      if (over || exit === undefined) return;
      const tail = stdout.at(-1)?.includes(job.nonce) || stderr.at(-1)?.includes(job.nonce);
      if (!tail) return;
      const read = answer();
      if (read.complete) finish({ kind: 'ended', exit }, read);
    }

    function collect(into: Buffer[], chunk: Buffer): void {
      if (over) return;
      size += chunk.length;
      if (size > job.outputLimit) {
        giveUp('output');
        return;
      }
      into.push(chunk);
      checkEnd();
    }

    function onOpen(error: Error | undefined, opened: ClientChannel): void {
      if (error !== undefined) {
        job.onClosed();
        finish({ kind: 'not-started', why: error.message });
        return;
      }
      opened.on('close', () => {
        job.onClosed();
        finish(exit === undefined ? { kind: 'cut' } : { kind: 'ended', exit });
      });
      opened.on('error', () => {});
      if (over) {
        opened.close();
        opened.resume();
        return;
      }
      channel = opened;
      clearTimeout(timer);
      timer = setTimeout(giveUp, job.deadline, 'deadline');
      opened.on('data', (chunk: Buffer) => collect(stdout, chunk));
      opened.stderr.on('data', (chunk: Buffer) => collect(stderr, chunk));
      opened.on('exit', (code: number | null) => {
        exit = code ?? undefined;
        checkEnd();
      });
      opened.end(job.script);
    }

    let timer = setTimeout(giveUp, job.openTimeout, 'deadline');
    job.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      client.exec(SCRIPT_EXEC, onOpen);
    } catch (error) {
      // ssh2 throws when the link has gone in this very moment.
      job.onClosed();
      finish({ kind: 'not-started', why: error instanceof Error ? error.message : String(error) });
    }
  });
}
