import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Bus } from '../bus.ts';
import { isJson, parseJson } from '../json.ts';
import { FORMAT, type SavedState, savedState } from './format.ts';

/** A burst of changes makes one write. */
const SETTLE_MS = 300;
/** Writing takes at most a twentieth of the time, however much there is to write. */
const SHARE = 20;
/** After a write that failed. */
const RETRY_MS = 5000;

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
};

/** Reads a state file; undefined where there is none. Throws RangeError where it has another format. */
export const loadState = (path: string): SavedState | undefined => {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const value = parseJson(text);
  const format = isJson(value) ? value.format : undefined;
  if (format !== FORMAT) {
    const found = typeof format === 'number' ? `format ${format}` : 'no format of this server';
    throw new RangeError(`chat server: ${path} has ${found}, expected format ${FORMAT}; remove it to begin anew`);
  }
  const parsed = savedState.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue ? `${issue.path.join('.')}: ${issue.message}` : 'unreadable';
  throw new RangeError(`chat server: ${path} is no state of this server (${where}); remove it to begin anew`);
};

/** Writes the whole file or nothing: a crash leaves what was there before. */
const writeWhole = async (path: string, text: string): Promise<void> => {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path).catch(async (cause: unknown) => {
    await rm(beside, { force: true });
    throw cause;
  });
};

/** Keeps a state file up to date. */
export interface StateKeeper {
  /** Writes what is not yet written, and stops. */
  close(): Promise<void>;
}

/** Writes the state soon after each change of it. A write that fails is told to `complain`, and tried again. */
export const keepState = (
  path: string,
  bus: Bus,
  state: () => SavedState,
  complain: (cause: unknown) => void,
): StateKeeper => {
  let written: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause = SETTLE_MS;
  let writing = Promise.resolve();
  let isDirty = true;
  let isClosed = false;
  const save = async (): Promise<void> => {
    isDirty = false;
    const began = performance.now();
    const text = JSON.stringify(state());
    pause = Math.max(SETTLE_MS, (performance.now() - began) * SHARE);
    // much that changes is of no account here: traffic, modals, typing
    if (text === written) return;
    await writeWhole(path, text);
    written = text;
  };
  const soon = (): void => {
    isDirty = true;
    if (timer || isClosed) return;
    timer = setTimeout(() => {
      writing = writing.then(save).catch((cause: unknown) => {
        isDirty = true;
        pause = RETRY_MS;
        complain(cause);
      });
      void writing.then(() => {
        timer = undefined;
        if (isDirty) soon();
      });
    }, pause);
    timer.unref();
  };
  const stop = bus.onChange(soon);
  soon();
  return {
    close: async () => {
      isClosed = true;
      stop();
      clearTimeout(timer);
      await writing;
      await save();
    },
  };
};
