import type { Suggestion } from '../complete/complete.ts';

interface SuggestionListProps {
  readonly id: string;
  readonly items: readonly Suggestion[];
  readonly active: number;
  readonly pick: (item: Suggestion) => void;
}

/** What could be meant, over the composer. */
export function SuggestionList({ id, items, active, pick }: SuggestionListProps) {
  return (
    <>
      <div id={id} role="listbox" aria-label="Suggestions" class="choices" tabIndex={-1} data-testid="suggestions">
        {items.map((item, index) => (
          <div
            key={item.label}
            id={`${id}-${index}`}
            ref={(node) => {
              if (index === active) node?.scrollIntoView({ block: 'nearest' });
            }}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            class={index === active ? 'choice active' : 'choice'}
            data-testid="suggestion"
            data-value={item.insert.trim()}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => pick(item)}
            onKeyDown={() => undefined}
          >
            <span class="suggestion-label">{item.label}</span>
            <small>{item.detail}</small>
          </div>
        ))}
      </div>
      <div class="choices-note keys" aria-hidden="true">
        <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Tab</kbd> take <kbd>Esc</kbd> close
      </div>
    </>
  );
}
