import { useState } from 'preact/hooks';
import type { ActiveTrouble, TroubleRequest } from '../../ui/protocol.ts';
import { makeTrouble } from '../model/act.ts';
import { store } from '../model/store.ts';
import { Icon } from '../widgets/icon.tsx';

const METHODS = ['*', 'chat.postMessage', 'chat.update', 'views.open', 'views.update', 'views.publish', 'users.info'];

const WORDS: Readonly<Record<ActiveTrouble['kind'], string>> = {
  'rate-limit': '429',
  error: 'error',
  lost: 'answer lost',
  slow: 'slow',
  down: 'down',
  'drop-sockets': 'sockets dropped',
  refresh: 'socket refresh',
  duplicate: 'everything twice',
};

/** Buttons that make Slack behave badly, and what of it is at work. */
export function TroublePanel() {
  const [method, setMethod] = useState('*');
  const { active } = store.trouble.value;
  const down = active.some(({ kind }) => kind === 'down');
  const of = method === '*' ? {} : { method };
  const choices: readonly (readonly [string, string, TroubleRequest])[] = [
    ['rate-limit', '429, retry in 5 s', { kind: 'rate-limit', ...of, times: 1, seconds: 5 }],
    ['error', 'internal_error', { kind: 'error', ...of, times: 1 }],
    ['lost', 'Lose an answer', { kind: 'lost', ...of, times: 1 }],
    ['slow', 'Slow by 2 s', { kind: 'slow', seconds: 2 }],
    ['duplicate', 'Everything twice', { kind: 'duplicate' }],
    ['drop-sockets', 'Drop the sockets', { kind: 'drop-sockets' }],
    ['refresh', 'Refresh a socket', { kind: 'refresh' }],
    down ? ['up', 'Slack is up again', { kind: 'up' }] : ['down', 'Slack is down', { kind: 'down' }],
  ];
  return (
    <section class="trouble" aria-label="Trouble" data-testid="trouble">
      <h3>
        Trouble
        <label>
          at{' '}
          <select
            value={method}
            aria-label="At which call"
            data-testid="trouble-method"
            onChange={({ currentTarget }) => setMethod(currentTarget.value)}
          >
            {METHODS.map((one) => (
              <option key={one} value={one}>
                {one === '*' ? 'the next call' : one}
              </option>
            ))}
          </select>
        </label>
      </h3>
      <div class="trouble-buttons">
        {choices.map(([name, label, request]) => (
          <button
            key={name}
            type="button"
            class="button plain small"
            data-testid={`trouble-${name}`}
            onClick={() => makeTrouble(request)}
          >
            {label}
          </button>
        ))}
      </div>
      {active.length > 0 && (
        <div class="active-troubles" data-testid="active-troubles">
          {active.map((one) => (
            <Active key={one.id} trouble={one} />
          ))}
          <button
            type="button"
            class="link-button"
            data-testid="trouble-clear"
            onClick={() => makeTrouble({ kind: 'clear' })}
          >
            Clear all
          </button>
        </div>
      )}
    </section>
  );
}

function Active({ trouble }: { readonly trouble: ActiveTrouble }) {
  const { id, kind, method, left, seconds, error } = trouble;
  const parts = [
    WORDS[kind],
    method === '*' || method === '' ? '' : method,
    seconds === undefined ? '' : `${seconds} s`,
    error ?? '',
    left === undefined ? '' : `${left}×`,
  ];
  const words = parts.filter(Boolean).join(' · ');
  return (
    <span class="active-trouble" data-testid="active-trouble" data-kind={kind}>
      {words}
      <button type="button" aria-label={`End: ${words}`} onClick={() => makeTrouble({ kind: 'clear', id })}>
        <Icon name="close" />
      </button>
    </span>
  );
}
