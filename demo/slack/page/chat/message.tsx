import { useMemo } from 'preact/hooks';
import type { MessageEntity } from '../../ui/protocol.ts';
import { Attachments } from '../blocks/attachments.tsx';
import { Blocks } from '../blocks/blocks.tsx';
import { FileCard } from '../blocks/file-card.tsx';
import { millis, reader } from '../model/clock.ts';
import { me, personById, personName } from '../model/directory.ts';
import { editing } from '../model/editing.ts';
import { messageKey } from '../model/keys.ts';
import { place } from '../model/place.ts';
import { store } from '../model/store.ts';
import { SurfaceContext, surfaceOf } from '../model/surface.ts';
import { clockTime, fullTime } from '../text/date-token.ts';
import { Mrkdwn } from '../text/marks.tsx';
import { Icon } from '../widgets/icon.tsx';
import { Avatar } from './avatar.tsx';
import { EditMessage } from './edit-message.tsx';
import { dismiss, MessageActions, messageKeys } from './message-actions.tsx';
import { Reactions } from './reactions.tsx';
import { ThreadSummary } from './thread-summary.tsx';

interface MessageProps {
  readonly channel: string;
  readonly ts: string;
  /** Follows one of the same author: no face, no name. */
  readonly joined?: boolean;
  readonly inThread?: boolean;
  /** Can be reached by Tab; the others by arrows. */
  readonly reachable?: boolean;
}

/** One message. It looks only at itself: a change of another draws nothing here. */
export function Message({ channel, ts, joined = false, inThread = false, reachable = false }: MessageProps) {
  const message = store.messages.at(messageKey(channel, ts)).value;
  if (message === undefined) return null;
  return <Row message={message} joined={joined} inThread={inThread} reachable={reachable} />;
}

type RowProps = Required<Pick<MessageProps, 'joined' | 'inThread' | 'reachable'>> & { readonly message: MessageEntity };

function Row({ message, joined, inThread, reachable }: RowProps) {
  const { channel, ts, user, ephemeral } = message;
  const person = personById(user);
  const name = personName(user);
  const flash = place.value.message === ts;
  const own = me.value?.id === user;
  const classes = ['message', joined ? 'joined' : '', ephemeral ? 'ephemeral' : '', flash ? 'flash' : ''];
  const editsIt = editing.value === messageKey(channel, ts);
  return (
    <article
      class={classes.filter(Boolean).join(' ')}
      aria-label={`${name}, ${clockTime(millis(ts), reader.value.tz)}`}
      tabIndex={reachable ? 0 : -1}
      data-testid="message"
      data-ts={ts}
      data-channel={channel}
      data-user={user}
      data-ephemeral={ephemeral}
      onKeyDown={(event) => messageKeys(event, message, own, inThread)}
    >
      {ephemeral && (
        <p class="only-you">
          <Icon name="eye" /> Only visible to you
          <button type="button" class="link-button" data-testid="dismiss" onClick={() => dismiss(message)}>
            Dismiss
          </button>
        </p>
      )}
      {message.broadcast && !inThread && <p class="only-you">replied to a thread</p>}
      <div class="message-side">
        {joined ? <Time ts={ts} short /> : <Avatar id={user} person={person} name={name} />}
      </div>
      <div class="message-main">
        {!joined && (
          <div class="message-head">
            <strong class="author" title={person?.role}>
              {name}
            </strong>
            {person?.isBot === true && <span class="badge">APP</span>}
            {person?.deleted === true && <span class="badge">deactivated</span>}
            <Time ts={ts} />
          </div>
        )}
        {editsIt ? <EditMessage message={message} /> : <Body message={message} />}
        <Reactions message={message} />
        {!inThread && <ThreadSummary message={message} />}
      </div>
      {!editsIt && <MessageActions message={message} own={own} inThread={inThread} />}
    </article>
  );
}

function Time({ ts, short = false }: { readonly ts: string; readonly short?: boolean }) {
  const { tz } = reader.value;
  const text = clockTime(millis(ts), tz);
  return (
    <time class="time" dateTime={new Date(millis(ts)).toISOString()} title={fullTime(millis(ts), tz)}>
      {short ? text.replace(/ [AP]M$/, '') : text}
    </time>
  );
}

function Body({ message }: { readonly message: MessageEntity }) {
  const { channel, ts, text, blocks, attachments, files, edited } = message;
  const values = store.states.at(`state:${channel}:${ts}`).value;
  const surface = surfaceOf('message', messageKey(channel, ts), { message: { channel, ts } });
  const on = useMemo(() => ({ surface, blocks, values, errors: {} }), [surface, blocks, values]);
  return (
    <SurfaceContext.Provider value={on}>
      <div class="message-body" data-testid="message-body">
        {blocks.length > 0 ? <Blocks blocks={blocks} /> : <Mrkdwn text={text} />}
        {edited !== undefined && (
          <span class="edited" title={fullTime(millis(edited), reader.value.tz)} data-testid="edited">
            {' '}
            (edited)
          </span>
        )}
        <Attachments attachments={attachments} />
        {files.map((id) => (
          <AttachedFile key={id} id={id} />
        ))}
      </div>
    </SurfaceContext.Provider>
  );
}

function AttachedFile({ id }: { readonly id: string }) {
  const file = store.files.at(`file:${id}`).value;
  return file === undefined ? null : <FileCard file={file} />;
}
