import type { MessageEntity } from '../../ui/protocol.ts';
import { millis, reader } from '../model/clock.ts';
import { personById, personName } from '../model/directory.ts';
import { openThread } from '../model/place.ts';
import { ago } from '../text/date-token.ts';
import { Avatar } from './avatar.tsx';

/** `3 replies · last reply 5 minutes ago`, under the root of a thread. */
export function ThreadSummary({ message }: { readonly message: MessageEntity }) {
  const { ts, threadTs, replyCount, lastReplyTs, replyUsers, broadcast } = message;
  if (broadcast && threadTs !== undefined) {
    return (
      <button type="button" class="thread-summary" onClick={() => openThread(threadTs)}>
        View the thread
      </button>
    );
  }
  if (replyCount === 0) return null;
  return (
    <button
      type="button"
      class="thread-summary"
      data-testid="thread-summary"
      data-ts={ts}
      onClick={() => openThread(ts)}
    >
      {replyUsers.slice(0, 4).map((id) => (
        <Avatar key={id} id={id} person={personById(id)} name={personName(id)} small />
      ))}
      <strong>
        {replyCount} {replyCount === 1 ? 'reply' : 'replies'}
      </strong>
      {lastReplyTs !== undefined && (
        <span>Last reply {ago(Math.min(millis(lastReplyTs), reader.value.now), reader.value.now)}</span>
      )}
    </button>
  );
}
