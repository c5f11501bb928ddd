import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Command, commandLine, DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { frame, readAnswer } from '../../../src/infra/ssh/frames.ts';
import { parseScript, renderScript } from '../../../src/infra/ssh/script.ts';

const nonce = () => randomBytes(16).toString('hex');
const cat: Command = { argv: ['cat'], limit: 'quick' };
const NASTY: readonly [string, ...string[]] = [
  '',
  ' ',
  "'",
  "''",
  "it's",
  '"',
  '\\',
  "\\'",
  "'\\''",
  '\n',
  'a\nb\n',
  '\nEOF\n',
  '$(touch /tmp/owned)',
  '`id`',
  '$HOME',
  '*',
  '~',
  '#x',
  ';reboot',
  '&& x',
  '| x',
  '>x',
  '<<x',
  '-n',
  '--',
  '!',
  '\t',
  '\r\n',
  '</dev/null',
  'ünïcödé…🙂',
  `${'x'.repeat(5000)}'`,
  'base64 -d',
  Array.from({ length: 255 }, (_, index) => String.fromCharCode(index + 1)).join(''),
];

describe('a script and its inverse', () => {
  test('every nasty argument comes back, alone and together', () => {
    for (const argument of [...NASTY, NASTY.join('')]) {
      const command: Command = { argv: ['cat', '--', argument, 'x', argument], limit: 'slow', sudo: true };
      const parsed = parseScript(renderScript([command], DEFAULT_LIMITS, nonce())).commands[0];
      expect(parsed?.argv).toEqual([...'sudo -n timeout -k 5 600 cat --'.split(' '), argument, 'x', argument]);
      expect(parsed?.line).toBe(commandLine(command, DEFAULT_LIMITS));
    }
  });

  test('random commands come back', () => {
    const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(Math.random() * from.length)] ?? from[0];
    for (let round = 0; round < 200; round += 1) {
      const commands = Array.from({ length: Math.floor(Math.random() * 5) }, (): Command => {
        const words = Array.from({ length: Math.floor(Math.random() * 4) }, () => pick(NASTY) + pick(NASTY));
        const stdin = pick([
          undefined,
          { kind: 'text', text: pick(NASTY) + pick(NASTY), label: 'x' },
          { kind: 'bytes', base64: randomBytes(Math.floor(Math.random() * 300)).toString('base64'), label: 'x' },
        ] as const);
        return {
          argv: [pick(['virsh', 'cat', 'lvs'] as const), ...words],
          limit: pick(['quick', 'long'] as const),
          sudo: pick([true, false]),
          onFailure: pick(['stop', 'go-on'] as const),
          ...(stdin === undefined ? {} : { stdin }),
        };
      });
      const key = nonce();
      const parsed = parseScript(renderScript(commands, DEFAULT_LIMITS, key));
      expect(parsed.nonce).toBe(key);
      expect(parsed.commands.map(({ line }) => line)).toEqual(commands.map((it) => commandLine(it, DEFAULT_LIMITS)));
      expect(parsed.commands.map(({ onFailure }) => onFailure)).toEqual(commands.map((it) => it.onFailure));
      expect(parsed.commands.map(({ stdin }) => stdin)).toEqual(commands.map(stdinOf));
    }
  });

  test('a part of a script is refused at every cut', () => {
    const script = renderScript(
      [{ ...cat, stdin: { kind: 'text', text: 'a\nb', label: '' } }, cat],
      DEFAULT_LIMITS,
      nonce(),
    );
    for (let cut = 0; cut < script.length; cut += 1)
      expect(() => parseScript(script.slice(0, cut))).toThrow(SyntaxError);
    expect(() => parseScript(`${script}reboot\n`)).toThrow(SyntaxError);
    expect(() => parseScript(script.replace('cat <', 'cat; reboot <'))).toThrow(SyntaxError);
  });

  test('what a shell cannot carry is refused', () => {
    const key = nonce();
    const text = (it: string): Command => ({ ...cat, stdin: { kind: 'text', text: it, label: '' } });
    expect(() => renderScript([text('a\0b')], DEFAULT_LIMITS, key)).toThrow('NUL');
    expect(() => renderScript([text(`x\n${key}-1\n`)], DEFAULT_LIMITS, key)).toThrow('nonce');
    expect(() => renderScript([{ argv: ['cat', 'a\0'], limit: 'quick' }], DEFAULT_LIMITS, key)).toThrow('NUL');
    expect(() => renderScript([cat], DEFAULT_LIMITS, 'x')).toThrow('32 hex');
  });
});

