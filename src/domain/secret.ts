/**
 * A value that must not be told: it prints as `[secret]` wherever it ends up, in logs, JSON and errors alike,
 * so redaction goes by type and not by pattern.
 */
export interface Secret {
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

const MASK = '[secret]';

/** Wraps a secret. The value lives in a closure: no enumeration of the object finds it. */
export function secret(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: () => MASK,
    toJSON: () => MASK,
    [Symbol.for('nodejs.util.inspect.custom')]: () => MASK,
  });
}
