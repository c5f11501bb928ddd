import { useEffect, useMemo, useState } from 'preact/hooks';
import { watchTraffic } from '../model/connection.ts';
import { store } from '../model/store.ts';
import { inspector } from '../model/ui-state.ts';
import { Icon } from '../widgets/icon.tsx';
import { filterTraffic, type TrafficKind } from './traffic-filter.ts';
import { TrafficLine } from './traffic-line.tsx';
import { TroublePanel } from './trouble-panel.tsx';

const KINDS: readonly (readonly [TrafficKind, string])[] = [
  ['all', 'All'],
  ['api', 'API'],
  ['events', 'Events'],
  ['interactive', 'Interactive'],
  ['acks', 'Acks'],
  ['errors', 'Errors'],
];

/** What goes over the wire, newest first, and the means to make it go wrong. */
export function Inspector() {
  const [kind, setKind] = useState<TrafficKind>('all');
  const [words, setWords] = useState('');
  useEffect(() => {
    watchTraffic.value = true;
    return () => {
      watchTraffic.value = false;
    };
  }, []);
  const entries = store.traffic.all.value;
  const shown = useMemo(() => {
    const all = [...entries.values()].sort((a, b) => b.n - a.n);
    return filterTraffic(all, kind, words);
  }, [entries, kind, words]);
  const close = (): void => {
    inspector.value = false;
  };
  return (
    <aside
      class="side inspector"
      aria-label="Inspector"
      data-testid="inspector"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close();
      }}
    >
      <header class="side-head">
        <h2>Inspector</h2>
        <button
          type="button"
          class="tool"
          aria-label="Close the inspector"
          title="Close (Esc)"
          data-testid="close-inspector"
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </header>
      <TroublePanel />
      <div class="filters">
        <div class="chips" role="toolbar" aria-label="What to show">
          {KINDS.map(([name, label]) => (
            <button
              key={name}
              type="button"
              class={kind === name ? 'chip on' : 'chip'}
              aria-pressed={kind === name}
              data-testid={`filter-${name}`}
              onClick={() => setKind(name)}
            >
              {label}
            </button>
          ))}
        </div>
        <input
          class="input"
          type="search"
          placeholder="Find in names and content"
          aria-label="Find in names and content"
          value={words}
          data-testid="find-traffic"
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="traffic" tabIndex={0} aria-label={`${shown.length} lines`} data-testid="traffic">
        {shown.length === 0 && <p class="unknown">Nothing of this kind went over the wire yet.</p>}
        {shown.map((entry) => (
          <TrafficLine key={entry.n} entry={entry} />
        ))}
      </section>
    </aside>
  );
}
