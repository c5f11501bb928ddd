import type { Notice, Tone } from '../domain/notice.ts';
import { STATE_WORDS } from '../domain/plan.ts';
import type { OperationRow, Rows } from './store.ts';

const TONE: Partial<Record<OperationRow['state'], Tone>> = { succeeded: 'good', failed: 'bad', stuck: 'bad' };

/**
 * One short reply under the card when an operation that ran has ended: an edit of the card notifies nobody.
 * Written in the transaction that ends it, and keyed, so that it is said once.
 */
export function tellEnd(row: OperationRow, state: OperationRow['state'], at: number, rows: Rows): void {
  if (row.origin.channel === null) return;
  const notice: Notice = {
    tone: TONE[state] ?? 'plain',
    title: '',
    lines: [[{ person: row.person, slack: row.slack }, ` ${row.plan.title}: ${STATE_WORDS[state]}.`]],
  };
  rows.post({ key: `end:${row.id}:${at}`, to: row.origin.channel, underOperation: row.id, notice });
}
