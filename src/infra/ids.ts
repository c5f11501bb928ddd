import { randomBytes, randomUUID } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import type { Ids } from '../operations/ports.ts';

/** Random ids: ULIDs that sort by time, also within a millisecond. */
export function randomIds(): Ids {
  const next = monotonicFactory();
  return {
    next: (prefix) => `${prefix}_${next()}`,
    uuid: randomUUID,
    hex: (bytes) => randomBytes(bytes).toString('hex'),
  };
}
