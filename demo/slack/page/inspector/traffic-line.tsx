import { useState } from 'preact/hooks';
import type { TrafficEntity } from '../../ui/protocol.ts';
import { isFault, isLate } from './traffic-filter.ts';

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** One line; opened, all that was sent and answered. */
export function TrafficLine({ entry }: { readonly entry: TrafficEntity }) {
  const [open, setOpen] = useState(false);
  const { n, at, from, kind, name, sent, answer, status, envelopeId, socket, ms, cut } = entry;
  const late = isLate(entry);
  return (
    <details
      class={isFault(entry) ? 'traffic-line bad' : 'traffic-line'}
      data-testid="traffic-line"
      data-kind={kind}
      data-name={name}
      data-n={n}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        <span class="traffic-time">{clock.format(at)}</span>
        <span class="traffic-way" title={from === 'app' ? 'from the app' : 'to the app'}>
          {from === 'app' ? '→' : '←'}
        </span>
        <span class={`traffic-kind ${kind}`}>{kind.replace('_', ' ')}</span>
        <span class="traffic-name">{name}</span>
        {status !== undefined && status !== 200 && <span class="traffic-status">{status}</span>}
        {ms !== undefined && (
          <span class={late ? 'traffic-ms late' : 'traffic-ms'} data-testid="traffic-ms">
            {ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`}
            {late && <span class="sr-only"> (too late)</span>}
          </span>
        )}
      </summary>
      {open && (
        <div class="traffic-more">
          <p>
            {envelopeId !== undefined && `envelope ${envelopeId} · `}
            {socket !== undefined && (socket === 0 ? 'over HTTP' : `socket ${socket}`)}
          </p>
          {cut && <p class="unknown">Too long to be shown whole.</p>}
          {sent !== undefined && <Json title="sent" value={sent} />}
          {answer !== undefined && <Json title="answer" value={answer} />}
        </div>
      )}
    </details>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="pre" tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </>
  );
}
