import { useRef, useState } from 'preact/hooks';
import type { ChannelEntity } from '../../ui/protocol.ts';
import { Avatar } from '../chat/avatar.tsx';
import { appDm, conversationName, me, personById, personName } from '../model/directory.ts';
import { openPlace, place } from '../model/place.ts';
import { store } from '../model/store.ts';
import { drawer } from '../model/ui-state.ts';
import { Icon } from '../widgets/icon.tsx';
import { rooms, shownRoom } from './rooms.ts';

/** Everything one can go to. */
export function Sidebar() {
  const [typed, setTyped] = useState('');
  const nav = useRef<HTMLElement>(null);
  const { channels, others, direct } = rooms.value;
  const wanted = typed.trim().toLowerCase();
  const fits = (room: ChannelEntity): boolean => conversationName(room).toLowerCase().includes(wanted);
  const shut = (): void => {
    drawer.value = false;
  };
  const first = [...channels, ...direct, ...others].find(fits);
  return (
    <>
      {drawer.value && (
        <button type="button" class="drawer-back" aria-label="Close the list of channels" onClick={shut} />
      )}
      <nav
        ref={nav}
        class={drawer.value ? 'sidebar open' : 'sidebar'}
        aria-label="Channels and direct messages"
        data-testid="sidebar"
        onKeyDown={(event) => {
          if (event.key === 'Escape') shut();
          rovingKeys(event, nav.current);
        }}
      >
        <div class="workspace-name" data-testid="workspace">
          {store.workspace.value?.name ?? '…'}
        </div>
        <input
          class="find"
          type="search"
          placeholder="Find a channel (Ctrl+K)"
          aria-label="Find a channel"
          value={typed}
          data-testid="find-channel"
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || first === undefined) return;
            setTyped('');
            open(first);
          }}
        />
        <div class="sidebar-scroll">
          <Section title="Channels" list={channels.filter(fits)} />
          {others.some(fits) && <Section title="Channels you may join" list={others.filter(fits)} />}
          <Section title="Direct messages" list={direct.filter(fits)} />
          <Apps />
        </div>
      </nav>
    </>
  );
}

function open(room: ChannelEntity): void {
  drawer.value = false;
  openPlace({ channel: room.id });
}

function Section({ title, list }: { readonly title: string; readonly list: readonly ChannelEntity[] }) {
  if (list.length === 0) return null;
  return (
    <section class="section-list" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {list.map((room) => (
          <li key={room.id}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RoomRow({ room }: { readonly room: ChannelEntity }) {
  const { id, kind, unread, mentions, archived } = room;
  const current = shownRoom.value?.id === id;
  const direct = kind === 'im' || kind === 'mpim';
  const other = room.members.find((one) => one !== me.value?.id) ?? '';
  const name = conversationName(room);
  const classes = ['room', current ? 'current' : '', unread + mentions > 0 ? 'unread' : '', archived ? 'archived' : ''];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(' ')}
      aria-current={current ? 'page' : undefined}
      data-testid="room"
      data-channel={id}
      data-name={room.name || name}
      data-unread={unread}
      onClick={() => open(room)}
    >
      {direct ? (
        <Avatar id={other} person={personById(other)} name={personName(other)} small />
      ) : (
        <Icon name={kind === 'private' ? 'lock' : 'hash'} />
      )}
      <span class="room-name">{name}</span>
      {unread > 0 && mentions === 0 && <span class="sr-only">, {unread} unread</span>}
      {mentions > 0 && (
        <span class="mention-count" data-testid="mentions">
          {mentions}
          <span class="sr-only"> {mentions === 1 ? 'mention' : 'mentions'}</span>
        </span>
      )}
    </button>
  );
}

function Apps() {
  const app = store.workspace.value?.app;
  const dm = appDm.value;
  if (app === undefined) return null;
  const current = place.value.home === true || (dm !== undefined && shownRoom.value?.id === dm.id);
  const mentions = dm?.mentions ?? 0;
  return (
    <section class="section-list" aria-label="Apps">
      <h2>Apps</h2>
      <ul>
        <li>
          <button
            type="button"
            class={`room${current ? ' current' : ''}${(dm?.unread ?? 0) > 0 ? ' unread' : ''}`}
            aria-current={current ? 'page' : undefined}
            data-testid="app-room"
            data-channel={dm?.id}
            data-unread={dm?.unread ?? 0}
            onClick={() => {
              drawer.value = false;
              openPlace(
                app.homeTab && mentions === 0 && (dm?.unread ?? 0) === 0
                  ? { home: true }
                  : { dm: personName(app.botUserId) },
              );
            }}
          >
            <Avatar id={app.botUserId} person={personById(app.botUserId)} name={app.name} small />
            <span class="room-name">{app.name}</span>
            <span class={app.online ? 'dot on' : 'dot'} title={app.online ? 'Connected' : 'Not connected'}>
              <span class="sr-only">{app.online ? 'connected' : 'not connected'}</span>
            </span>
            {mentions > 0 && <span class="mention-count">{mentions}</span>}
          </button>
        </li>
      </ul>
    </section>
  );
}

/** Up and down go from row to row. */
function rovingKeys(event: KeyboardEvent, nav: HTMLElement | null): void {
  if (nav === null || event.altKey || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
  const rows = [...nav.querySelectorAll<HTMLElement>('.room')];
  const at = rows.findIndex((row) => row.matches(':focus'));
  event.preventDefault();
  const step = event.key === 'ArrowDown' ? 1 : -1;
  rows[(at + step + rows.length) % rows.length]?.focus();
}
