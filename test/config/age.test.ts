import { describe, expect, it } from 'vitest';
import { identitiesIn, isRecipient, recipientOf } from '../../src/config/age.ts';
import { AGE_KEY } from '../kit/age-key.ts';

const { identity: IDENTITY, recipient: RECIPIENT } = AGE_KEY;

describe('keys of age', () => {
  it('finds the public key of a private one, as age-keygen -y does', () => {
    expect(recipientOf(IDENTITY)).toBe(RECIPIENT);
    expect(recipientOf(IDENTITY.replace(/.$/, 'q'))).toBeNull();
    expect(recipientOf(RECIPIENT)).toBeNull();
  });

  it('knows a public key, and one with a typing error', () => {
    expect(isRecipient(RECIPIENT)).toBe(true);
    for (const bad of ['age1', 'age1bad', RECIPIENT.replace('q', 'p'), RECIPIENT.slice(0, -1), IDENTITY, ''])
      expect([bad, isRecipient(bad)]).toEqual([bad, false]);
  });

  it('reads a file of private keys, and repeats none of it where it can’t', () => {
    expect(identitiesIn(`# created: today\n${IDENTITY}\n\n${IDENTITY}\n`, 'file:k')).toEqual([IDENTITY, IDENTITY]);
    for (const bad of ['', '# nothing\n', 'hunter2', `${IDENTITY}x`]) {
      const read = () => identitiesIn(bad, 'env:KEY');
      expect(read).toThrow('env:KEY holds no private key of age’s');
      expect(read).not.toThrow(/hunter2|AGE-SECRET-KEY-14/);
    }
  });
});
