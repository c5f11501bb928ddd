import type { Receipt } from '../delivery/deliver.ts';
import type { ActAnswer, ActReceipt } from './protocol.ts';

/** Why it failed, for people; the app's name is put in front. */
const WHY: Readonly<Record<Receipt['outcome'], string>> = {
  acked: '',
  not_sent: '',
  operation_timeout: "didn't answer within three seconds",
  dispatch_failed: 'is not connected',
  http_client_error: 'refused the request',
  http_service_error: 'had a fault',
};

const receiptOf = ({ id, outcome, ackMs }: Receipt): ActReceipt => ({
  outcome,
  ...(id === '' ? {} : { envelopeId: id }),
  ...(ackMs === undefined ? {} : { ackMs }),
});

/** The answer for something that went to the app; `more` goes into its receipt. */
export const answerOf = (app: string, receipt: Receipt | undefined, more: Partial<ActReceipt> = {}): ActAnswer => {
  // the app doesn't listen to what was done: nothing had to be sent
  if (!receipt) return done(more);
  const short = { ...receiptOf(receipt), ...more };
  if (receipt.outcome === 'acked' || receipt.outcome === 'not_sent') return { ok: true, receipt: short };
  return { ok: false, error: { message: `${app} ${WHY[receipt.outcome]} (${receipt.outcome}).` }, receipt: short };
};

/** The answer for what concerns the server alone. */
export const done = (more: Partial<ActReceipt> = {}): ActAnswer => ({
  ok: true,
  receipt: { outcome: 'not_sent', ...more },
});

/** The answer for what can't be done; with errors under fields where it is about those. */
export const refused = (message: string, fields?: Record<string, string>): ActAnswer => ({
  ok: false,
  error: { message, ...(fields ? { fields } : {}) },
});
