import { describe, expect, it } from 'vitest';
import { digestIn, fileNameOf } from '../../src/domain/image.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(128)];

describe('a vendor’s list of checksums', () => {
  it.each([
    [`${A}  deb.qcow2`, { algorithm: 'sha256', hex: A }],
    [`${A} *deb.qcow2\r`, { algorithm: 'sha256', hex: A }],
    [`${A.toUpperCase()}  ./deb.qcow2`, { algorithm: 'sha256', hex: A }],
    [`SHA512 (deb.qcow2) = ${B}`, { algorithm: 'sha512', hex: B }],
    [`${A}  deb.qcow2\n${B}  deb.qcow2`, { algorithm: 'sha512', hex: B }],
    [`${A}  other\n${A}  deb.qcow2.sig`, null],
    [`${'a'.repeat(32)}  deb.qcow2`, null],
    ['<html>', null],
  ])('%j', (text, digest) => {
    expect(digestIn(`# a comment\n${text}\n`, 'deb.qcow2')).toEqual(digest);
  });
});

it('finds the file’s name in an address', () => {
  expect(fileNameOf('https://v.example/a/deb%2012.qcow2?x=1')).toBe('deb 12.qcow2');
});
