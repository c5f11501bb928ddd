import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readKeyring } from '../../src/config/keyring.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostler-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (content: Buffer | string) => {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
};
const VENDOR = readFileSync('test/fixtures/signed/vendor.gpg');
const ARMORED = readFileSync('test/fixtures/signed/vendor.asc', 'utf8');

it('reads keys as they are, and armored, one or several', () => {
  expect(readKeyring('test/fixtures/signed/vendor.gpg')).toBe(VENDOR.toString('base64'));
  expect(readKeyring('test/fixtures/signed/vendor.asc')).toBe(VENDOR.toString('base64'));
  const headed = ARMORED.replace('\n\n', '\nVersion: 1\n\n').replaceAll('\n', '\r\n');
  expect(readKeyring(file(`${headed}${ARMORED}`))).toBe(Buffer.concat([VENDOR, VENDOR]).toString('base64'));
});

it('refuses what is no public key', () => {
  expect(() => readKeyring(join(folder, 'none'))).toThrow(/can’t be read/);
  expect(() => readKeyring(file(''))).toThrow(/is no OpenPGP public key/);
  expect(() => readKeyring(file('ssh-ed25519 AAAA'))).toThrow(/is no OpenPGP public key/);
  expect(() => readKeyring(file(readFileSync('test/fixtures/signed/good.sig')))).toThrow(/is no OpenPGP public key/);
  // The first bytes of a secret key: packet 5.
  expect(() => readKeyring(file(Buffer.from([0x94, 0x58, 0x04])))).toThrow(/holds a secret key/);
});
