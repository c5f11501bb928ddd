/** A JSON object whose fields have not been looked at yet. */
export type Json = Record<string, unknown>;

/** True for a plain JSON object (not null, not an array). */
export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value if it is a string, else undefined. */
export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The objects of an array; what is no object, and what is no array, is left out. */
export const asObjects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

/** Parses JSON; undefined where it is none. */
export const parseJson = (source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
};
