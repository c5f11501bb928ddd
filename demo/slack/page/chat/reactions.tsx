import { useCallback, useRef, useState } from 'preact/hooks';
import type { MessageEntity } from '../../ui/protocol.ts';
import { tryTo } from '../model/act.ts';
import { me, personName } from '../model/directory.ts';
import { emojiLike, emojiOf, QUICK_REACTIONS } from '../text/emoji.ts';
import { Icon } from '../widgets/icon.tsx';
import { Popup } from '../widgets/popup.tsx';

/** What people gave to a message; a press gives one's own or takes it back. */
export function Reactions({ message }: { readonly message: MessageEntity }) {
  if (message.reactions.length === 0) return null;
  const own = me.value?.id ?? '';
  return (
    <div class="reactions" data-testid="reactions">
      {message.reactions.map(({ name, users }) => {
        const who = users.map(personName).join(', ');
        return (
          <button
            key={name}
            type="button"
            class={users.includes(own) ? 'reaction mine' : 'reaction'}
            aria-pressed={users.includes(own)}
            title={`${who} reacted with :${name}:`}
            aria-label={`${name.replaceAll('_', ' ')}, ${users.length}: ${who}`}
            data-testid="reaction"
            data-name={name}
            onClick={() => react(message, name)}
          >
            <span aria-hidden="true">{emojiOf(name) ?? `:${name}:`}</span> {users.length}
          </button>
        );
      })}
      <ReactButton message={message} class="reaction add" />
    </div>
  );
}

/** Gives a reaction, or takes it back. */
function react({ channel, ts }: MessageEntity, name: string): void {
  tryTo({ act: 'react', channel, ts, name });
}

/** A button that opens the emoji to react with. */
export function ReactButton({ message, class: look }: { readonly message: MessageEntity; readonly class: string }) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const names = typed === '' ? QUICK_REACTIONS : emojiLike(typed.toLowerCase(), 18).map(({ name }) => name);
  const give = (name: string): void => {
    setOpen(false);
    setTyped('');
    button.current?.focus();
    react(message, name);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={look}
        aria-label="Add a reaction"
        title="Add a reaction"
        aria-expanded={open}
        data-testid="add-reaction"
        onClick={() => setOpen(!open)}
      >
        <Icon name="smile" />
      </button>
      {open && (
        <Popup anchor={button} onClose={close} align="end" class="emoji-picker">
          <input
            ref={(node) => node?.focus()}
            class="input"
            placeholder="Find an emoji"
            aria-label="Find an emoji"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            onKeyDown={(event) => {
              event.stopPropagation();
              const [first] = names;
              if (event.key === 'Enter' && first !== undefined) give(first);
              if (event.key !== 'Escape') return;
              setOpen(false);
              button.current?.focus();
            }}
          />
          <div class="emoji-grid">
            {names.map((name) => (
              <button
                key={name}
                type="button"
                title={`:${name}:`}
                aria-label={name.replaceAll('_', ' ')}
                data-testid="emoji"
                data-name={name}
                onClick={() => give(name)}
              >
                {emojiOf(name)}
              </button>
            ))}
          </div>
        </Popup>
      )}
    </>
  );
}
