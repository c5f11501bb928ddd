import { expect, it } from 'vitest';
import { makeTurns } from '../../../src/infra/ssh/turns.ts';

it('lets so much at most be under way, in the order it came, and goes on after what failed', async () => {
  const turns = makeTurns(2);
  const begun: number[] = [];
  const ends: ((failed: boolean) => void)[] = [];
  const all = [0, 1, 2, 3].map((at) =>
    turns(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(at);
          ends[at] = (failed) => (failed ? reject(new Error(`${at}`)) : resolve(at));
        }),
    ).catch(() => -1),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[0]?.(false);
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends[2]?.(false);
  ends[3]?.(false);
  expect(await Promise.all(all)).toEqual([0, -1, 2, 3]);
});
