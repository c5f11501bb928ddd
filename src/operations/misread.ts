import { errorRecord } from '../domain/error.ts';
import { refusal } from './card.ts';
import type { Answer, Misread } from './service.ts';
import type { Rows } from './store.ts';

/** What somebody typed and nobody could read is an attempt too: it may have been meant as a change. */
export function misread(attempt: Misread, rows: Rows, now: number): Extract<Answer, { readonly kind: 'refused' }> {
  const { error, actor, channelTeam, origin } = attempt;
  rows.transaction(() =>
    rows.audit.append(
      {
        kind: 'request.refused',
        operationId: null,
        actor: { person: actor.person, slack: actor.slack, role: null, via: actor.via },
        team: channelTeam,
        subject: null,
        host: null,
        outcome: error.code,
        data: { command: origin.command, error: errorRecord(error) },
      },
      now,
    ),
  );
  return { kind: 'refused', error, notice: refusal(error) };
}
