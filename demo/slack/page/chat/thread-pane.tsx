import { useEffect, useMemo } from 'preact/hooks';
import type { ChannelEntity } from '../../ui/protocol.ts';
import { reader } from '../model/clock.ts';
import { conversationName, me } from '../model/directory.ts';
import { messageKey } from '../model/keys.ts';
import { threadList } from '../model/message-index.ts';
import { openThread, place } from '../model/place.ts';
import { store } from '../model/store.ts';
import { Icon } from '../widgets/icon.tsx';
import { Composer } from './composer.tsx';
import { listRows } from './list-rows.ts';
import { Message } from './message.tsx';
import { sentTo } from './sent.ts';
import { useScroll } from './use-scroll.ts';

const nothing = (): void => undefined;

/** A thread beside its channel: the root, its replies, and where one answers. */
export function ThreadPane({ channel, ts }: { readonly channel: ChannelEntity; readonly ts: string }) {
  const root = store.messages.at(messageKey(channel.id, ts)).value;
  const replies = threadList(channel.id, ts).value;
  // Ephemeral ones are no replies.
  const count = root?.replyCount ?? replies.length;
  const { tz } = reader.value;
  const own = me.value?.id ?? '';
  const rows = useMemo(() => {
    const look = (one: string) => store.messages.at(messageKey(channel.id, one)).peek();
    return listRows(replies, look, { tz, newAfter: undefined, own });
  }, [replies, channel.id, tz, own]);
  const { box, toRow } = useScroll({
    count: replies.length,
    sent: sentTo.value.get(`${channel.id}:${ts}`) ?? 0,
    earlier: undefined,
    onEnd: nothing,
  });
  const wanted = place.value.message;
  useEffect(() => {
    if (wanted === undefined || !replies.includes(wanted)) return;
    toRow(wanted);
  }, [wanted, replies, toRow]);
  const direct = channel.kind === 'im' || channel.kind === 'mpim';
  const name = direct ? conversationName(channel) : `#${channel.name}`;
  return (
    <aside
      class="side thread"
      aria-label="Thread"
      data-testid="thread"
      data-ts={ts}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) openThread(undefined);
      }}
    >
      <header class="side-head">
        <h2>
          Thread <small>{name}</small>
        </h2>
        <button
          type="button"
          class="tool"
          aria-label="Close the thread"
          title="Close (Esc)"
          data-testid="close-thread"
          onClick={() => openThread(undefined)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div ref={box} class="message-scroll" data-testid="thread-messages">
        <div class="message-rows">
          {root === undefined ? (
            <p class="unknown">The message that this thread began with is deleted or not for you.</p>
          ) : (
            <Message channel={channel.id} ts={ts} inThread reachable={replies.length === 0} />
          )}
          {count > 0 && (
            <div class="reply-count">
              <span>
                {count} {count === 1 ? 'reply' : 'replies'}
              </span>
            </div>
          )}
          {rows.map((row) =>
            row.kind === 'message' ? (
              <Message
                key={row.key}
                channel={channel.id}
                ts={row.ts}
                joined={row.joined}
                inThread
                reachable={row.ts === replies.at(-1)}
              />
            ) : null,
          )}
        </div>
      </div>
      {channel.isMember && !channel.archived && (
        <Composer key={ts} channel={channel.id} threadTs={ts} placeholder="Reply …" autoFocus />
      )}
    </aside>
  );
}
