import { createHash } from 'node:crypto';
import type { webApi } from '@slack/bolt';
import type Database from 'better-sqlite3';
import type { Notice } from '../../domain/notice.ts';
import { readNotice } from '../../domain/notice-schema.ts';
import type { Log } from '../../operations/ports.ts';
import { type CardRow, type CourierRows, enqueue, type OutboxRow } from '../sqlite/outbox.ts';
import { attachmentsInWords, attachmentsOf, type DrawChart, upload } from './attachments.ts';
import { type Drawn, draw } from './blocks.ts';
import { AUTH_CODES, type CallFailure, callFailure, failureWords } from './call-error.ts';
import type { Channels } from './channels.ts';
import type { CallKind, Pace } from './pace.ts';
import { postMessage, type Sent, updateMessage } from './send.ts';

export interface DeliverDeps {
  readonly db: Database.Database;
  /** With the SDK's own retries off and `rejectRateLimitedCalls`: the courier has its own. */
  readonly client: webApi.WebClient;
  readonly channels: Channels;
  /** The operation's card as it is now; null when it is no more. */
  readonly render: (operationId: string) => Notice | null;
  /** Where to tell that something can't be delivered; null for nowhere. */
  readonly adminChannel: () => string | null;
  readonly drawChart: DrawChart;
  readonly log: Log;
  readonly now: () => number;
}

/** Brings one row to Slack and writes down what came of it. */
export interface Deliver {
  readonly card: (card: CardRow) => Promise<void>;
  /** `card`: the one that the message stands under. */
  readonly message: (row: OutboxRow, card: CardRow | null) => Promise<void>;
  /** Why the last call failed; null once one worked. */
  readonly trouble: () => string | null;
}

const RETRY_MS = [1000, 60_000] as const;
/** Files are tried so often; then their words do. */
const UPLOADS = 6;
/** No edit will ever reach this message again: it is posted anew. */
const LOST = ['message_not_found', 'cant_update_message', 'edit_window_closed', 'cant_edit_message'];

