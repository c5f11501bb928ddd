import { fieldKey, type Placed } from '../form/placed.ts';
import { isJson, str, textOf } from '../json.ts';
import { useSurface } from '../model/surface.ts';
import { press } from '../model/use-element.ts';
import { Plain } from '../text/marks.tsx';
import { safeUrl } from '../text/mrkdwn.ts';

interface ElementProps {
  readonly placed: Placed;
}

/** A button; one with an address opens it, and tells the app as well. */
export function ButtonElement({ placed }: ElementProps) {
  const on = useSurface();
  const { element, blockId, actionId } = placed;
  const busy = on.surface.busy.value.has(fieldKey(placed));
  const style = str(element.style, 'plain');
  const url = safeUrl(str(element.url));
  const common = {
    class: `button ${style}${busy ? ' busy' : ''}`,
    'data-testid': 'block-button',
    'data-block-id': blockId,
    'data-action-id': actionId,
    'data-value': str(element.value),
  };
  const label = str(element.accessibility_label) || undefined;
  const inside = (
    <>
      <span class="button-label">
        <Plain text={textOf(element.text)} />
      </span>
      {busy && <span class="spinner" aria-hidden="true" />}
    </>
  );
  if (url !== null) {
    return (
      <a
        {...common}
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={label}
        onClick={() => press(on, placed)}
      >
        {inside}
      </a>
    );
  }
  return (
    <button
      {...common}
      type="button"
      aria-busy={busy}
      aria-disabled={busy}
      aria-label={label}
      onClick={() => press(on, placed)}
    >
      {inside}
    </button>
  );
}

/** A small button of a context_actions block. */
export function IconButton({ placed }: ElementProps) {
  const on = useSurface();
  const { element, blockId, actionId } = placed;
  return (
    <button
      type="button"
      class="button plain small"
      data-testid="block-button"
      data-block-id={blockId}
      data-action-id={actionId}
      aria-label={str(element.accessibility_label) || undefined}
      onClick={() => press(on, placed)}
    >
      {str(element.icon) === 'trash' ? '🗑️ ' : ''}
      <Plain text={textOf(element.text)} />
    </button>
  );
}

/** Thumbs up and down. */
export function FeedbackButtons({ placed }: ElementProps) {
  const on = useSurface();
  const { element, blockId, actionId } = placed;
  return (
    <span class="feedback">
      {[element.positive_button, element.negative_button].filter(isJson).map((one, index) => (
        <button
          key={str(one.value)}
          type="button"
          class="button plain small"
          data-testid="block-button"
          data-block-id={blockId}
          data-action-id={actionId}
          aria-label={str(one.accessibility_label) || undefined}
          onClick={() => press(on, placed)}
        >
          {index === 0 ? '👍 ' : '👎 '}
          <Plain text={textOf(one.text)} />
        </button>
      ))}
    </span>
  );
}
