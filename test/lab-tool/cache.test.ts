import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, contentHash, filesBelow, prune, unfinished } from '../../lab/cache.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-lab-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string) => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
};
const hash = (...texts: string[]) => contentHash(folder, filesBelow(folder), texts);

test('the hash follows content, names and texts, and nothing else', () => {
  write('a/one', 'first');
  write('two', 'second');
  const before = hash('x', 'y');
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  utimesSync(join(folder, 'two'), new Date(0), new Date(0));
  expect(hash('x', 'y')).toBe(before);
  expect(hash('xy', '')).not.toBe(before);
  write('two', 'Second');
  expect(hash('x', 'y')).not.toBe(before);
  write('two', 'second');
  expect(hash('x', 'y')).toBe(before);
  write('three', '');
  expect(hash('x', 'y')).not.toBe(before);
});

test('a build is made once, and found again', async () => {
  let builds = 0;
  const make = () =>
    cached(folder, 'image', 'abc', async (work) => {
      builds++;
      writeFileSync(join(work, 'product'), 'done');
    });
  const first = await make();
  expect(await make()).toBe(first);
  expect(builds).toBe(1);
  expect(readFileSync(join(first, 'product'), 'utf8')).toBe('done');
});

test('a build that failed leaves nothing, and is tried again', async () => {
  const failing = cached(folder, 'image', 'abc', async (work) => {
    writeFileSync(join(work, 'half'), '');
    throw new Error('no space');
  });
  await expect(failing).rejects.toThrow('no space');
  expect(readdirSync(folder)).toEqual([]);
  expect(existsSync(await cached(folder, 'image', 'abc', async () => {}))).toBe(true);
});

test('what a killed build left does not look finished, and is found for sweeping', async () => {
  mkdirSync(join(folder, 'tmp-image-xyz'));
  const made = await cached(folder, 'image', 'xyz', async () => {});
  expect(unfinished(folder)).toEqual([join(folder, 'tmp-image-xyz')]);
  expect(made).toBe(join(folder, 'image-xyz'));
});

test('pruning keeps the last used two of a kind, and what is in use', async () => {
  for (const [at, name] of ['image-1', 'image-2', 'image-3', 'image-4', 'state-1'].entries()) {
    mkdirSync(join(folder, name));
    utimesSync(join(folder, name), at, at);
  }
  await cached(folder, 'image', '2', async () => {}); // used again: now the newest
  const removed = await prune(folder, 'image', 2, [join(folder, 'image-1')]);
  expect(removed).toEqual([join(folder, 'image-3')]);
  expect(readdirSync(folder).sort()).toEqual(['image-1', 'image-2', 'image-4', 'state-1']);
});