export function makeDeliver(deps: DeliverDeps, rows: CourierRows, pace: Pace): Deliver {
  const { db, client, channels, log, now } = deps;
  let trouble: string | null = null;

  /** Posts to a place that may first have to be found. */
  const post = async (wanted: string, drawn: Drawn, threadTs: string | null): Promise<Sent> => {
    try {
      return await postMessage(client, await channels.idOf(wanted), drawn, threadTs);
    } catch (cause) {
      return { ok: false, failure: callFailure(cause) };
    }
  };

  /** True for what will be tried again. */
  const isLater = (failure: CallFailure, kind: CallKind, lane: string): boolean => {
    if (failure.kind === 'refused' && !AUTH_CODES.includes(failure.code)) return false;
    if (failure.kind === 'rate') pace.wait(kind, lane, failure.waitMs);
    else {
      trouble = failureWords(failure);
      log.warn('slack can’t be reached, messages wait', { trouble });
    }
    return true;
  };

  const retryAt = (attempts: number, failure: CallFailure): number => {
    if (failure.kind === 'rate') return now() + Math.ceil(failure.waitMs);
    const backoff = Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** Math.min(attempts, 16));
    // Whole milliseconds: the column takes no others.
    return now() + Math.round((failure.kind === 'refused' ? RETRY_MS[1] : backoff) * (0.5 + Math.random() / 2));
  };

  /** Once a day for each place and reason. */
  const tellAdmins = (wanted: string, code: string): void => {
    log.warn('a message can’t be delivered', { to: wanted, code });
    const admin = deps.adminChannel();
    if (admin === null || admin === wanted) return;
    const uninvited = code === 'not_in_channel' || code === 'channel_not_found';
    const hint = uninvited
      ? 'Invite Hostler there with `/invite`, or correct the channel in hostler.yaml.'
      : 'Set the channel right, or name another one in hostler.yaml.';
    const day = new Date(now()).toISOString().slice(0, 10);
    const notice: Notice = {
      tone: 'warn',
      title: 'Messages can’t be delivered',
      lines: [['To ', { code: wanted }, ': Slack says ', { code }, '.'], hint],
    };
    enqueue(db, { key: `undeliverable:${wanted}:${code}:${day}`, to: admin, underOperation: null, notice });
  };

  const cardFailed = (card: CardRow, failure: CallFailure): void => {
    const { operationId, otherwise } = card;
    const isNew = card.ts === null;
    if (isLater(failure, isNew ? 'post' : 'update', card.channel ?? card.wanted)) {
      rows.cardLater(operationId, retryAt(card.attempts, failure), failureWords(failure));
    } else if (failure.kind === 'refused' && !isNew && LOST.includes(failure.code)) {
      rows.cardLost(operationId);
    } else if (otherwise !== null && otherwise !== card.wanted && (isNew || !otherwise.startsWith('@'))) {
      // To a person's own place only what never stood elsewhere; to another channel also what can't be edited any more.
      rows.cardMoved(operationId, otherwise);
      if (!otherwise.startsWith('@')) tellAdmins(card.wanted, failureWords(failure));
    } else {
      rows.cardUndeliverable(operationId, failureWords(failure));
      tellAdmins(card.wanted, failureWords(failure));
    }
  };

  const linkTo = async (operationId: string, channel: string, ts: string): Promise<void> => {
    try {
      const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
      if (permalink !== undefined) rows.cardLink(operationId, permalink);
    } catch (cause) {
      log.debug('no permalink', { operationId, cause: failureWords(callFailure(cause)) });
    }
  };

  /** Under the card. Its loss is no more than a nuisance: the output is in the database. */
  const uploadOutput = async (
    operationId: string,
    file: NonNullable<Drawn['file']>,
    channel: string,
    ts: string,
  ): Promise<void> => {
    const { name: filename, title, text: content } = file;
    try {
      await client.filesUploadV2({ channel_id: channel, thread_ts: ts, filename, title, content });
      rows.cardFile(operationId, hash(content));
    } catch (cause) {
      log.warn('the whole output could not be uploaded', { operationId, cause: failureWords(callFailure(cause)) });
    }
  };

  /** Pictures and files come after their message, under it. The message is not sent again for them. */
  const attach = async (
    row: OutboxRow,
    notice: Notice,
    at: { readonly channel: string; readonly ts: string },
    thread: string,
  ): Promise<void> => {
    const { files, words } = await attachmentsOf(notice, deps.drawChart, log);
    if (files.length === 0 && words === null) return rows.messageSent(row.id, at.channel, at.ts);
    if (row.stands === null) rows.messagePosted(row.id, at.channel, at.ts);
    const failure = files.length === 0 ? null : await upload(client, at.channel, thread, files);
    // Nothing else waits for pictures for ever: what comes after them in this channel does.
    const again = failure !== null && failure.kind !== 'refused' && row.attempts < UPLOADS;
    if (again && isLater(failure, 'post', at.channel))
      return rows.messageLater(row.id, retryAt(row.attempts, failure), failureWords(failure));
    if (failure !== null) log.warn('files could not be uploaded', { key: row.key, code: failureWords(failure) });
    const said = failure === null ? words : (attachmentsInWords(notice) ?? words);
    if (said !== null)
      enqueue(db, { key: `${row.key}:words`, to: row.wanted, underOperation: row.underOperation, notice: said });
    rows.messageSent(row.id, at.channel, at.ts);
  };

  return {
    card: async (card) => {
      const { operationId, version } = card;
      const notice = deps.render(operationId);
      const stands = card.channel !== null && card.ts !== null ? { channel: card.channel, ts: card.ts } : null;
      const drawn = notice === null ? null : draw(notice, { file: true });
      const digest = drawn === null ? '' : hash(JSON.stringify(drawn.blocks));
      if (drawn === null) return rows.cardClean(operationId, version);
      if (stands !== null && digest === card.sentDigest) return rows.cardClean(operationId, version);
      const sent =
        stands === null
          ? await post(card.wanted, drawn, null)
          : await updateMessage(client, stands.channel, stands.ts, drawn);
      if (!sent.ok) return cardFailed(card, sent.failure);
      trouble = null;
      rows.cardSent(operationId, { version, digest, channel: sent.channel, ts: sent.ts });
      if (stands === null) await linkTo(operationId, sent.channel, sent.ts);
      const { file } = drawn;
      if (file !== null && hash(file.text) !== card.fileDigest)
        await uploadOutput(operationId, file, sent.channel, sent.ts);
    },

    message: async (row, card) => {
      const notice = readNotice(row.notice);
      if (notice === null) {
        log.error('a message’s row holds no notice', { key: row.key });
        return rows.messageUndeliverable(row.id, 'not a notice');
      }
      const stands =
        card !== null && card.channel !== null && card.ts !== null ? { channel: card.channel, ts: card.ts } : null;
      const wanted = stands?.channel ?? row.wanted;
      const sent: Sent =
        row.stands === null ? await post(wanted, draw(notice), stands?.ts ?? null) : { ok: true, ...row.stands };
      if (sent.ok) {
        trouble = null;
        return attach(row, notice, sent, stands?.ts ?? sent.ts);
      }
      const said = failureWords(sent.failure);
      if (isLater(sent.failure, 'post', wanted))
        return rows.messageLater(row.id, retryAt(row.attempts, sent.failure), said);
      rows.messageUndeliverable(row.id, said);
      tellAdmins(wanted, said);
    },

    trouble: () => trouble,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
