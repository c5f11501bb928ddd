import { reader } from '../model/clock.ts';
import { channelById, groupById, me, personById, personName } from '../model/directory.ts';
import { openPlace } from '../model/place.ts';
import { formatDateToken, fullTime } from './date-token.ts';
import type { Inline } from './mrkdwn.ts';

type MentionPart = Extract<Inline, { kind: 'user' | 'channel' | 'group' | 'broadcast' }>;
type DatePart = Extract<Inline, { kind: 'date' }>;

/** A person, a channel, a group or `@here`; one's own stands out. */
export function Mention({ mention }: { readonly mention: MentionPart }) {
  if (mention.kind === 'broadcast') return <span class="mention mine">@{mention.range}</span>;
  if (mention.kind === 'channel') return <ChannelMention id={mention.id} label={mention.label} />;
  if (mention.kind === 'group') {
    const handle = groupById(mention.id)?.handle;
    const mine = me.value?.groups.includes(mention.id) === true;
    const label = handle === undefined ? mention.label || '@group' : `@${handle}`;
    return <span class={mine ? 'mention mine' : 'mention'}>{label.startsWith('@') ? label : `@${label}`}</span>;
  }
  const person = personById(mention.id);
  const name = person === undefined ? mention.label || mention.id : personName(mention.id);
  const mine = me.value?.id === mention.id;
  return (
    <span class={mine ? 'mention mine' : 'mention'} data-testid="mention" data-id={mention.id} title={person?.role}>
      @{name}
    </span>
  );
}

function ChannelMention({ id, label }: { readonly id: string; readonly label: string }) {
  const channel = channelById(id);
  const name = channel?.name ?? label;
  if (channel === undefined) return <span class="mention">#{name === '' ? 'private channel' : name}</span>;
  return (
    <button type="button" class="mention link" onClick={() => openPlace({ channel: id })}>
      #{name}
    </button>
  );
}

/** An instant in the reader's own zone and words. */
export function DateText({ date }: { readonly date: DatePart }) {
  const { tz, now } = reader.value;
  const text = formatDateToken(date.seconds, date.format, { tz, now });
  const time = (
    <time dateTime={new Date(date.seconds * 1000).toISOString()} title={fullTime(date.seconds * 1000, tz)}>
      {text}
    </time>
  );
  if (date.url === null) return time;
  return (
    <a href={date.url} target="_blank" rel="noopener noreferrer nofollow">
      {time}
    </a>
  );
}
