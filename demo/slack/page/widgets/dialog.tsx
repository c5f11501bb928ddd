import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly label: string;
  readonly testId: string;
  readonly class?: string;
  /** Esc. */
  readonly onEscape: () => void;
  readonly children: ComponentChildren;
  readonly viewId?: string;
}

/** A dialog of the browser's own: the rest of the page is out of reach, Esc asks to close, the focus comes back after it. */
export function Dialog({ label, testId, class: name = '', onEscape, children, viewId }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const here = box.current;
    if (here !== null && !here.open) here.showModal();
    return () => {
      here?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={`dialog ${name}`}
      aria-label={label}
      data-testid={testId}
      data-view-id={viewId}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onEscape();
      }}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === event.currentTarget) onEscape();
      }}
    >
      {children}
    </dialog>
  );
}
