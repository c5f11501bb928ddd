import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { complete, type Suggestion } from '../complete/complete.ts';
import { toStored } from '../complete/references.ts';
import { act, tell } from '../model/act.ts';
import { known, names } from '../model/known.ts';
import { store } from '../model/store.ts';
import { Icon } from '../widgets/icon.tsx';
import { freshId } from '../widgets/ids.ts';
import { MenuButton, type MenuItem } from '../widgets/menu.tsx';
import { Popup } from '../widgets/popup.tsx';
import { draftIn, keepDraft } from './drafts.ts';
import { noteSent } from './sent.ts';
import { SuggestionList } from './suggestion-list.tsx';
import { upload } from './upload.ts';

interface ComposerProps {
  readonly channel: string;
  readonly threadTs?: string;
  readonly placeholder: string;
  readonly autoFocus?: boolean;
}

/** Where one writes: Enter sends, Shift+Enter starts a line, `/`, `@`, `#` and `:` complete. */
export function Composer({ channel, threadTs, placeholder, autoFocus = false }: ComposerProps) {
  const room = threadTs === undefined ? channel : `${channel}:${threadTs}`;
  const [text, setText] = useState(() => draftIn(room));
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [quiet, setQuiet] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const id = useMemo(() => freshId('composer'), []);
  const found = useMemo(() => complete(text.slice(0, caret), known.value), [text, caret, known.value]);
  const open = !quiet && found.items.length > 0;
  const slash = text.startsWith('/');

  useEffect(() => {
    if (autoFocus) area.current?.focus();
  }, [autoFocus]);

  const put = (next: string, at = next.length): void => {
    setText(next);
    setCaret(at);
    setActive(0);
    keepDraft(room, next);
  };
  const pick = ({ insert }: Suggestion): void => {
    const next = text.slice(0, found.from) + insert + text.slice(caret).replace(/^ /, '');
    const at = found.from + insert.length;
    put(next, at);
    area.current?.focus();
    requestAnimationFrame(() => area.current?.setSelectionRange(at, at));
  };
  const send = async (): Promise<void> => {
    const line = text.trim();
    if (line === '') return;
    setQuiet(true);
    put('');
    noteSent(room);
    const thread = threadTs === undefined ? {} : { threadTs };
    const answer = line.startsWith('/')
      ? await act({ act: 'slash', channel, line, ...thread })
      : await act({ act: 'say', channel, text: toStored(line, names.peek()), ...thread });
    // What came of a command that reached the server stands in the channel, in Slack's own words.
    if (answer.ok || answer.receipt !== undefined) return;
    tell(answer.error.message);
    if (area.current?.value === '') put(line);
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const chosen = found.items[active];
    if (open && step !== 0) {
      event.preventDefault();
      setActive((active + step + found.items.length) % found.items.length);
    } else if (open && chosen !== undefined && (event.key === 'Tab' || (event.key === 'Enter' && !isWhole(chosen)))) {
      event.preventDefault();
      pick(chosen);
    } else if (open && event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setQuiet(true);
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault();
      const list = area.current?.closest('main, aside');
      [...(list?.querySelectorAll<HTMLElement>('[data-testid=message]') ?? [])].at(-1)?.focus();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  /** What is typed already is no suggestion: then Enter sends. */
  const isWhole = ({ insert }: Suggestion): boolean => text.slice(found.from, caret).trim() === insert.trim();
  const shortcuts: MenuItem[] = [...store.shortcuts.all.value.values()]
    .filter(({ kind }) => kind === 'global')
    .map(({ callbackId, name }) => ({ id: callbackId, label: name, run: () => act({ act: 'shortcut', callbackId }) }));
  return (
    <section
      class="composer"
      aria-label={threadTs === undefined ? 'Write a message' : 'Write a reply'}
      data-testid={threadTs === undefined ? 'composer' : 'thread-composer'}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        upload(channel, threadTs, event.dataTransfer?.files ?? []);
      }}
    >
      <div ref={box} class={slash ? 'composer-box slash' : 'composer-box'}>
        <textarea
          ref={area}
          rows={Math.min(12, text.split('\n').length)}
          value={text}
          placeholder={placeholder}
          aria-label={placeholder}
          aria-controls={open ? id : undefined}
          aria-autocomplete="list"
          aria-activedescendant={open ? `${id}-${active}` : undefined}
          spellcheck={!slash}
          data-testid={threadTs === undefined ? 'composer-input' : 'thread-input'}
          onInput={({ currentTarget }) => {
            setQuiet(false);
            put(currentTarget.value, currentTarget.selectionStart);
          }}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onBlur={() => setQuiet(true)}
          onKeyDown={keys}
          onPaste={(event) => {
            const pasted = event.clipboardData?.files;
            if (pasted !== undefined && pasted.length > 0) upload(channel, threadTs, pasted);
          }}
        />
        <div class="composer-tools">
          <button
            type="button"
            class="tool"
            aria-label="Add a file"
            title="Add a file"
            onClick={() => files.current?.click()}
          >
            <Icon name="plus" />
          </button>
          <input
            ref={files}
            type="file"
            multiple
            hidden
            onChange={({ currentTarget }) => {
              upload(channel, threadTs, currentTarget.files ?? []);
              currentTarget.value = '';
            }}
          />
          {shortcuts.length > 0 && (
            <MenuButton label="Shortcuts" class="tool" items={shortcuts} testId="shortcuts">
              <Icon name="bolt" />
            </MenuButton>
          )}
          <span class="composer-hint" data-testid="command-hint">
            {slash ? found.hint : ''}
          </span>
          <button
            type="button"
            class="tool send"
            aria-label="Send"
            title="Send (Enter)"
            disabled={text.trim() === ''}
            data-testid={threadTs === undefined ? 'send' : 'thread-send'}
            onClick={send}
          >
            <Icon name="send" />
          </button>
        </div>
      </div>
      {open && (
        <Popup anchor={box} onClose={() => setQuiet(true)} fit class="suggestions">
          <SuggestionList id={id} items={found.items} active={active} pick={pick} />
        </Popup>
      )}
    </section>
  );
}
