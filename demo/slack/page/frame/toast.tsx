import { useEffect } from 'preact/hooks';
import { toast } from '../model/act.ts';

const SHOWN_MS = 6000;

/** A line about something that went wrong, or was done; it goes by itself. */
export function Toast() {
  const now = toast.value;
  useEffect(() => {
    if (now === undefined) return undefined;
    const wait = setTimeout(() => {
      toast.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(wait);
  }, [now]);
  return (
    <div class="toast-place" role="status" data-testid="toast">
      {now !== undefined && <div class="toast">{now.text}</div>}
    </div>
  );
}
