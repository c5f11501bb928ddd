import { ChannelView, DrawerButton } from '../chat/channel-view.tsx';
import { ThreadPane } from '../chat/thread-pane.tsx';
import { HomeView } from '../home/home-view.tsx';
import { Inspector } from '../inspector/inspector.tsx';
import { ConfirmDialog } from '../modal/confirm-dialog.tsx';
import { ModalStack } from '../modal/modal.tsx';
import { connection } from '../model/connection.ts';
import { asName, place } from '../model/place.ts';
import { store } from '../model/store.ts';
import { inspector } from '../model/ui-state.ts';
import { Announcer } from './announcer.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { shownRoom } from './rooms.ts';
import { Sidebar } from './sidebar.tsx';
import { Toast } from './toast.tsx';
import { ConnectionBar, TopBar } from './top-bar.tsx';

/** The whole page. */
export function App() {
  const ready = store.me.value !== undefined;
  const room = shownRoom.value;
  const { thread } = place.value;
  const wide = ready && room !== undefined && thread !== undefined;
  return (
    <div class={`frame${wide ? ' with-thread' : ''}${inspector.value ? ' with-inspector' : ''}`} key={asName.value}>
      <TopBar />
      <ConnectionBar />
      <div class="panes">
        <Sidebar />
        {connection.value === 'stranger' ? <Stranger /> : ready ? <Shown /> : <Waiting />}
        {wide && <ThreadPane key={`${room.id} ${thread}`} channel={room} ts={thread} />}
        {inspector.value && <Inspector />}
      </div>
      <ModalStack />
      <ConfirmDialog />
      <HelpDialog />
      <Announcer />
      <Toast />
    </div>
  );
}

function Shown() {
  const room = shownRoom.value;
  if (place.value.home) return <HomeView />;
  if (room !== undefined) return <ChannelView channel={room} />;
  return (
    <main class="channel" data-testid="no-channel">
      <header class="channel-head">
        <DrawerButton />
      </header>
      <div class="opening">
        <p>There is no such conversation, or you are not in it. Choose one from the list.</p>
      </div>
    </main>
  );
}

function Stranger() {
  return (
    <main class="channel" data-testid="stranger">
      <div class="opening" role="alert">
        <p>
          There is no active person <strong>{asName.value}</strong> here. <a href="/">Begin as somebody else</a>.
        </p>
      </div>
    </main>
  );
}

function Waiting() {
  return (
    <main class="channel" data-testid="waiting">
      <div class="opening" role="status">
        <span class="spinner" aria-hidden="true" />
        {connection.value === 'live' ? 'Loading …' : 'Connecting to the chat server …'}
      </div>
    </main>
  );
}
