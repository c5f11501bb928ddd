import { connection } from '../model/connection.ts';
import { personas } from '../model/directory.ts';
import { asName, becomePersona } from '../model/place.ts';
import { store } from '../model/store.ts';
import { help, inspector, theme, turnTheme } from '../model/ui-state.ts';
import { Icon } from '../widgets/icon.tsx';

/** Who one is, how things stand, and what else there is. */
export function TopBar() {
  const app = store.workspace.value?.app;
  const { count, failed } = store.trafficCount.value;
  return (
    <header class="top-bar" data-testid="top-bar">
      <strong class="product" data-testid="product">
        {app?.name ?? 'Chat'}
      </strong>
      {app !== undefined && (
        <span class="pill" data-testid="app-state" data-online={app.online} title={`${app.sockets} sockets open`}>
          <span class={app.online ? 'dot on' : 'dot'} aria-hidden="true" />
          <span class="pill-text">
            {app.online ? `online · ${app.mode === 'socket' ? 'Socket Mode' : 'HTTP'}` : 'offline'}
          </span>
        </span>
      )}
      <span class="grow" />
      <label class="persona">
        <span class="persona-label">You are</span>
        <select
          aria-label="You are"
          value={store.me.value?.name ?? asName.value}
          data-testid="persona"
          onChange={({ currentTarget }) => becomePersona(currentTarget.value)}
        >
          {store.me.value === undefined && <option value="">…</option>}
          {personas.value.map(({ id, name, realName, role }) => (
            <option key={id} value={name}>
              {realName || name}
              {role === undefined ? '' : `: ${role}`}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class={inspector.value ? 'tool on' : 'tool'}
        aria-label={`Inspector: ${count} sent and received, ${failed} failed`}
        title="What goes over the wire (Ctrl+I)"
        aria-pressed={inspector.value}
        data-testid="toggle-inspector"
        onClick={() => {
          inspector.value = !inspector.value;
        }}
      >
        <Icon name="pulse" />
        {failed > 0 && <span class="tool-count">{failed}</span>}
      </button>
      <button
        type="button"
        class="tool"
        aria-label="Light or dark"
        title="Light or dark"
        data-testid="toggle-theme"
        data-theme-now={theme.value}
        onClick={turnTheme}
      >
        <Icon name="moon" />
      </button>
      <button
        type="button"
        class="tool"
        aria-label="Keys"
        title="Keys (?)"
        data-testid="open-help"
        onClick={() => {
          help.value = true;
        }}
      >
        <Icon name="help" />
      </button>
    </header>
  );
}

/** What stands over the page while the server is away. */
export function ConnectionBar() {
  const now = connection.value;
  return (
    <div class={`connection-bar ${now}`} role="status" data-testid="connection" data-state={now}>
      {now === 'lost' && 'The chat server is away. Reconnecting …'}
    </div>
  );
}
