/** What somebody puts in a field: text, one option's value, several, a number of seconds, or nothing. */
export type FieldValue = string | number | readonly string[] | null;
