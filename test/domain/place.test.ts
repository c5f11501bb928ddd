import { expect, it } from 'vitest';
import { readPlace, writePlace } from '../../src/domain/place.ts';

it.each([
  '/srv/backup/hostler',
  'ssh://backup@nas.example:22/srv/backup',
  'ssh://b_1@10.0.0.9:2222/x',
  'ssh://backup@[fd00::1]:22/srv/b-1.zst.age',
])('reads %s, and writes it as it was', (text) => {
  expect(writePlace(readPlace(text))).toBe(text);
});

it('tells the machine from the path on it', () => {
  expect(readPlace('ssh://backup@[fd00::1]:2222/srv/b')).toEqual({
    remote: { user: 'backup', address: 'fd00::1', port: 2222 },
    path: '/srv/b',
  });
  expect(readPlace('/srv/b')).toEqual({ remote: null, path: '/srv/b' });
});
