import { z } from 'zod';
import { ERROR_CODES, type ErrorRecord } from '../../domain/error.ts';

/** A column of JSON that we wrote ourselves, of this shape. */
export const json = <T>() => z.string().transform((text): T => JSON.parse(text));

/** What went wrong; a code that this version doesn't know counts as a bug. */
export const ErrorJson = z
  .string()
  .nullable()
  .transform((text): ErrorRecord | null => {
    if (text === null) return null;
    const value: ErrorRecord = JSON.parse(text);
    return { ...value, code: ERROR_CODES.find((code) => code === value.code) ?? 'bug' };
  });
