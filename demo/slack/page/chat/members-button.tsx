import { useCallback, useRef, useState } from 'preact/hooks';
import type { ChannelEntity } from '../../ui/protocol.ts';
import { tryTo } from '../model/act.ts';
import { reader } from '../model/clock.ts';
import { personById, personName } from '../model/directory.ts';
import { store } from '../model/store.ts';
import { clockTime } from '../text/date-token.ts';
import { Icon } from '../widgets/icon.tsx';
import { Popup } from '../widgets/popup.tsx';
import { Avatar } from './avatar.tsx';

/** Who is in a channel, what they do, and what time it is for them; the app can be asked in and out. */
export function MembersButton({ channel }: { readonly channel: ChannelEntity }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const app = store.workspace.value?.app;
  const appIsIn = app !== undefined && channel.members.includes(app.botUserId);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="button plain small members"
        aria-expanded={open}
        aria-label={`${channel.memberCount} members`}
        data-testid="members"
        onClick={() => setOpen(!open)}
      >
        <Icon name="people" /> {channel.memberCount}
      </button>
      {open && (
        <Popup anchor={button} onClose={close} align="end" class="members-list">
          <section
            aria-label="Members"
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              event.stopPropagation();
              setOpen(false);
              button.current?.focus();
            }}
          >
            <ul>
              {channel.members.map((id) => (
                <Member key={id} id={id} />
              ))}
            </ul>
            <div class="actions">
              {app !== undefined && (
                <button
                  type="button"
                  class="button plain small"
                  data-testid="app-in-or-out"
                  onClick={() => tryTo({ act: appIsIn ? 'kick' : 'invite', channel: channel.id })}
                >
                  {appIsIn ? `Remove ${app.name}` : `Add ${app.name}`}
                </button>
              )}
              <button
                type="button"
                class="button plain small"
                data-testid="leave"
                onClick={() => tryTo({ act: 'leave', channel: channel.id })}
              >
                Leave
              </button>
            </div>
          </section>
        </Popup>
      )}
    </>
  );
}

function Member({ id }: { readonly id: string }) {
  const person = personById(id);
  const name = personName(id);
  return (
    <li class="member">
      <Avatar id={id} person={person} name={name} small />
      <span>
        {name} {person?.isBot && <span class="badge">APP</span>}
        <small>
          {person?.role ?? (person === undefined || person.isBot ? '' : `@${person.name}`)}
          {person !== undefined && !person.isBot && ` · ${clockTime(reader.value.now, person.tz)} ${person.tz}`}
        </small>
      </span>
    </li>
  );
}
