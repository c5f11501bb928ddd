import type { TrafficEntity } from '../../ui/protocol.ts';

/** What one wants to see of what goes over the wire. */
export type TrafficKind = 'all' | 'api' | 'events' | 'interactive' | 'acks' | 'errors';

const SLOW_ACK_MS = 3000;

/** An answer that says no, an ack that came too late, trouble that was made. */
export function isFault({ kind, status, answer, ms }: TrafficEntity): boolean {
  if (kind === 'trouble' || kind === 'failure') return true;
  if (status !== undefined && status >= 400) return true;
  if (typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === false) return true;
  return kind === 'ack' && ms !== undefined && ms > SLOW_ACK_MS;
}

/** True for acks later than Slack waits for them. */
export function isLate({ kind, ms }: TrafficEntity): boolean {
  return kind === 'ack' && ms !== undefined && ms > SLOW_ACK_MS;
}

/** The lines wanted: of a kind, and with the words in name or content. */
export function filterTraffic(all: readonly TrafficEntity[], kind: TrafficKind, words: string): TrafficEntity[] {
  const wanted = words.trim().toLowerCase();
  return all.filter((entry) => {
    if (!isKind(entry, kind)) return false;
    if (wanted === '') return true;
    if (`${entry.name} ${entry.envelopeId ?? ''}`.toLowerCase().includes(wanted)) return true;
    return JSON.stringify([entry.sent, entry.answer]).toLowerCase().includes(wanted);
  });
}

function isKind(entry: TrafficEntity, kind: TrafficKind): boolean {
  switch (kind) {
    case 'all':
      return true;
    case 'api':
      return entry.kind === 'api' || entry.kind === 'response_url' || entry.kind === 'upload';
    case 'events':
      return entry.kind === 'envelope' && entry.name.startsWith('event');
    case 'interactive':
      return entry.kind === 'envelope' && !entry.name.startsWith('event');
    case 'acks':
      return entry.kind === 'ack';
    default:
      return isFault(entry);
  }
}
