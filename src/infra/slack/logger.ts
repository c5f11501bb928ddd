import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../operations/ports.ts';

const nothing = (): void => undefined;

/** For the SDK where its caller tells of failures himself. */
export const quietLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};

/** Bolt's complaints in our log. What it says at debug holds payloads, and so stays out. */
export function boltLogger(log: Log): Logger {
  const said = (parts: readonly unknown[]) => ({ said: parts.map(String).join(' ').slice(0, 1000) });
  return {
    ...quietLogger,
    warn: (...parts) => log.warn('bolt warns', said(parts)),
    error: (...parts) => log.error('bolt complains', said(parts)),
    getLevel: () => LogLevel.WARN,
  };
}
