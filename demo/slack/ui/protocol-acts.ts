/** What the page asks of the server, over `POST /ui/act` and `POST /ui/trouble`, and what it answers. Types only. */
import type { Json } from '../json.ts';
import type { FieldValue } from '../persona/field-value.ts';

/** Where an element stands: a message, a modal, or the Home tab. */
export type ActTarget = { message: { channel: string; ts: string } } | { view: string } | { home: true };

/** What has been typed and chosen but not sent, by block_id (or action_id): goes into `state` of the payload. */
export type Draft = Record<string, FieldValue>;

/** What a persona can do. Channels and people by id or name. */
export type Act =
  /** Types a command, with its slash, into a channel. */
  | { act: 'slash'; channel: string; line: string; threadTs?: string }
  /** Writes a message. `text` is mrkdwn as Slack stores it: `<@U…>`, `<#C…>`, `&amp;`. */
  | { act: 'say'; channel: string; text: string; threadTs?: string; broadcast?: boolean }
  /** Changes or deletes a message of one's own. */
  | { act: 'edit'; channel: string; ts: string; text: string }
  | { act: 'delete'; channel: string; ts: string }
  /** Presses a button. `confirmed` is the answer in its confirm dialog; absent where it has none. */
  | { act: 'click'; target: ActTarget; actionId: string; blockId: string; confirmed?: boolean; draft?: Draft }
  /** Chooses in a select, picker, radio, checkbox or overflow menu, or sends an input that dispatches. */
  | {
      act: 'select';
      target: ActTarget;
      actionId: string;
      blockId: string;
      value: FieldValue;
      confirmed?: boolean;
      draft?: Draft;
    }
  /** Types into an external select. */
  | { act: 'suggest'; target: ActTarget; actionId: string; blockId: string; text: string }
  /** Presses a modal's submit button; `values` by block_id. */
  | { act: 'submit'; viewId: string; values: Draft }
  /** Cancel or Back; with `all` the ✕. */
  | { act: 'close'; viewId: string; all?: boolean }
  /** Opens the app's Home tab, or its Messages tab. */
  | { act: 'openHome'; tab?: 'home' | 'messages' }
  | { act: 'shortcut'; callbackId: string; message?: { channel: string; ts: string } }
  /** Has read a channel up to this ts. */
  | { act: 'read'; channel: string; ts: string }
  /** Puts an ephemeral message of one's own away. */
  | { act: 'dismiss'; channel: string; ts: string }
  /** Gives a reaction, or takes it back where given. */
  | { act: 'react'; channel: string; ts: string; name: string }
  | { act: 'join'; channel: string }
  | { act: 'leave'; channel: string }
  /** Asks somebody into a channel or takes them out; without `user`: the app's bot. */
  | { act: 'invite'; channel: string; user?: string }
  | { act: 'kick'; channel: string; user?: string }
  | { act: 'topic'; channel: string; topic: string }
  | { act: 'createChannel'; name: string; private?: boolean }
  /** Opens the direct conversation with these people; `channel` of the receipt is its id. */
  | { act: 'openDm'; users: string[] }
  /** Puts a file into a channel; `content` in base64. */
  | { act: 'upload'; channel: string; threadTs?: string; name: string; content: string; text?: string }
  /** Moves a manual clock on. */
  | { act: 'advance'; seconds: number };

/** The body of `POST /ui/act`. */
export type ActRequest = Act & {
  /** Name or id of the persona. */
  as: string;
};

/** What became of what was sent to the app. */
export interface ActReceipt {
  /**
   * `acked` in time; `not_sent`: nothing had to be sent. The others come as an error: `operation_timeout` without an ack
   * in 3 s, `dispatch_failed` without a socket or server, `http_client_error`, `http_service_error` for a bad answer.
   */
  outcome: 'acked' | 'not_sent' | 'operation_timeout' | 'dispatch_failed' | 'http_client_error' | 'http_service_error';
  envelopeId?: string;
  /** Milliseconds from envelope to ack. */
  ackMs?: number;
  /** For `suggest`: the options, or the groups where the app gave such. */
  options?: Json[];
  optionGroups?: Json[];
  /** For `say` and `upload`: the ts of the message. */
  ts?: string;
  /** For `createChannel` and `openDm`. */
  channel?: string;
}

/** Why an act came to nothing. */
export interface ActError {
  /** For people. */
  message: string;
  /** Errors under fields of a modal: block_id → text. */
  fields?: Record<string, string>;
}

/** The answer of `POST /ui/act`: 200 with `ok` either way; 400 for a body that can't be read. */
export type ActAnswer = { ok: true; receipt: ActReceipt } | { ok: false; error: ActError; receipt?: ActReceipt };

/**
 * What can be made to go wrong. `rate-limit`: 429 with Retry-After. `error`: an error code of Slack. `lost`: done, but
 * the answer never comes. `slow`: each answer takes `seconds` longer. `down`: nothing answers. `drop-sockets`: cut at
 * once. `refresh`: a socket is asked to make room. `duplicate`: envelopes come twice. `up` ends `down`; `clear` ends one
 * (by `id`) or all.
 */
export type TroubleKind =
  | 'rate-limit'
  | 'error'
  | 'lost'
  | 'slow'
  | 'down'
  | 'up'
  | 'drop-sockets'
  | 'refresh'
  | 'duplicate'
  | 'clear';

/** A trouble that is at work or waits for its call. */
export interface ActiveTrouble {
  /** For `clear`. */
  id: string;
  kind: Exclude<TroubleKind, 'up' | 'clear'>;
  /** API method; `*`: any. For `duplicate` the kind of envelope, or `*`. */
  method: string;
  /** How many more times; absent: until cleared. */
  left?: number;
  /** Retry-After, or how much longer each answer takes. */
  seconds?: number;
  /** Slack's error code. */
  error?: string;
}

/** The body of `POST /ui/trouble`. */
export interface TroubleRequest {
  kind: TroubleKind;
  /** API method; absent: any. For `duplicate` the kind of envelope (`events_api`, `interactive`, `slash_commands`). */
  method?: string;
  /** How many calls or envelopes; absent: until cleared. */
  times?: number;
  /** Retry-After (30 by default), or how much slower (2 by default). */
  seconds?: number;
  /** For `error`: Slack's error code, `internal_error` by default. */
  error?: string;
  /** For `clear`: which. */
  id?: string;
}

/** The answer of `POST /ui/trouble`. */
export type TroubleAnswer = { ok: true; active: ActiveTrouble[] } | { ok: false; error: { message: string } };
