/** An object of Slack's JSON, of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** True for an object that is no array. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is a string, else `otherwise`. */
export function str(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

/** The value where it is a number, else `otherwise`. */
export function num(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** The objects in a list; nothing where it is no list. */
export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** The strings in a list; nothing where it is no list. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The `text` of a text object, as it stands there. */
export function textOf(value: unknown): string {
  return isJson(value) ? str(value.text) : '';
}
