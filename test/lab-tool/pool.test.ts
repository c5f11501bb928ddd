import { expect, test } from 'vitest';
import { parseHostRecord } from '../../lab/host-record.ts';
import { DEFAULT_POOL_BYTES, hasOtherPool, parsePoolSize } from '../../lab/pool.ts';

test('a pool’s size is read in whole extents, and only one that the host has room for', () => {
  expect(parsePoolSize('2GiB')).toBe(2 ** 31);
  expect(parsePoolSize('1025MiB')).toBe(1028 * 2 ** 20);
  for (const odd of ['2', 'small', '100MiB', '60GiB']) expect(() => parsePoolSize(odd)).toThrow();
});

test('a host of before has the usual pool', () => {
  const old = { name: 'kvm-1', number: 1, sshPort: 1, segmentPort: 1, hubPort: 1, uuid: 'u', hostKey: 'k' };
  const record = parseHostRecord(JSON.stringify({ ...old, image: 'i', state: 's', ready: true }), 'host.json');
  expect(record.poolBytes).toBe(DEFAULT_POOL_BYTES);
  expect(hasOtherPool(record)).toMatch(/^kvm-1 runs with a pool of 40 GiB; end it first: npm run lab -- down kvm-1$/);
});
