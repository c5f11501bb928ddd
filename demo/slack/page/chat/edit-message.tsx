import { useEffect, useRef, useState } from 'preact/hooks';
import type { MessageEntity } from '../../ui/protocol.ts';
import { toStored, toTyped } from '../complete/references.ts';
import { tryTo } from '../model/act.ts';
import { editing } from '../model/editing.ts';
import { names } from '../model/known.ts';

/** A message of one's own, while one changes it: Enter saves, Esc leaves it as it was. */
export function EditMessage({ message }: { readonly message: MessageEntity }) {
  const [text, setText] = useState(() => toTyped(message.text, names.peek()));
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  const save = async (): Promise<void> => {
    const { channel, ts } = message;
    if (text.trim() === '' || (await tryTo({ act: 'edit', channel, ts, text: toStored(text.trim(), names.peek()) }))) {
      editing.value = undefined;
    }
  };
  return (
    <div class="edit">
      <textarea
        ref={area}
        class="input"
        rows={Math.min(8, text.split('\n').length + 1)}
        value={text}
        aria-label="Edit the message"
        data-testid="edit-input"
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Escape') editing.value = undefined;
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          save();
        }}
      />
      <div class="actions">
        <button
          type="button"
          class="button plain small"
          onClick={() => {
            editing.value = undefined;
          }}
        >
          Cancel
        </button>
        <button type="button" class="button primary small" onClick={save}>
          Save
        </button>
      </div>
    </div>
  );
}
