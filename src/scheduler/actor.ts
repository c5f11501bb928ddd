import type { Actor } from '../domain/access.ts';

/** Who asks when the clock does. */
export const SCHEDULE: Actor = {
  person: 'hostler',
  slack: null,
  via: 'schedule',
  platform: 'admin',
  teams: new Map(),
  staleMs: null,
};
