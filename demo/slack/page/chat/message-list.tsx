import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ChannelEntity } from '../../ui/protocol.ts';
import { act } from '../model/act.ts';
import { reader } from '../model/clock.ts';
import { send } from '../model/connection.ts';
import { me } from '../model/directory.ts';
import { messageKey } from '../model/keys.ts';
import { channelList } from '../model/message-index.ts';
import { place } from '../model/place.ts';
import { store } from '../model/store.ts';
import { dayTitle } from '../text/date-token.ts';
import { Icon } from '../widgets/icon.tsx';
import { type ListRow, listRows } from './list-rows.ts';
import { Message } from './message.tsx';
import { sentTo } from './sent.ts';
import { useScroll } from './use-scroll.ts';

/** So many messages are drawn at first, and so many more each time one comes to the beginning. */
const WINDOW = 80;

/** What was said in a channel. */
export function MessageList({ channel }: { readonly channel: ChannelEntity }) {
  const { id, older } = channel;
  const all = channelList(id).value;
  const wanted = place.value.message;
  const [most, setMost] = useState(WINDOW);
  const [newAfter] = useState(() => (channel.unread > 0 ? channel.readTs : undefined));
  const { tz } = reader.value;
  const own = me.value?.id ?? '';
  const from = Math.max(0, all.length - most);
  const rows = useMemo(() => {
    const look = (ts: string) => store.messages.at(messageKey(id, ts)).peek();
    return listRows(all.slice(from), look, { tz, newAfter, own });
  }, [all, from, id, tz, newAfter, own]);

  const earlier = useCallback(() => {
    if (from === 0) send({ type: 'more', channel: id });
    setMost((before) => before + WINDOW);
  }, [from, id]);
  const readTo = all.at(-1);
  const unread = channel.unread + channel.mentions > 0;
  const read = useCallback(() => {
    if (unread && readTo !== undefined && document.visibilityState === 'visible')
      act({ act: 'read', channel: id, ts: readTo });
  }, [unread, readTo, id]);
  const { box, away, toEnd, toRow } = useScroll({
    count: all.length,
    sent: sentTo.value.get(id) ?? 0,
    earlier: from > 0 || older ? earlier : undefined,
    onEnd: read,
  });

  useEffect(() => {
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [read]);
  const at = wanted === undefined ? -1 : all.indexOf(wanted);
  const found = useRef('');
  useEffect(() => {
    // Once for each link: what is said later must not pull one back.
    if (wanted === undefined || at < 0 || found.current === wanted) return;
    found.current = wanted;
    setMost((before) => Math.max(before, all.length - at + 20));
    toRow(wanted);
  }, [at, wanted, all.length, toRow]);

  const last = all.at(-1);
  return (
    <div ref={box} class="message-scroll" data-testid="messages">
      <div class="message-rows">
        {from === 0 && !older && <Beginning channel={channel} empty={all.length === 0} />}
        {useKept(rows, id, last)}
      </div>
      {away.value && (
        <button type="button" class="to-end" data-testid="to-end" onClick={toEnd}>
          <Icon name="down" /> {unread ? 'New messages' : 'To the newest'}
        </button>
      )}
    </div>
  );
}

/** The rows as drawn; one that is as before is the same object, which costs nothing to draw again. */
function useKept(rows: readonly ListRow[], channel: string, last: string | undefined): ComponentChildren {
  const kept = useRef(new Map<string, { readonly look: string; readonly node: ComponentChildren }>());
  const next: typeof kept.current = new Map();
  const nodes = rows.map((row) => {
    const look = row.kind === 'message' ? `${row.joined} ${row.ts === last}` : row.kind;
    const before = kept.current.get(row.key);
    const node =
      before?.look === look ? before.node : <RowView key={row.key} row={row} channel={channel} last={last} />;
    next.set(row.key, { look, node });
    return node;
  });
  kept.current = next;
  return nodes;
}

function RowView({
  row,
  channel,
  last,
}: {
  readonly row: ListRow;
  readonly channel: string;
  readonly last: string | undefined;
}) {
  if (row.kind === 'day') {
    return (
      <div class="day">
        <span>{dayTitle(row.at, reader.value)}</span>
      </div>
    );
  }
  if (row.kind === 'new') {
    return (
      <div class="new-mark" data-testid="new-divider">
        <span>New</span>
      </div>
    );
  }
  return <Message channel={channel} ts={row.ts} joined={row.joined} reachable={row.ts === last} />;
}

function Beginning({ channel, empty }: { readonly channel: ChannelEntity; readonly empty: boolean }) {
  const { kind, name, topic } = channel;
  const direct = kind === 'im' || kind === 'mpim';
  return (
    <div class="beginning" data-testid="beginning">
      <p class="beginning-title">{direct ? 'This is the beginning of your conversation' : `Welcome to #${name}`}</p>
      <p>
        {topic === '' ? '' : `${topic} `}
        {empty
          ? 'No messages yet: write the first one, or type / for the app’s commands.'
          : 'Nothing was said before this.'}
      </p>
    </div>
  );
}