describe.each(['dash', 'bash', 'sh'])('under %s', (shell) => {
  const run = (commands: readonly Command[], options: { cut?: number; profile?: string } = {}) => {
    const key = nonce();
    const script = renderScript(commands, DEFAULT_LIMITS, key);
    const child = spawnSync(shell, shell === 'bash' ? ['--posix', '-s'] : ['-s'], {
      input: (options.profile ?? '') + script.slice(0, options.cut),
      encoding: 'utf8',
    });
    const answer = readAnswer(key, parseScript(script).commands, child.stdout, child.stderr);
    return { ...answer, status: child.status, script, child };
  };

  test('every nasty argument arrives as it is', () => {
    const commands = NASTY.map(
      (it): Command => ({ argv: ['stat', '--printf', '', '--', `/nowhere/${it}`], limit: 'quick', onFailure: 'go-on' }),
    );
    const { ran, complete } = run(commands);
    expect(complete).toBe(true);
    const shown = run(NASTY.map((it): Command => ({ argv: ['test', it, '=', it], limit: 'quick' })));
    expect(shown.ran.map(({ exit }) => exit)).toEqual(NASTY.map(() => 0));
    expect(ran.find((_, index) => NASTY[index] === '*')?.stderr).toContain("'/nowhere/*'");
  });

  test('text and bytes arrive as they are, every character and byte', () => {
    const all = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const letters = Array.from({ length: 0x7ff }, (_, index) => String.fromCodePoint(index + 1)).join('');
    const texts = [...NASTY, letters, `${'line\n'.repeat(50_000)}`];
    const { ran } = run(texts.map((text): Command => ({ ...cat, stdin: { kind: 'text', text, label: '' } })));
    expect(ran.map(({ stdout }) => stdout)).toEqual(
      texts.map((it) => (it === '' || it.endsWith('\n') ? it : `${it}\n`)),
    );
    const sum = run([
      { argv: ['sha256sum'], limit: 'quick', stdin: { kind: 'bytes', base64: all.toString('base64'), label: '' } },
    ]);
    expect(sum.ran[0]?.stdout).toBe(`${spawnSync('sha256sum', { input: all, encoding: 'utf8' }).stdout}`);
  });

  test('stop ends the rest, go-on does not, and each exit code is told', () => {
    const missing: Command = { argv: ['cat', '/nowhere'], limit: 'quick' };
    const yes: Command = { argv: ['uname'], limit: 'quick' };
    const { ran, complete, status } = run([yes, { ...missing, onFailure: 'go-on' }, yes, missing, yes]);
    expect(ran.map(({ exit }) => exit)).toEqual([0, 1, 0, 1]);
    expect(ran.map(({ stdout }) => stdout)).toEqual(['Linux\n', '', 'Linux\n', '']);
    expect(ran[1]?.stderr).toBe('cat: /nowhere: No such file or directory\n');
    expect({ complete, status }).toEqual({ complete: true, status: 1 });
    const pipe = run([{ ...missing, stdin: { kind: 'bytes', base64: 'AAAA', label: '' } }, yes]);
    expect(pipe.ran.map(({ exit }) => exit)).toEqual([1]);
  });

  test('output without a newline, and of what looks like a frame, comes back as it is', () => {
    const looks = frame('0'.repeat(32), 1, 0, 1).stdout;
    const { ran } = run([{ argv: ['stat', '--printf', `${looks}end`, '/'], limit: 'quick' }]);
    expect(ran[0]?.stdout).toBe(`${looks}end`);
  });

  test('what a login shell says before is not taken for an answer', () => {
    const { ran } = run([{ argv: ['uname'], limit: 'quick' }], { profile: 'echo hello; echo oops >&2\n' });
    expect(ran[0]).toMatchObject({ stdout: 'Linux\n', stderr: '', exit: 0 });
  });

  test('cut at any place it runs nothing', () => {
    const commands: Command[] = [
      { argv: ['uname'], limit: 'quick' },
      { ...cat, stdin: { kind: 'text', text: 'uname\n}\n', label: '' } },
      { ...cat, stdin: { kind: 'bytes', base64: 'dW5hbWUK', label: '' } },
    ];
    const { script, child } = run(commands);
    expect(child.stdout).toContain('Linux');
    for (let cut = 0; cut < script.length - 1; cut += 7) expect(run(commands, { cut }).child.stdout).toBe('');
    for (let cut = script.length - 14; cut < script.length - 1; cut += 1)
      expect(run(commands, { cut }).child.stdout).toBe('');
  });

  test('a closed answer ends the script: nothing new begins', () => {
    const marker = `/tmp/hostler-${nonce()}`;
    const script = renderScript(
      [
        { argv: ['test', '1'], limit: 'quick' },
        { argv: ['mkdir', marker], limit: 'quick' },
      ],
      DEFAULT_LIMITS,
      nonce(),
    );
    spawnSync('sh', ['-c', `trap "" PIPE; ${shell} -s | true`], { input: `trap "" PIPE; sleep 0.1\n${script}` });
    expect(spawnSync('rmdir', [marker]).status).not.toBe(0);
  });
});

function stdinOf(command: Command): string | Buffer | undefined {
  const { stdin } = command;
  if (stdin?.kind === 'bytes') return Buffer.from(stdin.base64, 'base64');
  if (stdin?.kind !== 'text') return undefined;
  return stdin.text === '' || stdin.text.endsWith('\n') ? stdin.text : `${stdin.text}\n`;
}
