import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `sun_path` holds 108 bytes with the NUL at its end (unix(7)). */
const LONGEST = 107;
const NAME = 'hostler.sock';

/** The socket of the bot on this state directory. */
export function socketFile(stateDir: string): string {
  return join(stateDir, NAME);
}

/**
 * Calls `use` with a path to the socket that the kernel takes. Where the state directory's own is too long, a link of ours in a private
 * directory stands in for as long as `use` takes, so that bot and caller need not agree on another place.
 */
export function withShortPath<T>(stateDir: string, use: (path: string) => T): T {
  const path = socketFile(stateDir);
  if (Buffer.byteLength(path) <= LONGEST) return use(path);
  // mkdtemp makes it 0700, so nobody else can turn the link elsewhere.
  const private_ = mkdtempSync(join(shortTemp(), 'hostler-'));
  try {
    symlinkSync(stateDir, join(private_, 's'), 'dir');
    return use(join(private_, 's', NAME));
  } finally {
    rmSync(private_, { recursive: true, force: true });
  }
}

/** TMPDIR may be long itself. */
function shortTemp(): string {
  const temp = tmpdir();
  return Buffer.byteLength(temp) <= 60 ? temp : '/tmp';
}
