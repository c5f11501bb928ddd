import { describe, expect, it } from 'vitest';
import { BotError } from '../../src/domain/error.ts';
import { type ParsedCommand, parseArgv, parseCommand } from '../../src/operations/command-text.ts';
import { sampleCatalog } from './sample-catalog.ts';

const parse = (family: string, text: string): ParsedCommand => parseCommand(family, text, sampleCatalog);

/** What one would see: message and hint. */
function refusal(family: string, text: string): string {
  try {
    parse(family, text);
  } catch (error) {
    if (error instanceof BotError) return `${error.code}: ${error.message}. ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error(`"/${family} ${text}" was taken`);
}

function asked(family: string, text: string) {
  const parsed = parse(family, text);
  if (parsed.kind !== 'operation') throw new Error(`parsed as ${parsed.kind}`);
  return { name: parsed.operation.name, input: parsed.input, options: parsed.options };
}

describe('values', () => {
  it('takes positional values and flags in any order', () => {
    expect(asked('/vm', 'create web-01 --image tiny --vcpus=2 --autostart')).toEqual({
      name: 'vm.create',
      input: { name: 'web-01', image: 'tiny', vcpus: '2', autostart: true },
      options: {},
    });
    expect(asked('vm', 'create --image tiny web-01').input).toEqual({ image: 'tiny', name: 'web-01' });
  });

  it('finds a noun and its verb', () => {
    expect(asked('vm', 'disk extend web-01 20GiB')).toMatchObject({
      name: 'vm.disk.extend',
      input: { vm: 'web-01', to: '20GiB' },
    });
  });

  it.each([
    ['straight', `--reason "a b" x`],
    ['curly double', `--reason “a b” x`],
    ['mixed, as a phone leaves them', `--reason “a b" x`],
    ['single', `--reason 'a b' x`],
    ['curly single', `--reason ‘a b’ x`],
    ['after =', `--reason="a b" x`],
    ['backslash', String.raw`--reason a\ b x`],
    ['em dash', `—reason “a b” x`],
    ['en dash', `–reason “a b” x`],
    ['two en dashes', `––reason “a b” x`],
    ['no-break space between', `--reason "a b"\u00a0x`],
  ])('reads quotes and dashes: %s', (_, text) => {
    expect(asked('vm', `restart ${text}`)).toMatchObject({ input: { vm: 'x' }, options: { reason: 'a b' } });
  });

  it.each([
    [`web-01 --reason don't`, `don't`],
    [`web-01 --reason ‘don’t ask’`, `don’t ask`],
    [`web-01 --reason "say \\"hi\\""`, `say "hi"`],
    [`web-01 --reason "--force"`, '--force'],
    [`web-01 --reason=--force`, '--force'],
    [`web-01 --reason ''`, ''],
    [String.raw`web-01 --reason C:\dir`, String.raw`C:\dir`],
  ])('keeps what was meant: %s', (text, reason) => {
    expect(asked('vm', `restart ${text}`).options.reason).toBe(reason);
  });

  it.each(['web\n01', 'web-01\n', 'web\t01', '$(reboot)', 'a;b', '-web', 'wеb', 'web–01', '<b>', '\u0000'])(
    'keeps %j for the check to refuse',
    (name) => {
      expect(asked('vm', `show ${name}`).input).toEqual({ vm: name });
    },
  );

  it('ends flags at --', () => {
    expect(asked('vm', 'show -- --odd').input).toEqual({ vm: '--odd' });
  });

  it('collects lists from repeats and commas', () => {
    expect(asked('vm', 'create x --image tiny --keys a,b --keys c').input).toMatchObject({ keys: ['a', 'b', 'c'] });
    expect(asked('hostler', 'help vm create').input).toEqual({ about: ['vm', 'create'] });
  });

  it('negates flags, and takes yes and no', () => {
    expect(asked('vm', 'create x --no-autostart').input).toMatchObject({ autostart: false });
    expect(asked('vm', 'create x --autostart=no').input).toMatchObject({ autostart: false });
  });

  it('knows the options of every change and every read', () => {
    expect(asked('vm', 'restart x --team t --reason r --dry-run --wait').options).toEqual({
      team: 't',
      reason: 'r',
      dryRun: true,
      wait: true,
    });
    expect(asked('vm', 'list --all --team t').options).toEqual({ all: true, team: 't' });
  });

  it('does not mind a capital from a phone', () => {
    expect(asked('vm', 'Restart x --Mode force')).toMatchObject({ name: 'vm.restart', input: { mode: 'force' } });
  });

  it('reads an argv as a shell split it', () => {
    expect(parseArgv(['vm', 'restart', 'x', '--reason', 'a b'], sampleCatalog)).toMatchObject({
      kind: 'operation',
      input: { vm: 'x' },
      options: { reason: 'a b' },
    });
  });
});

