import type { types, webApi } from '@slack/bolt';
import type { Actor } from '../domain/access.ts';
import type { Notice } from '../domain/notice.ts';
import type { Log } from '../operations/ports.ts';
import type { Service } from '../operations/service.ts';

/** What Slack's handlers get from the composition root. */
export interface HandlerDeps {
  readonly service: Service;
  /** With the bot's token, for what comes up outside of a handler. */
  readonly client: webApi.WebClient;
  readonly directory: {
    readonly actorOf: (slackUser: string, options?: { readonly anew?: boolean }) => Promise<Actor>;
    readonly teamOf: (channel: string, name?: string) => Promise<string | null>;
    /** Where a card goes: the channel, or `@` and the user where Hostler can't write there. */
    readonly placeFor: (channel: string | null, name: string | undefined, slackUser: string) => Promise<string>;
  };
  /** The one builder from notice to blocks. */
  readonly draw: (
    notice: Notice,
    options?: { readonly surface?: 'message' | 'modal' | 'home' },
  ) => { readonly blocks: types.KnownBlock[]; readonly text: string };
  /** Before each family: `x-` makes `/x-vm`. */
  readonly prefix: string;
  /** Whom to tell that there is something new to show: a card changed, a message was posted. */
  readonly onChange: (tell: () => void) => void;
  /** Between two drawings of the same Home tab; five seconds when left out. */
  readonly redrawMs?: number;
  readonly log: Log;
  /** A short name for a fault, said to people and written to the log. */
  readonly faultId: () => string;
}

/** Whom to answer, and how. */
export interface Asker {
  readonly user: string;
  /** Channel id; null on the Home tab. */
  readonly channel: string | null;
  readonly channelName: string | undefined;
  readonly client: webApi.WebClient;
  /** The response_url: five answers in half an hour, also where Hostler isn't in the channel. */
  readonly responseUrl: string | null;
  readonly triggerId: string | null;
}
