import { computed, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ViewEntity } from '../../ui/protocol.ts';
import { Blocks } from '../blocks/blocks.tsx';
import { formFaults, keptTyped } from '../form/form-state.ts';
import { textOf } from '../json.ts';
import { act } from '../model/act.ts';
import { store } from '../model/store.ts';
import { draftOf, forgetSurface, SurfaceContext, setFault, surfaceOf } from '../model/surface.ts';
import { Plain } from '../text/marks.tsx';
import { Dialog } from '../widgets/dialog.tsx';
import { Icon } from '../widgets/icon.tsx';

/** The persona's modals, the visible one last. */
const stack = computed<readonly ViewEntity[]>(() =>
  [...store.views.all.value.values()].sort((a, b) => a.depth - b.depth),
);

/** The modal on top of the stack, or nothing. */
export function ModalStack() {
  const top = stack.value.at(-1);
  return top === undefined ? null : <OpenModal view={top} />;
}

/** The dialog stays while views come and go in it; what was typed belongs to its view. */
function OpenModal({ view }: { readonly view: ViewEntity }) {
  const { id, blocks, values, depth } = view;
  const surface = surfaceOf('modal', `view ${id}`, { view: id });
  const busy = useSignal(false);
  const trouble = useSignal('');
  const sent = useSignal(false);
  const body = useRef<HTMLDivElement>(null);
  const title = textOf(view.title);
  const errors = sent.value ? {} : view.errors;
  const on = useMemo(() => ({ surface, blocks, values, errors }), [surface, blocks, values, errors]);

  useEffect(() => {
    surface.typed.value = keptTyped(surface.typed.peek(), blocks);
  }, [surface, blocks]);
  useEffect(() => {
    busy.value = false;
    trouble.value = '';
    sent.value = false;
    body.current?.scrollTo(0, 0);
    const first = body.current?.querySelector<HTMLElement>('input:not([type=hidden]), textarea, select, button');
    if (body.current !== null && !body.current.contains(document.activeElement)) (first ?? body.current).focus();
  }, [id]);

  const showFaults = (found: Readonly<Record<string, string>>): void => {
    for (const [blockId, text] of Object.entries(found)) setFault(surface, blockId, text);
    requestAnimationFrame(() =>
      body.current?.querySelector<HTMLElement>('[aria-invalid=true], .invalid input')?.focus(),
    );
  };
  const submit = async (): Promise<void> => {
    if (busy.peek()) return;
    trouble.value = '';
    sent.value = true;
    const own = formFaults(blocks, surface.typed.peek(), values);
    if (Object.keys(own).length > 0) return showFaults(own);
    busy.value = true;
    const answer = await act({ act: 'submit', viewId: id, values: draftOf(surface, blocks) });
    busy.value = false;
    if (answer.ok) return;
    if (answer.error.fields !== undefined && Object.keys(answer.error.fields).length > 0)
      showFaults(answer.error.fields);
    else
      trouble.value =
        answer.receipt === undefined
          ? answer.error.message
          : `We had some trouble connecting. Try again? (${answer.error.message})`;
  };
  const close = (all: boolean): void => {
    const ids = all ? stack.peek().map((one) => one.id) : [id];
    act({ act: 'close', viewId: id, all }).then(() => {
      for (const one of ids) forgetSurface(`view ${one}`);
    });
  };
  const closeWords = textOf(view.close) || 'Cancel';
  return (
    <Dialog label={title} testId="modal" class="modal" viewId={id} onEscape={() => close(false)}>
      <header class="dialog-head">
        {depth > 0 && (
          <button
            type="button"
            class="tool"
            aria-label="Back"
            title="Back"
            data-testid="modal-back"
            onClick={() => close(false)}
          >
            <Icon name="back" />
          </button>
        )}
        <h2 class="dialog-title" data-testid="modal-title">
          <Plain text={title} />
        </h2>
        <button
          type="button"
          class="tool"
          aria-label="Close"
          title="Close"
          data-testid="modal-close"
          onClick={() => close(true)}
        >
          <Icon name="close" />
        </button>
      </header>
      <SurfaceContext.Provider value={on}>
        <form
          class="modal-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (view.submit !== undefined) submit();
          }}
        >
          <div ref={body} class="dialog-body" tabIndex={-1} data-testid="modal-body">
            {trouble.value !== '' && (
              <p class="alert error" role="alert" data-testid="modal-trouble">
                {trouble.value}
              </p>
            )}
            <Blocks blocks={blocks} />
          </div>
          <footer class="dialog-foot">
            <button type="button" class="button plain" data-testid="modal-cancel" onClick={() => close(false)}>
              <Plain text={closeWords} />
            </button>
            {view.submit !== undefined && (
              <button
                type="submit"
                class={`button primary${busy.value ? ' busy' : ''}`}
                aria-busy={busy.value}
                aria-disabled={busy.value}
                data-testid="modal-submit"
              >
                <span class="button-label">
                  <Plain text={textOf(view.submit)} />
                </span>
                {busy.value && <span class="spinner" aria-hidden="true" />}
              </button>
            )}
          </footer>
        </form>
      </SurfaceContext.Provider>
    </Dialog>
  );
}
