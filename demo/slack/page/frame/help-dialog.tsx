import { help } from '../model/ui-state.ts';
import { Dialog } from '../widgets/dialog.tsx';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Enter', 'send what you wrote'],
  ['Shift + Enter', 'start a new line'],
  ['/ @ # :', 'complete a command, a person, a channel, an emoji: ↑ ↓ choose, Tab takes'],
  ['Ctrl + K', 'find a channel'],
  ['Alt + ↑ ↓', 'the channel above or below; with Shift the next unread one'],
  ['↑ in an empty composer', 'the newest message'],
  ['↑ ↓ on a message', 'the one above or below'],
  ['R, E on a message', 'reply in its thread; edit your own'],
  ['Esc', 'close what is open: menu, thread, dialog, inspector'],
  ['Ctrl + I', 'the inspector'],
  ['?', 'these keys'],
];

/** What can be done without a mouse. */
export function HelpDialog() {
  if (!help.value) return null;
  const close = (): void => {
    help.value = false;
  };
  return (
    <Dialog label="Keys" testId="help" class="confirm" onEscape={close}>
      <h2 class="dialog-title">Keys</h2>
      <div class="dialog-body">
        <dl class="keys-list">
          {KEYS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button primary" data-testid="close-help" onClick={close}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}
