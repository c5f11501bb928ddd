/** Definitions of found domains, as a real libvirt printed them and as somebody hostile might have. */
import { expect, it } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import type { DefinitionSeen } from '../../../src/operations/mark-verbs.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const read = (...texts: readonly string[]): readonly (DefinitionSeen | null)[] =>
  makeDriver()
    .domains.definitions(texts.map((_, at) => `uuid-${at}`))
    .parse(texts.map((text) => answered(0, text)));

it('reads what a real one says', () => {
  const [seen] = makeDriver()
    .domains.definitions(['u'])
    .parse([recorded('virsh-dumpxml-beta')]);
  expect(seen).toMatchObject({ kind: 'read', uuid: 'u', marks: null, vcpus: expect.any(Number) });
  if (seen?.kind !== 'read') throw new Error('it can be read');
  expect(seen.memoryBytes % (1024 * 1024)).toBe(0);
  expect(seen.nics[0]?.mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
});

it('a domain that is gone, or can’t be asked for, is no answer', () => {
  expect(
    makeDriver()
      .domains.definitions(['u'])
      .parse([recorded('virsh-libvirtd-stopped')]),
  ).toEqual([null]);
});

it('what can’t be read is told as such, and spoils no other', () => {
  const good = '<domain><name>x</name></domain>';
  expect(read('', '<other/>', '<domain>&bomb;</domain>', '<domain', good).map((each) => each?.kind)).toEqual([
    'unreadable',
    'unreadable',
    'unreadable',
    expect.stringMatching(/unreadable|read/),
    'read',
  ]);
});

it('takes units as libvirt does, and no number that is none', () => {
  const memory = (text: string, unit: string) => read(`<domain><memory unit="${unit}">${text}</memory></domain>`)[0];
  expect(memory('2', 'GiB')).toMatchObject({ memoryBytes: 2 * 1024 ** 3 });
  expect(memory('2', 'KiB')).toMatchObject({ memoryBytes: 2048 });
  const roomy = '<domain><memory unit="GiB">4</memory><currentMemory unit="GiB">2</currentMemory></domain>';
  expect(read(roomy)[0]).toMatchObject({ memoryBytes: 2 * 1024 ** 3 });
  expect(memory('2', 'parsec')).toMatchObject({ memoryBytes: Number.NaN });
  expect(memory('-1e999', 'KiB')).toMatchObject({ memoryBytes: Number.NEGATIVE_INFINITY });
});
