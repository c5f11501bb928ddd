import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** A trigger_id lives three seconds and can be exchanged once. */
const TRIGGER_LIFE_MS = 3000;

/** What using a trigger_id gave: the user it stands for, or Slack's error code. */
type TriggerUse = { ok: true; user: string } | { ok: false; error: string };

/** The trigger_ids that were handed out. */
export interface Triggers {
  issue(user: string): string;
  use(id: string): TriggerUse;
}

/** Makes the store of trigger_ids. */
export const createTriggers = (clock: Clock): Triggers => {
  const issued = new Map<string, { user: string; at: number; used: boolean }>();
  let count = 0;
  return {
    issue: (user) => {
      count += 1;
      const random = createHash('md5').update(`${count}`).digest('hex');
      const id = `${clock.now()}.${count}.${random}`;
      issued.set(id, { user, at: clock.now(), used: false });
      return id;
    },
    use: (id) => {
      const trigger = issued.get(id);
      if (!trigger) return { ok: false, error: 'invalid_trigger_id' };
      if (trigger.used) return { ok: false, error: 'exchanged_trigger_id' };
      if (clock.now() - trigger.at > TRIGGER_LIFE_MS) return { ok: false, error: 'expired_trigger_id' };
      trigger.used = true;
      return { ok: true, user: trigger.user };
    },
  };
};
