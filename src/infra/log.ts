import { pino } from 'pino';
import type { Log } from '../operations/ports.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
/** `botToken`, `signing_secret`, `Authorization`: at any depth, for what libraries hand us with their errors. */
const HIDDEN = /(token|password|passphrase|authorization|cookie|secret|private_?key)$/i;
const DEEPEST = 8;

/**
 * JSON lines on stderr. Secrets mask themselves (domain/secret.ts); fields that are named like one are masked as well.
 * Levels are pino's; an unknown one is `info`.
 */
export function jsonLog(level: string, destination: { write: (line: string) => void } = process.stderr): Log {
  const logger = pino(
    {
      level: LEVELS.includes(level) ? level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (data) => fields(data, 0) },
    },
    destination,
  );
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, data: Record<string, unknown> = {}): void =>
      logger[name](data, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '[deeper]';
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return {
      name,
      message,
      ...fields(value, depth),
      stack,
      ...(cause === undefined ? {} : { cause: shown(cause, depth + 1) }),
    };
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return shown(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return value.map((item) => shown(item, depth + 1));
  return fields(value, depth);
}

function fields(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, HIDDEN.test(key) ? '[secret]' : shown(field, depth + 1)]),
  );
}
