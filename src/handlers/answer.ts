import type { Notice } from '../domain/notice.ts';
import { fieldsOf } from '../operations/fields.ts';
import type { Answer, RequestOptions } from '../operations/service.ts';
import type { Operation } from '../operations/spec.ts';
import type { Asker, HandlerDeps } from './deps.ts';
import { type OpenModal, openForm } from './modal.ts';
import { whisper } from './whisper.ts';

/** What was asked, so that a form can ask for it again. */
export interface Asked {
  readonly operation: Operation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: RequestOptions;
}

/** Tells the asker what came of it. A change shows itself: its card is drawn from its rows by the courier. */
export async function tell(
  asker: Asker,
  answer: Answer,
  asked: Asked | null,
  deps: HandlerDeps,
  loading?: OpenModal,
): Promise<void> {
  switch (answer.kind) {
    case 'reading':
    case 'dry-run':
      return whisper(asker, answer.notice, deps);
    case 'operation': {
      // What was done at once has no card of its own.
      const own =
        asked?.operation.kind === 'change' && asked.operation.direct === true && answer.row.origin.channel === null;
      const notice = own ? deps.service.card(answer.row.id) : null;
      return notice === null ? undefined : whisper(asker, notice, deps);
    }
    case 'refused':
      return whisper(asker, asked === null ? answer.notice : withForm(answer, asked), deps);
    case 'ask':
      return openForm(asker, { ...answer, options: asked?.options ?? {} }, deps, loading);
  }
}

/** A wrong input can be corrected where one can see it. */
function withForm(answer: Extract<Answer, { readonly kind: 'refused' }>, { operation, input }: Asked): Notice {
  const { error, notice } = answer;
  const fixable = error.code === 'invalid_input' || error.field !== undefined;
  if (!fixable || operation.kind === 'read' || fieldsOf(operation).length === 0) return notice;
  const button = { label: 'Correct it in a form', press: { do: 'open', name: operation.name, input } } as const;
  return { ...notice, buttons: [...(notice.buttons ?? []), button] };
}
