import type { Clock } from '../clock.ts';
import type { Message } from '../model/types.ts';

/** A response_url takes five answers within half an hour. */
const USES = 5;
const LIFE_MS = 30 * 60_000;

/** Whom a response_url answers, and where. */
export interface ResponseTarget {
  user: string;
  channel: string;
  threadTs?: string;
  /** The message whose button was pressed: what replace_original and delete_original act on. */
  original?: Message;
}

/** The response_urls that were handed out. */
export interface ResponseUrls {
  issue(target: ResponseTarget): string;
  /** Takes one use of the URL with this path. */
  use(path: string): { ok: true; target: ResponseTarget } | { ok: false; error: 'expired_url' | 'used_url' };
}

/** Makes the store; `base` gives the server's address. */
export const createResponseUrls = (clock: Clock, base: () => string, teamId: string): ResponseUrls => {
  const issued = new Map<string, { target: ResponseTarget; at: number; left: number }>();
  let count = 0;
  return {
    issue: (target) => {
      count += 1;
      const path = `/response/${teamId}/${count}/${clock.now().toString(36)}`;
      issued.set(path, { target, at: clock.now(), left: USES });
      return `${base()}${path}`;
    },
    use: (path) => {
      const found = issued.get(path);
      if (!found || clock.now() - found.at > LIFE_MS) return { ok: false, error: 'expired_url' };
      if (found.left <= 0) return { ok: false, error: 'used_url' };
      found.left -= 1;
      return { ok: true, target: found.target };
    },
  };
};
