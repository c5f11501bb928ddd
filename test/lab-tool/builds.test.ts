import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageHash, stateHash } from '../../lab/build.ts';
import { scriptsFolder } from '../../lab/paths.ts';

let scripts: string;
beforeEach(() => {
  scripts = mkdtempSync(join(tmpdir(), 'hostler-lab-scripts-'));
  cpSync(join(scriptsFolder(), 'image'), join(scripts, 'image'), { recursive: true });
});
afterEach(() => rmSync(scripts, { recursive: true, force: true }));

const change = (name: string) => writeFileSync(join(scripts, 'image', name), 'changed');

test('where the checkout lies does not change a hash', () => {
  expect(imageHash(scripts)).toBe(imageHash(scriptsFolder()));
  expect(stateHash(scripts, 'key', 'QEMU 7.2')).toBe(stateHash(scriptsFolder(), 'key', 'QEMU 7.2'));
});

test.each(['host-packages', 'guest/sbin/set-up', 'host/etc/exports', 'tiny.sh'])(
  'another %s means another image',
  (name) => {
    const before = imageHash(scripts);
    change(name);
    expect(imageHash(scripts)).not.toBe(before);
  },
);

test('another warm.sh means another state of the same image; identity.sh runs later than both', () => {
  const image = imageHash(scripts);
  const state = stateHash(scripts, 'key', 'QEMU 7.2');
  change('identity.sh');
  expect(stateHash(scripts, 'key', 'QEMU 7.2')).toBe(state);
  change('warm.sh');
  expect(imageHash(scripts)).toBe(image);
  expect(stateHash(scripts, 'key', 'QEMU 7.2')).not.toBe(state);
});

test('a state belongs to one QEMU and to one build of the image', () => {
  const state = stateHash(scripts, 'key', 'QEMU 7.2.22');
  expect(stateHash(scripts, 'key', 'QEMU 7.2.23')).not.toBe(state);
  expect(stateHash(scripts, 'other key', 'QEMU 7.2.22')).not.toBe(state);
});
