import { useEffect, useMemo, useState } from 'preact/hooks';
import { Blocks } from '../blocks/blocks.tsx';
import { Avatar } from '../chat/avatar.tsx';
import { DrawerButton } from '../chat/channel-view.tsx';
import { keptTyped } from '../form/form-state.ts';
import { act } from '../model/act.ts';
import { connection } from '../model/connection.ts';
import { personById, personName } from '../model/directory.ts';
import { asName, openPlace } from '../model/place.ts';
import { store } from '../model/store.ts';
import { SurfaceContext, surfaceOf } from '../model/surface.ts';

/** The app's own place: what it publishes for each person, its messages, and what it is. */
export function HomeView() {
  const [about, setAbout] = useState(false);
  const [fault, setFault] = useState('');
  const app = store.workspace.value?.app;
  const as = asName.value;
  const live = connection.value === 'live';
  useEffect(() => {
    if (!live) return;
    let current = true;
    // Opening the tab is what makes the app publish it.
    act({ act: 'openHome' }).then((answer) => {
      if (current) setFault(answer.ok ? '' : answer.error.message);
    });
    return () => {
      current = false;
    };
  }, [as, live]);
  if (app === undefined) return <main class="channel" />;
  const tab = (name: string, on: boolean, run: () => void) => (
    <button
      type="button"
      role="tab"
      class={on ? 'tab on' : 'tab'}
      aria-selected={on}
      data-testid={`tab-${name.toLowerCase()}`}
      onClick={run}
    >
      {name}
    </button>
  );
  return (
    <main class="channel" aria-label={`${app.name}: Home`} data-testid="home">
      <header class="channel-head">
        <DrawerButton />
        <Avatar id={app.botUserId} person={personById(app.botUserId)} name={app.name} small />
        <h1 class="channel-name">
          <span>{app.name}</span> <span class="badge">APP</span>
        </h1>
        <div class="tabs" role="tablist" aria-label={app.name}>
          {tab('Home', !about, () => setAbout(false))}
          {tab('Messages', false, () => openPlace({ dm: personName(app.botUserId) }))}
          {tab('About', about, () => setAbout(true))}
        </div>
      </header>
      <div class="home-scroll" role="tabpanel" aria-label={about ? 'About' : 'Home'}>
        {fault !== '' && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        {about ? <About /> : <HomeBlocks />}
      </div>
    </main>
  );
}

function HomeBlocks() {
  const home = store.home.value;
  const id = home?.id ?? '';
  const surface = surfaceOf('home', `home ${asName.value} ${id}`, { home: true });
  const blocks = home?.blocks ?? [];
  useEffect(() => {
    surface.typed.value = keptTyped(surface.typed.peek(), blocks);
  }, [surface, blocks]);
  const on = useMemo(() => ({ surface, blocks, values: home?.values, errors: {} }), [surface, blocks, home]);
  if (home === undefined) {
    return (
      <div class="opening" role="status" data-testid="home-opening">
        <span class="spinner" aria-hidden="true" /> Opening …
      </div>
    );
  }
  return (
    <SurfaceContext.Provider value={on}>
      <div class="home-blocks" data-testid="home-blocks" data-view-id={id}>
        {blocks.length === 0 ? <p>The app has put nothing here.</p> : <Blocks blocks={blocks} />}
      </div>
    </SurfaceContext.Provider>
  );
}

function About() {
  const workspace = store.workspace.value;
  if (workspace === undefined) return null;
  const { app } = workspace;
  const commands = [...store.commands.all.value.values()];
  return (
    <div class="home-blocks about">
      <p>{app.description || 'The app says nothing about itself.'}</p>
      <dl>
        <dt>State</dt>
        <dd>
          {app.online ? `online, ${app.mode === 'socket' ? `Socket Mode, ${app.sockets} sockets` : 'HTTP'}` : 'offline'}
        </dd>
        <dt>App id</dt>
        <dd>{app.id}</dd>
        <dt>Commands</dt>
        <dd>
          <ul>
            {commands.map(({ command, description, usageHint }) => (
              <li key={command}>
                <code class="code">
                  {command} {usageHint}
                </code>{' '}
                {description}
              </li>
            ))}
          </ul>
        </dd>
      </dl>
    </div>
  );
}
