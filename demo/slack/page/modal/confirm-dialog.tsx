import { question } from '../model/ask.ts';
import { Plain, TextObject } from '../text/marks.tsx';
import { Dialog } from '../widgets/dialog.tsx';

/** The question before something is done. */
export function ConfirmDialog() {
  const asked = question.value;
  if (asked === undefined) return null;
  const { title, text, yes, no, danger, answer } = asked;
  return (
    <Dialog label={title} testId="confirm" class="confirm" onEscape={() => answer(false)}>
      <h2 class="dialog-title">
        <Plain text={title} />
      </h2>
      <div class="dialog-body">
        <TextObject value={text} />
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button plain" data-testid="confirm-no" onClick={() => answer(false)}>
          <Plain text={no} />
        </button>
        <button
          type="button"
          ref={(node) => node?.focus()}
          class={danger ? 'button danger' : 'button primary'}
          data-testid="confirm-yes"
          onClick={() => answer(true)}
        >
          <Plain text={yes} />
        </button>
      </footer>
    </Dialog>
  );
}
