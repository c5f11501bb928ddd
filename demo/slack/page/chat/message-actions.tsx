import type { MessageEntity } from '../../ui/protocol.ts';
import { act, tell, tryTo } from '../model/act.ts';
import { askPlain } from '../model/ask.ts';
import { editing } from '../model/editing.ts';
import { messageKey } from '../model/keys.ts';
import { addressOf, asName, openThread } from '../model/place.ts';
import { store } from '../model/store.ts';
import { Icon } from '../widgets/icon.tsx';
import { MenuButton, type MenuItem } from '../widgets/menu.tsx';
import { ReactButton } from './reactions.tsx';

interface MessageActionsProps {
  readonly message: MessageEntity;
  readonly own: boolean;
  readonly inThread: boolean;
}

/** What one can do with a message: beside it while the pointer or the focus is there. */
export function MessageActions({ message, own, inThread }: MessageActionsProps) {
  const canReply = !inThread && !message.ephemeral;
  return (
    <div class="message-actions" role="toolbar" aria-label="Message actions">
      {!message.ephemeral && <ReactButton message={message} class="tool" />}
      {canReply && (
        <button
          type="button"
          class="tool"
          aria-label="Reply in thread"
          title="Reply in thread (R)"
          data-testid="reply"
          onClick={() => reply(message)}
        >
          <Icon name="reply" />
        </button>
      )}
      <MenuButton label="More actions" class="tool" items={itemsOf(message, own)} testId="message-menu">
        <Icon name="more" />
      </MenuButton>
    </div>
  );
}

/** Keys on a message that has the focus. */
export function messageKeys(event: KeyboardEvent, message: MessageEntity, own: boolean, inThread: boolean): void {
  const { target, currentTarget } = event;
  if (target !== currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!(currentTarget instanceof HTMLElement)) return;
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    event.preventDefault();
    neighbour(currentTarget, event.key === 'ArrowDown')?.focus();
  } else if (event.key === 'r' && !inThread && !message.ephemeral) {
    event.preventDefault();
    reply(message);
  } else if (event.key === 'e' && own && !message.ephemeral) {
    event.preventDefault();
    editing.value = messageKey(message.channel, message.ts);
  }
}

/** Puts an ephemeral message away. */
export function dismiss({ channel, ts }: MessageEntity): void {
  tryTo({ act: 'dismiss', channel, ts });
}

function reply({ ts, threadTs }: MessageEntity): void {
  openThread(threadTs ?? ts);
}

function neighbour(from: HTMLElement, down: boolean): HTMLElement | undefined {
  const list = from.closest('[data-testid=messages], [data-testid=thread-messages]');
  const all = [...(list?.querySelectorAll<HTMLElement>('[data-testid=message]') ?? [])];
  return all[all.indexOf(from) + (down ? 1 : -1)];
}

function itemsOf(message: MessageEntity, own: boolean): MenuItem[] {
  const { channel, ts, threadTs, ephemeral } = message;
  const thread = threadTs === undefined || threadTs === ts ? {} : { thread: threadTs };
  const address = `${location.origin}${addressOf(asName.peek(), { channel, ...thread, message: ts })}`;
  const shortcuts = [...store.shortcuts.all.peek().values()].filter(({ kind }) => kind === 'message');
  return [
    ...(ephemeral ? [{ id: 'dismiss', label: 'Dismiss', run: () => dismiss(message) }] : []),
    { id: 'copy-link', label: 'Copy link', run: () => copy(address, 'The link is copied.') },
    { id: 'copy-text', label: 'Copy text', run: () => copy(message.text, 'The text is copied.') },
    {
      id: 'copy-json',
      label: 'Copy as JSON',
      detail: 'Text and blocks, as the app sent them',
      run: () => copy(JSON.stringify({ text: message.text, blocks: message.blocks }, null, 2), 'The JSON is copied.'),
    },
    ...shortcuts.map(({ callbackId, name }) => ({
      id: callbackId,
      label: name,
      run: () => act({ act: 'shortcut', callbackId, message: { channel, ts } }),
    })),
    ...(own && !ephemeral
      ? [
          {
            id: 'edit',
            label: 'Edit message',
            run: () => {
              editing.value = messageKey(channel, ts);
            },
          },
          { id: 'delete', label: 'Delete message', danger: true, run: () => remove(message) },
        ]
      : []),
  ];
}

async function remove({ channel, ts }: MessageEntity): Promise<void> {
  if (await askPlain('Delete message', 'It is gone for everybody, and can’t be brought back.', 'Delete')) {
    await tryTo({ act: 'delete', channel, ts });
  }
}

async function copy(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(said);
  } catch {
    tell('The browser did not let the page copy.');
  }
}
