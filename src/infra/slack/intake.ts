import type { App, ReceiverEvent } from '@slack/bolt';
import type { Log } from '../../operations/ports.ts';
import type { InboxKind, InboxRows } from '../sqlite/inbox.ts';

/** One delivery, by whichever way it came. */
export interface Delivery {
  /** The same again is a redelivery: the envelope's id, over HTTP the trigger_id. Null for what needs no keeping. */
  readonly key: string | null;
  readonly body: Record<string, unknown>;
  readonly ack: (response?: unknown) => void | Promise<void>;
  readonly retryNum?: number | undefined;
  readonly retryReason?: string | undefined;
}

export interface IntakeOptions {
  readonly inbox: InboxRows;
  /** Runs the work in a transaction that is on disk when the promise resolves; several share one. */
  readonly commit: <T>(work: () => T) => Promise<T>;
  readonly log: Log;
  readonly now: () => number;
  /** Told of each delivery how long it waited for its ack, in seconds. */
  readonly acked?: (seconds: number) => void;
}

/** Between the receivers and Bolt: what must not be lost is on disk before the ack, and done once. */
export interface Intake {
  readonly bind: (app: App) => void;
  /** Never rejects: what goes wrong is logged, and not acked. */
  readonly take: (delivery: Delivery) => Promise<void>;
  /** Does what the last run took and didn't finish. */
  readonly replay: () => Promise<void>;
  /** Resolves when nothing is under way, or after `ms`. */
  readonly settled: (ms: number) => Promise<void>;
  readonly busy: () => number;
}

/** Redeliveries come within minutes; done rows are kept for a day. */
const KEPT_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;
const ANSWERS_KEPT = 500;

/** The key of a delivery stands under this name in Bolt's context. */
const KEY = 'deliveryKey';

export function makeIntake({ inbox, commit, log, now, acked = () => undefined }: IntakeOptions): Intake {
  let app: App | null = null;
  let prunedAt = 0;
  const work = new Set<Promise<void>>();
  const rush = makeRush();
  /** What was answered, or will be, last ones only: a copy gets the same answer, for a submission's answer is its validation. */
  const answers = new Map<string, Promise<unknown>>();

  const dispatch = async (event: ReceiverEvent): Promise<void> => {
    if (app === null) throw new Error('the intake has no app yet');
    await app.processEvent(event);
  };

  const process = async (key: string, kind: InboxKind, delivery: Delivery): Promise<void> => {
    let answered: (response: unknown) => void = () => undefined;
    answers.set(
      key,
      new Promise((resolve) => {
        answered = resolve;
      }),
    );
    let isAcked = false;
    const ack = async (response?: unknown): Promise<void> => {
      if (isAcked) return;
      isAcked = true;
      answered(response);
      await delivery.ack(response);
      await rush.over();
    };
    try {
      // A command's and a press's answer is empty: it needn't wait for Bolt. A submission's is its validation.
      if (kind !== 'view') await ack();
      await dispatch({
        body: delivery.body,
        ...(delivery.retryNum === undefined ? {} : { retryNum: delivery.retryNum }),
        ...(delivery.retryReason === undefined ? {} : { retryReason: delivery.retryReason }),
        customProperties: { [KEY]: key },
        ack,
      });
      await commit(() => {
        inbox.done(key, now());
        if (now() - prunedAt > PRUNE_EVERY_MS) {
          prunedAt = now();
          inbox.prune(now() - KEPT_MS);
        }
      });
    } finally {
      answered(undefined);
      for (const old of answers.keys()) {
        if (answers.size <= ANSWERS_KEPT) break;
        answers.delete(old);
      }
    }
  };

  const take = async (delivery: Delivery): Promise<void> => {
    const kind = kindOf(delivery.body);
    const { key } = delivery;
    if (key === null || kind === null) {
      await dispatch({ body: delivery.body, ack: async (response?: unknown) => delivery.ack(response) });
      return;
    }
    const { token: _token, ...body } = delivery.body;
    const isNew = await commit(() => inbox.add({ key, kind, body }, now()));
    if (isNew) await process(key, kind, { ...delivery, body });
    else await delivery.ack(await answers.get(key));
  };

  const tracked = async (name: string, run: () => Promise<void>): Promise<void> => {
    const running = run().catch((cause: unknown) => {
      log.error(name, { cause: cause instanceof Error ? cause.message : String(cause) });
    });
    work.add(running);
    await running;
    work.delete(running);
  };

  return {
    bind: (bound) => {
      app = bound;
    },
    take: (delivery) => {
      const came = now();
      const answered = rush.came();
      return tracked('a delivery from slack failed', async () => {
        try {
          await take({
            ...delivery,
            ack: async (response) => {
              await delivery.ack(response);
              if (answered()) acked((now() - came) / 1000);
            },
          });
        } finally {
          answered();
        }
      });
    },
    replay: async () => {
      for (const { key, kind, body } of inbox.open()) {
        log.info('doing what was taken before the restart', { key });
        await tracked('a delivery kept from before failed', () =>
          process(key, kind, { key, body, ack: () => undefined }),
        );
      }
    },
    settled: async (ms) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      while (work.size > 0) {
        const over = await Promise.race([late.then(() => true), Promise.all(work).then(() => false)]);
        if (over) break;
      }
      clearTimeout(timer);
    },
    busy: () => work.size,
  };
}

/** No handler is kept waiting for longer than so while others come, in ms. */
const RUSH_MS = 100;

/**
 * Keeps handlers waiting after their ack while more is coming in, and then lets them go on one after another, each in a turn of the
 * event loop of its own, between which sockets are read: so under a burst the work for the first never keeps the ack of the last
 * waiting. Who has waited for RUSH_MS goes on whatever comes, so that a steady stream starves nobody.
 */
function makeRush(): { readonly came: () => () => boolean; readonly over: () => Promise<void> } {
  const waiting: { readonly since: number; readonly go: () => void }[] = [];
  let unanswered = 0;
  /** Something came since the last turn of the event loop. */
  let fresh = false;
  const next = (): void => {
    const first = waiting[0];
    if (first === undefined) return;
    const calm = unanswered === 0 && !fresh;
    fresh = false;
    if (calm || performance.now() - first.since > RUSH_MS) {
      waiting.shift();
      first.go();
    }
    if (waiting.length > 0) setImmediate(next);
  };
  return {
    /** Called for each delivery; what it gives is called when that is answered, and is true the first time. */
    came: () => {
      let open = true;
      unanswered += 1;
      fresh = true;
      return () => {
        if (!open) return false;
        open = false;
        unanswered -= 1;
        return true;
      };
    },
    over: () =>
      new Promise((go) => {
        waiting.push({ since: performance.now(), go });
        if (waiting.length === 1) setImmediate(next);
      }),
  };
}

/** Commands, submissions and presses are kept; type-ahead, closed views and Home visits are of the moment, and events come again. */
function kindOf(body: Readonly<Record<string, unknown>>): InboxKind | null {
  if (typeof body.command === 'string') return 'command';
  if (body.type === 'view_submission') return 'view';
  if (body.type === 'block_actions') return 'action';
  return null;
}