describe('help and bare families', () => {
  it.each(['', '   '])('takes %j as the bare family', (text) => {
    expect(parse('vm', text)).toEqual({ kind: 'bare', family: 'vm' });
  });

  it.each(['help', '--help', '-h', '—help', 'Help'])('takes %s as help on the family', (text) => {
    expect(parse('vm', text)).toEqual({ kind: 'help', family: 'vm', operation: null });
  });

  it.each(['create --help', 'help create', 'create web -h', 'create —help'])('takes "%s" as help on create', (text) => {
    expect(parse('vm', text)).toMatchObject({ kind: 'help', operation: { name: 'vm.create' } });
  });

  it('lets a declared help be an operation', () => {
    expect(asked('hostler', 'help').name).toBe('hostler.help');
  });
});

describe('refusals name what to type', () => {
  it.each([
    ['vm', 'crate', 'invalid_input: Unknown command /vm crate. Did you mean `/vm create`? See `/vm help` for all.'],
    [
      'vm',
      'help crate',
      'invalid_input: Unknown command /vm crate. Did you mean `/vm create`? See `/vm help` for all.',
    ],
    ['vm', 'disk', 'invalid_input: /vm disk needs one word more. It is one of: `/vm disk extend`.'],
    [
      'vm',
      'disk extnd x',
      'invalid_input: Unknown command /vm disk extnd. Did you mean `/vm disk extend`? See `/vm help` for all.',
    ],
    ['vn', 'list', 'invalid_input: Unknown command /vn. Did you mean `/vm`? See `/hostler help` for all.'],
    ['vm', '--all', 'invalid_input: After /vm comes a command, not --all. See `/vm help`.'],
    ['vm', 'create x --imgae tiny', 'invalid_input: /vm create has no flag --imgae. Did you mean `--image`?'],
    ['vm', 'list --reason x', 'invalid_input: /vm list has no flag --reason. It has: --state, --team, --all.'],
    ['vm', 'create x -image tiny', 'invalid_input: Flags begin with two hyphens: -image. Type `--image`.'],
    ['vm', 'create x --image a --image b', 'invalid_input: --image is given twice. Give it once.'],
    ['vm', 'create x —image a --image=b', 'invalid_input: --image is given twice. Give it once.'],
    ['vm', 'create x --autostart --no-autostart', 'invalid_input: --autostart is given twice. Give it once.'],
    ['vm', 'show x --vm y', 'invalid_input: VM is given twice: as "x" and with --vm. Give it once.'],
    ['vm', 'create x --image', 'invalid_input: --image needs a value. Type `--image tiny`.'],
    ['vm', 'create x --image --autostart', 'invalid_input: --image needs a value. Type `--image tiny`.'],
    [
      'vm',
      'restart x --dry-run=perhaps',
      'invalid_input: --dry-run takes no value, but got "perhaps". Type `--dry-run`, or `--no-dry-run` for the opposite.',
    ],
    [
      'vm',
      'restart x --dry-run=constructor',
      'invalid_input: --dry-run takes no value, but got "constructor". Type `--dry-run`, or `--no-dry-run` for the opposite.',
    ],
    [
      'vm',
      'show a b',
      'invalid_input: Too many arguments: "b" is left over. Without a flag it takes VM: `/vm show VM`. Put quotes around a value with spaces.',
    ],
    [
      'host',
      'list a',
      'invalid_input: Too many arguments: "a" is left over. /host list takes flags only: `/host list`. Put quotes around a value with spaces.',
    ],
    [
      'vm',
      'restart x --reason "no end',
      'invalid_input: The quote before "no end" isn’t closed. Close it with the same quote, or put a backslash before it where it belongs to the text.',
    ],
  ])('/%s %s', (family, text, said) => {
    expect(refusal(family, text)).toBe(said);
  });
});
