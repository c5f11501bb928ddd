import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';

const NEAR_PX = 60;
const EARLIER_PX = 400;
/** Rows take their true height only when they come into sight, which moves what is looked for: so look again. */
const SETTLE_FRAMES = 8;

interface Scroll {
  readonly box: RefObject<HTMLDivElement | null>;
  /** The newest is out of sight. */
  readonly away: Signal<boolean>;
  readonly toEnd: () => void;
  readonly toRow: (ts: string) => void;
}

interface ScrollOptions {
  readonly count: number;
  /** Bumped when one has written something oneself: then the end is what one wants to see. */
  readonly sent: number;
  readonly earlier: (() => void) | undefined;
  readonly onEnd: () => void;
}

/** Keeps a list at its end while one reads there, and asks for earlier rows when one comes near its beginning. */
export function useScroll({ count, sent, earlier, onEnd }: ScrollOptions): Scroll {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const away = useSignal(false);
  const down = (): void => {
    const here = box.current;
    if (here !== null && atEnd.current) here.scrollTop = here.scrollHeight;
  };
  useLayoutEffect(down, [count]);
  useEffect(() => {
    const here = box.current;
    if (here === null) return undefined;
    const watch = new ResizeObserver(down);
    watch.observe(here);
    for (const child of here.children) watch.observe(child);
    return () => watch.disconnect();
  });
  useEffect(() => {
    const here = box.current;
    if (here === null) return undefined;
    let before = here.scrollTop;
    const scrolled = (): void => {
      const near = here.scrollHeight - here.scrollTop - here.clientHeight < NEAR_PX;
      // What grows (a picture that arrives, a row that is drawn) moves the end away; only a person goes up.
      atEnd.current = near || (atEnd.current && here.scrollTop >= before);
      before = here.scrollTop;
      away.value = !atEnd.current;
      if (atEnd.current) onEnd();
      if (here.scrollTop > EARLIER_PX || earlier === undefined) return;
      // At zero the browser does not hold the place when rows come in above.
      if (here.scrollTop === 0) here.scrollTop = 1;
      earlier();
    };
    here.addEventListener('scroll', scrolled, { passive: true });
    return () => here.removeEventListener('scroll', scrolled);
  }, [earlier, onEnd]);
  const toEnd = useCallback(() => {
    atEnd.current = true;
    away.value = false;
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [away]);
  const toRow = useCallback((ts: string) => {
    atEnd.current = false;
    let rounds = SETTLE_FRAMES;
    const again = (): void => {
      box.current?.querySelector(`[data-ts="${CSS.escape(ts)}"]`)?.scrollIntoView({ block: 'center' });
      rounds -= 1;
      if (rounds > 0) requestAnimationFrame(again);
    };
    requestAnimationFrame(again);
  }, []);
  const sentBefore = useRef(sent);
  useLayoutEffect(() => {
    if (sentBefore.current !== sent) toEnd();
    sentBefore.current = sent;
  }, [sent, toEnd]);
  return { box, away, toEnd, toRow };
}
