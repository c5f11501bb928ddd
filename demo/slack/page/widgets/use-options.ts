import { useEffect, useState } from 'preact/hooks';
import { type ChoiceGroup, narrowed, type Offer } from './options.ts';

const DEBOUNCE_MS = 200;

/** What a list shows for what was typed. */
export interface Shown {
  readonly groups: readonly ChoiceGroup[];
  /** Instead of choices: what there is to say. */
  readonly note: string;
  readonly busy: boolean;
}

/** The choices for what was typed; those of the app are asked for once typing rests. */
export function useOptions(offer: Offer, typed: string, open: boolean, least: number): Shown {
  const [asked, setAsked] = useState<Shown>({ groups: [], note: '', busy: true });
  useEffect(() => {
    if (!open || typeof offer !== 'function') return undefined;
    if (typed.length < least) {
      setAsked({ groups: [], note: `Type ${least} or more characters to search.`, busy: false });
      return undefined;
    }
    let current = true;
    setAsked((before) => ({ ...before, busy: true }));
    const wait = setTimeout(
      async () => {
        const answer = await offer(typed);
        if (!current) return;
        if (typeof answer === 'string') setAsked({ groups: [], note: answer, busy: false });
        else
          setAsked({
            groups: answer,
            note: answer.some(({ choices }) => choices.length > 0) ? '' : 'No results',
            busy: false,
          });
      },
      typed === '' ? 0 : DEBOUNCE_MS,
    );
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [offer, typed, open, least]);
  if (typeof offer === 'function') return asked;
  const groups = narrowed(offer, typed);
  return { groups, note: groups.length > 0 ? '' : 'No results', busy: false };
}
