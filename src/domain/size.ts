import { BotError } from './error.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const FACTORS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['k', 1024],
  ['kib', 1024],
  ['m', 1024 ** 2],
  ['mib', 1024 ** 2],
  ['g', 1024 ** 3],
  ['gib', 1024 ** 3],
  ['t', 1024 ** 4],
  ['tib', 1024 ** 4],
]);
const SIZE = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

export const MiB = 1024 ** 2;
export const GiB = 1024 ** 3;

/** Bytes from `10GiB`, `512 MiB`, `10G`. A number alone is refused: nobody agrees on its unit. Decimal units (GB) are refused too. */
export function parseSize(text: string): number {
  const match = SIZE.exec(text.trim());
  const factor = FACTORS.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || factor === undefined || (match[2] ?? '') === '') {
    throw new BotError('invalid_input', `"${text}" is not a size`, {
      hint: 'Give a number with a binary unit, such as 512MiB or 10GiB.',
    });
  }
  return Math.round(Number(match[1]) * factor);
}

/** `10 GiB`, `1.5 GiB`, `512 MiB`: binary units, at most one decimal. */
export function formatSize(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = Math.round(value * 10) / 10;
  const text = Number.isInteger(rounded) ? String(rounded) : rounded.toFixed(1);
  return `${bytes < 0 ? '-' : ''}${text} ${UNITS[unit]}`;
}

const SPANS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** Milliseconds from `30s`, `15m`, `24h`, `7d`, `2w`. */
export function parseSpan(text: string): number {
  const match = /^(\d+)\s*([smhdw])$/.exec(text.trim());
  const factor = SPANS.get(match?.[2] ?? '');
  if (match === null || factor === undefined) {
    throw new BotError('invalid_input', `"${text}" is not a length of time`, {
      hint: 'Give a number with a unit, such as 30s, 15m, 24h, 7d or 2w.',
    });
  }
  return Number(match[1]) * factor;
}

/** `45 s`, `3 min`, `2 h 5 min`, `3 d`: the two largest units, for people. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
