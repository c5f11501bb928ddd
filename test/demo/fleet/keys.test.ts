import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeKeyPair } from '../../../demo/fleet/keys.ts';

test('every key that is made can be read', () => {
  const broken = Array.from({ length: 3000 }, () => makeKeyPair('kvm-1')).filter(
    ({ privateKey }) => ssh2.utils.parseKey(privateKey) instanceof Error,
  );
  expect(broken).toEqual([]);
});
