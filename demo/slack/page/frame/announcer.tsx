import { useRef } from 'preact/hooks';
import { personName } from '../model/directory.ts';
import { messageKey } from '../model/keys.ts';
import { channelList } from '../model/message-index.ts';
import { store } from '../model/store.ts';
import { parseMrkdwn } from '../text/mrkdwn.ts';
import { shownRoom } from './rooms.ts';

const SAID_CHARS = 200;

/** Tells screen readers what was newly said in the channel that is shown; not what is loaded or scrolled to. */
export function Announcer() {
  const room = shownRoom.value?.id ?? '';
  const last = channelList(room).value.at(-1) ?? '';
  const before = useRef({ room, last });
  const isNew = before.current.room === room && last > before.current.last && before.current.last !== '';
  before.current = { room, last };
  const message = isNew ? store.messages.at(messageKey(room, last)).peek() : undefined;
  const said = message === undefined ? '' : `${personName(message.user)}: ${plain(message.text)}`;
  return (
    <div class="sr-only" role="log" aria-live="polite" data-testid="announcer">
      {said}
    </div>
  );
}

function plain(text: string): string {
  const words = parseMrkdwn(text.slice(0, SAID_CHARS * 2)).map((part) =>
    part.kind === 'pre'
      ? part.text
      : part.of.map((one) => ('text' in one ? one.text : 'label' in one ? one.label : '')).join(''),
  );
  return words.join(' ').slice(0, SAID_CHARS);
}
