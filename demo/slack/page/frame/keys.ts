import { openPlace } from '../model/place.ts';
import { help, inspector } from '../model/ui-state.ts';
import { inOrder, shownRoom } from './rooms.ts';

/** Keys that work everywhere on the page, but not under a dialog. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]') !== null || event.isComposing) return;
    const done = onKey(event);
    if (done) event.preventDefault();
  });
}

function onKey(event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === 'k') {
    document.querySelector<HTMLInputElement>('[data-testid=find-channel]')?.focus();
    return true;
  }
  if (command && event.key === 'i') {
    inspector.value = !inspector.value;
    return true;
  }
  if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    step(event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
    return true;
  }
  if (event.key === '?' && !isTyping(event.target)) {
    help.value = true;
    return true;
  }
  return false;
}

function step(by: 1 | -1, unreadOnly: boolean): void {
  const all = inOrder.peek();
  const now = shownRoom.peek()?.id;
  const wanted = all.filter(({ id, unread }) => id === now || !unreadOnly || unread > 0);
  const at = wanted.findIndex(({ id }) => id === now);
  const next = wanted[(at + by + wanted.length) % wanted.length];
  if (next !== undefined && next.id !== now) openPlace({ channel: next.id });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
    target.closest('[type=checkbox],[type=radio]') === null
  );
}
