import type { types } from '@slack/bolt';
import type { Notice } from '../domain/notice.ts';
import type { FieldFault, RequestOptions } from '../operations/service.ts';
import type { Operation } from '../operations/spec.ts';
import { typed } from '../operations/usage.ts';
import type { Asker, HandlerDeps } from './deps.ts';
import { formView, loadingView } from './form-view.ts';
import { whisper } from './whisper.ts';

/** A modal that is open, or why there is none. */
export type OpenModal = { readonly id: string; readonly hash: string } | null;

/** Opens a modal at once, within the three seconds that a trigger lives. Null where the trigger is gone. */
export async function openModal(asker: Asker, view: types.ModalView, deps: HandlerDeps): Promise<OpenModal> {
  const { client, triggerId } = asker;
  if (triggerId === null) return null;
  try {
    const { view: opened } = await client.views.open({ trigger_id: triggerId, view });
    return opened?.id === undefined ? null : { id: opened.id, hash: opened.hash ?? '' };
  } catch (cause) {
    deps.log.info('a modal could not be opened', { cause: cause instanceof Error ? cause.message : String(cause) });
    return null;
  }
}

/** Puts another view into an open modal. False where it has been closed, or changed meanwhile. */
export async function fillModal(
  asker: Asker,
  modal: NonNullable<OpenModal>,
  view: types.ModalView,
  deps: HandlerDeps,
): Promise<boolean> {
  try {
    await asker.client.views.update({ view_id: modal.id, ...(modal.hash === '' ? {} : { hash: modal.hash }), view });
    return true;
  } catch (cause) {
    deps.log.info('a modal could not be filled', { cause: cause instanceof Error ? cause.message : String(cause) });
    return false;
  }
}

export interface FormWish {
  readonly operation: Operation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly faults: readonly FieldFault[];
  readonly options: RequestOptions;
}

/**
 * Opens the operation's form with what is known. `loading`: the modal that was opened beforehand, while the asker's teams were looked
 * up; without one it is opened now. Where Slack takes it no more, a button is whispered that opens it.
 */
export async function openForm(asker: Asker, wish: FormWish, deps: HandlerDeps, loading?: OpenModal): Promise<void> {
  const { directory, service } = deps;
  const modal = loading ?? (await openModal(asker, loadingView(wish.operation), deps));
  if (modal === null) return whisper(asker, formButton(wish), deps);
  const [actor, team, place] = await Promise.all([
    directory.actorOf(asker.user),
    asker.channel === null ? null : directory.teamOf(asker.channel, asker.channelName),
    directory.placeFor(asker.channel, asker.channelName, asker.user),
  ]);
  const memory = { channel: asker.channel, place, team, options: wish.options };
  const view = formView({ ...wish, memory, actor }, service);
  await fillModal(asker, modal, view, deps);
}

function formButton({ operation, input }: FormWish): Notice {
  return {
    tone: 'plain',
    title: `${typed(operation)} needs more`,
    lines: ['Slack gives Hostler three seconds to open a form, and they were over.'],
    buttons: [{ label: 'Open the form', press: { do: 'open', name: operation.name, input }, style: 'primary' }],
  };
}
