import { type CardRow, courierRows } from '../sqlite/outbox.ts';
import { type DeliverDeps, makeDeliver } from './deliver.ts';
import { type CallKind, makePace } from './pace.ts';

export type CourierDeps = Omit<DeliverDeps, 'now'> & { readonly now?: () => number };

/** Delivers cards and messages from their rows: in order for each place, at Slack's pace, until they are there. */
export interface Courier {
  readonly start: () => void;
  /** Ends after the calls that are under way. */
  readonly stop: () => Promise<void>;
  /** There may be something new. It also looks by itself, four times a second. */
  readonly wake: () => void;
  readonly health: () => { readonly waiting: number; readonly trouble: string | null };
}

/** A card that changes all the time is edited at most this often; one that waits for somebody or has ended, at once. */
const COALESCE_MS = 1000;
const LOOK_MS = 250;
/** What was delivered is kept so long: longer than any reminder looks back. */
const KEPT_MS = 400 * 86_400_000;
const PRUNE_EVERY_MS = 86_400_000;

/** One thing to send, and from when it may go, the pace apart. Of each lane (a place) one is under way at a time. */
interface Job {
  readonly lane: string;
  readonly kind: CallKind;
  readonly readyAt: number;
  readonly run: () => Promise<void>;
}

/**
 * A message is sent twice only if the bot dies, or the link is cut, between Slack's doing and our reading of its answer:
 * Slack has no key by which a bot could post once (its client_msg_id is for people's clients), and to read the channel and look
 * would need history scopes that Hostler doesn't ask for.
 */
export function makeCourier(given: CourierDeps): Courier {
  const deps: DeliverDeps = { now: Date.now, ...given };
  const { log, now } = deps;
  const rows = courierRows(deps.db);
  const pace = makePace(now, deps.channels.known);
  const deliver = makeDeliver(deps, rows, pace);
  const busy = new Map<string, Promise<void>>();
  const editedAt = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let woken = false;
  let prunedAt = 0;

  const cardJob = (card: CardRow): Job => {
    const { operationId } = card;
    const lane = laneOf(card);
    const kind = card.ts === null ? 'post' : 'update';
    const isBusy = kind === 'update' && deps.render(operationId)?.tone === 'busy';
    const quietUntil = isBusy ? (editedAt.get(operationId) ?? 0) + COALESCE_MS : 0;
    const run = async (): Promise<void> => {
      await deliver.card(card);
      if (editedAt.size > 1000) editedAt.clear();
      editedAt.set(operationId, now());
    };
    return { lane, kind, readyAt: Math.max(card.nextAt, quietUntil), run };
  };

  /** `behind`: operations whose card doesn't show yet what it should. */
  const messageJobs = (behind: ReadonlySet<string>): Job[] => {
    const first = new Map<string, Job>();
    for (const row of rows.waiting()) {
      const card = row.underOperation === null ? null : rows.card(row.underOperation);
      // A reply needs its card's place. One whose card can't be delivered goes where it was addressed to.
      if (card !== null && card.ts === null && card.state === 'open') continue;
      // And what it tells of the end is to be seen on the card; one that is under way would be behind again and again.
      if (card !== null && behind.has(card.operationId) && deps.render(card.operationId)?.tone !== 'busy') continue;
      const lane = card !== null && card.ts !== null ? laneOf(card) : row.wanted;
      // The first of a place holds the others back, so that they stay in order.
      if (first.has(lane)) continue;
      first.set(lane, { lane, kind: 'post', readyAt: row.nextAt, run: () => deliver.message(row, card) });
    }
    return [...first.values()];
  };

  const launch = (job: Job): void => {
    pace.took(job.kind, job.lane);
    const done = job
      .run()
      .catch((cause: unknown) => log.error('the courier failed', { lane: job.lane, cause: String(cause) }))
      .then(() => {
        busy.delete(job.lane);
        wake();
      });
    busy.set(job.lane, done);
  };

  /** New cards first, then edits, then messages; a reply waits until its card shows what it tells of. */
  const pump = (): void => {
    woken = false;
    if (!running) return;
    if (timer !== null) clearTimeout(timer);
    let next = now() + LOOK_MS;
    try {
      if (now() - prunedAt > PRUNE_EVERY_MS) {
        prunedAt = now();
        rows.prune(now() - KEPT_MS);
      }
      const dirty = rows.dirtyCards();
      const behind = new Set(dirty.filter(({ state }) => state === 'open').map(({ operationId }) => operationId));
      const cards = dirty.map(cardJob);
      const [posts, edits] = [
        cards.filter(({ kind }) => kind === 'post'),
        cards.filter(({ kind }) => kind === 'update'),
      ];
      for (const job of [...posts, ...edits, ...messageJobs(behind)]) {
        if (busy.has(job.lane)) continue;
        // Asked job by job: the one before may have taken the last that the pace had to give.
        const readyAt = Math.max(job.readyAt, pace.readyAt(job.kind, job.lane));
        if (readyAt > now()) next = Math.min(next, readyAt);
        else launch(job);
      }
    } catch (cause) {
      log.error('the courier can’t read its rows', { cause: String(cause) });
    }
    timer = setTimeout(pump, Math.max(1, next - now()));
  };

  const wake = (): void => {
    if (woken || !running) return;
    woken = true;
    setImmediate(pump);
  };

  return {
    start: () => {
      running = true;
      wake();
    },
    stop: async () => {
      running = false;
      if (timer !== null) clearTimeout(timer);
      await Promise.all(busy.values());
    },
    wake,
    health: () => ({ waiting: rows.waiting().length + rows.dirtyCards().length, trouble: deliver.trouble() }),
  };
}

function laneOf(card: CardRow): string {
  return card.channel ?? card.wanted;
}
