import { useEffect } from 'preact/hooks';
import type { ChannelEntity } from '../../ui/protocol.ts';
import { act, tryTo } from '../model/act.ts';
import { connection } from '../model/connection.ts';
import { conversationName, personById } from '../model/directory.ts';
import { asName, openPlace } from '../model/place.ts';
import { store } from '../model/store.ts';
import { drawer } from '../model/ui-state.ts';
import { Icon } from '../widgets/icon.tsx';
import { Composer } from './composer.tsx';
import { MembersButton } from './members-button.tsx';
import { MessageList } from './message-list.tsx';

/** A conversation: its name, what was said, and where one writes. */
export function ChannelView({ channel }: { readonly channel: ChannelEntity }) {
  const { id, kind, topic, archived, isMember } = channel;
  const name = conversationName(channel);
  const direct = kind === 'im' || kind === 'mpim';
  const app = store.workspace.value?.app;
  const isAppDm = kind === 'im' && app !== undefined && channel.members.includes(app.botUserId);
  const as = asName.value;
  const live = connection.value === 'live';
  useEffect(() => {
    // Slack tells an app that its messages are opened, too.
    if (isAppDm && live && as !== '') act({ act: 'openHome', tab: 'messages' });
  }, [isAppDm, live, as]);
  return (
    <main class="channel" aria-label={direct ? name : `#${name}`} data-testid="channel" data-channel={id}>
      <header class="channel-head">
        <DrawerButton />
        <h1 class="channel-name" data-testid="channel-name">
          {!direct && <Icon name={kind === 'private' ? 'lock' : 'hash'} />}
          <span>{name}</span>
          {isAppDm && <span class="badge">APP</span>}
          {archived && <span class="badge">archived</span>}
        </h1>
        <p class="topic" title={topic}>
          {topic || (direct ? (personById(channel.members[0] ?? '')?.role ?? '') : '')}
        </p>
        {isAppDm && app?.homeTab && (
          <button
            type="button"
            class="button plain small"
            data-testid="tab-home"
            onClick={() => openPlace({ home: true })}
          >
            Home
          </button>
        )}
        {!direct && isMember && <MembersButton channel={channel} />}
      </header>
      <MessageList key={id} channel={channel} />
      <Foot channel={channel} name={direct ? name : `#${name}`} />
    </main>
  );
}

function Foot({ channel, name }: { readonly channel: ChannelEntity; readonly name: string }) {
  const { id, isMember, archived } = channel;
  if (archived) return <p class="channel-foot">This channel is archived: it can be read, and nothing is said in it.</p>;
  if (!isMember) {
    return (
      <div class="channel-foot">
        <span>You are looking at {name}.</span>
        <button
          type="button"
          class="button primary"
          data-testid="join"
          onClick={() => tryTo({ act: 'join', channel: id })}
        >
          Join the channel
        </button>
      </div>
    );
  }
  return (
    <Composer
      key={id}
      channel={id}
      placeholder={`Message ${name}`}
      autoFocus={!matchMedia('(pointer: coarse)').matches}
    />
  );
}

/** Opens the list of channels where the screen has no room for it. */
export function DrawerButton() {
  return (
    <button
      type="button"
      class="tool drawer-button"
      aria-label="Channels"
      aria-expanded={drawer.value}
      data-testid="open-drawer"
      onClick={() => {
        drawer.value = true;
      }}
    >
      <Icon name="menu" />
    </button>
  );
}
