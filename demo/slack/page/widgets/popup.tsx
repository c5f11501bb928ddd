import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

interface PopupProps {
  /** What it hangs on. */
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly align?: 'start' | 'end';
  /** At least as wide as the anchor. */
  readonly fit?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

const GAP = 4;
const EDGE = 8;

/**
 * A box over the page beside its anchor, below where there is room, else above. It is a popover of the browser, so nothing
 * cuts it off; a press elsewhere closes it.
 */
export function Popup({ anchor, onClose, align = 'start', fit = false, class: name = '', children }: PopupProps) {
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const here = box.current;
    if (here === null) return undefined;
    if (here.isConnected && !here.matches(':popover-open')) here.showPopover();
    const put = (): void => place(here, anchor.current, align, fit);
    put();
    const watch = new ResizeObserver(put);
    watch.observe(here);
    window.addEventListener('resize', put);
    document.addEventListener('scroll', put, true);
    return () => {
      watch.disconnect();
      window.removeEventListener('resize', put);
      document.removeEventListener('scroll', put, true);
    };
  }, [anchor, align, fit]);

  useEffect(() => {
    const press = (event: PointerEvent): void => {
      const { target } = event;
      if (!(target instanceof Node)) return;
      if (box.current?.contains(target) || anchor.current?.contains(target)) return;
      onClose();
    };
    document.addEventListener('pointerdown', press, true);
    return () => document.removeEventListener('pointerdown', press, true);
  }, [anchor, onClose]);

  return (
    <div ref={box} popover="manual" class={`popup ${name}`}>
      {children}
    </div>
  );
}

function place(box: HTMLElement, anchor: HTMLElement | null, align: 'start' | 'end', fit: boolean): void {
  if (anchor === null) return;
  const at = anchor.getBoundingClientRect();
  if (fit) box.style.minWidth = `${at.width}px`;
  const below = window.innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const upwards = box.scrollHeight > below && above > below;
  box.style.maxHeight = `${Math.max(120, upwards ? above : below)}px`;
  const { width, height } = box.getBoundingClientRect();
  const left = align === 'end' ? at.right - width : at.left;
  box.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - width - EDGE))}px`;
  box.style.top = `${upwards ? at.top - GAP - height : at.bottom + GAP}px`;
}
