import { describe, expect, it } from 'vitest';
import { checkInput, inputError } from '../../src/operations/check-input.ts';
import { fieldsOf } from '../../src/operations/fields.ts';
import { sample } from './sample-catalog.ts';

function faults(name: string, raw: Record<string, unknown>): Record<string, string> {
  const checked = checkInput(sample(name), raw);
  return checked.ok ? {} : Object.fromEntries(checked.faults.map((fault) => [fault.field, fault.message]));
}

describe('fieldsOf', () => {
  it('reads kind, labels, choices, defaults and places off the schema', () => {
    const [name, image, flavor, vcpus, disk, boot, keys, autostart] = fieldsOf(sample('vm.create'));
    expect(name).toMatchObject({
      name: 'name',
      title: 'Name',
      kind: 'text',
      required: true,
      position: 0,
      placeholder: 'web-01',
    });
    expect(image).toMatchObject({ kind: 'text', from: 'image', required: true, position: null });
    expect(flavor).toMatchObject({ from: 'flavor', required: false, byDefault: 'small' });
    expect(vcpus).toMatchObject({
      title: 'vCPUs',
      kind: 'number',
      required: false,
      description: 'More than the flavor has',
    });
    expect(disk).toMatchObject({ kind: 'text', required: false });
    expect(boot).toMatchObject({ kind: 'choice', options: ['image', 'iso', 'pxe'], byDefault: 'image' });
    expect(keys).toMatchObject({ kind: 'list', from: 'key', byDefault: [] });
    expect(autostart).toMatchObject({ kind: 'flag', byDefault: false });
  });
});

describe('checkInput', () => {
  it('gives what the operation takes, with defaults, numbers and sizes', () => {
    expect(
      checkInput(sample('vm.create'), { name: 'web-01', image: 'tiny', vcpus: '4', disk: '2GiB', keys: 'a,b' }),
    ).toEqual({
      ok: true,
      input: {
        name: 'web-01',
        image: 'tiny',
        flavor: 'small',
        vcpus: 4,
        disk: 2 * 1024 ** 3,
        boot: 'image',
        keys: ['a', 'b'],
        autostart: false,
      },
    });
  });

  it('takes an empty text or null from a modal as nothing', () => {
    expect(checkInput(sample('vm.create'), { name: 'web-01', image: 'tiny', vcpus: '', disk: null })).toMatchObject({
      ok: true,
    });
  });

  it('tells the missing from the wrong', () => {
    const checked = checkInput(sample('vm.create'), { name: 'web-01' });
    expect(checked).toMatchObject({ ok: false, onlyMissing: true });
    expect(checkInput(sample('vm.create'), { name: 'Web' })).toMatchObject({ ok: false, onlyMissing: false });
    expect(faults('vm.create', {})).toEqual({
      name: 'Name is missing. Type `/vm create NAME --image IMAGE [--flavor FLAVOR] [--vcpus VCPUS] [--disk DISK] [--boot image|iso|pxe] [--keys KEYS…] [--autostart]`.',
      image: 'Image is missing. Give it with `--image tiny`.',
    });
  });

  it.each([
    [
      'vm.restart',
      { vm: 'web', mode: 'forc' },
      'mode',
      'How is "forc", which it can’t be. Did you mean force? It is one of: graceful, force.',
    ],
    [
      'vm.create',
      { name: 'a', image: 'x', vcpus: 'two' },
      'vcpus',
      'vCPUs is "two", which is not a whole number. Type for example `--vcpus 2`.',
    ],
    [
      'vm.create',
      { name: 'a', image: 'x', vcpus: '1.5' },
      'vcpus',
      'vCPUs is "1.5", which is not a whole number. Type for example `--vcpus 2`.',
    ],
    ['vm.create', { name: 'a', image: 'x', vcpus: '900' }, 'vcpus', 'vCPUs is "900"; at most 64 is allowed.'],
    ['vm.create', { name: 'a', image: 'x', vcpus: '-1' }, 'vcpus', 'vCPUs is "-1"; at least 1 is needed.'],
    [
      'vm.create',
      { name: 'a', image: 'x', disk: '10' },
      'disk',
      '"10" is not a size. Give a number with a binary unit, such as 512MiB or 10GiB.',
    ],
    [
      'vm.create',
      { name: 'a', image: 'x', autostart: 'perhaps' },
      'autostart',
      'Autostart is "perhaps", which is neither yes nor no.',
    ],
    [
      'vm.create',
      { name: 'a', image: 'x', imgae: 'y' },
      'imgae',
      'vm.create has no field "imgae". Did you mean image?',
    ],
    [
      'vm.create',
      { name: '', image: 'x' },
      'name',
      'The VM name is empty. Give one such as web-01 (a to z, 0 to 9 and -, starting with a letter, at most 40 characters).',
    ],
  ])('%s %j', (name, raw, field, message) => {
    expect(faults(name, raw)).toEqual({ [field]: message });
  });

  it.each([
    'WEB',
    'a.b',
    'a'.repeat(64),
    '-web',
    'a;b',
    '$(reboot)',
    'a\nb',
    'web-01\n',
    'wеb',
    'a b',
    '../x',
    '__proto__',
  ])('refuses the name %j, and says one that fits', (vm) => {
    expect(faults('vm.show', { vm }).vm).toMatch(/such as web-01|in small letters: web/);
  });

  it('makes one refusal of several faults', () => {
    const checked = checkInput(sample('vm.restart'), { vm: 'WEB', mode: 'x' });
    if (checked.ok) throw new Error('taken');
    expect(inputError(checked.faults, sample('vm.restart'))).toMatchObject({
      code: 'invalid_input',
      field: 'vm',
      hint: 'See `/vm restart --help`.',
    });
    expect(inputError(checked.faults, sample('vm.restart')).message.split('\n')).toHaveLength(2);
  });
});
