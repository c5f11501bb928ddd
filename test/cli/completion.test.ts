import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript } from '../../src/cli/completion.ts';
import { sampleCatalog } from '../operations/sample-catalog.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-completion-'));
  writeFileSync(join(folder, 'script'), completionScript('bash', sampleCatalog));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash itself offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `. "${join(folder, 'script')}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hostler; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], { encoding: 'utf8' });
  if (run.status !== 0 || run.stderr !== '') throw new Error(run.stderr);
  return run.stdout.split('\n').filter((line) => line !== '');
}

describe('bash completion', () => {
  it.each([
    [['hostler', 'ru'], ['run']],
    [
      ['hostler', 'run', '--c'],
      ['--channel', '--config'],
    ],
    [
      ['hostler', 'run', '--', ''],
      ['vm', 'host', 'hostler'],
    ],
    [
      ['hostler', 'run', '--json', '--', 'vm', ''],
      ['create', 'restart', 'disk', 'list', 'show'],
    ],
    [['hostler', 'run', '--', 'vm', 'disk', ''], ['extend']],
    [['hostler', 'run', '--', 'vm', 'restart', 'web-01', '--m'], ['--mode']],
    [
      ['hostler', 'run', '--', 'vm', 'restart', '--mode', ''],
      ['graceful', 'force'],
    ],
    [['hostler', 'run', '--', 'vm', 'restart', '--mode', 'force', '--d'], ['--dry-run']],
    [['hostler', 'run', '--', 'vm', 'restart', '--dry-run', '--w'], ['--wait']],
    [['hostler', 'audit', 'v'], ['verify']],
    [['hostler', 'run', '--', 'nonsense', 'x'], []],
  ])('%j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

describe('other shells', () => {
  it('have the same words', () => {
    expect(completionScript('zsh', sampleCatalog)).toContain("'vm disk') words='extend' ;;");
    expect(completionScript('fish', sampleCatalog)).toContain(`'__hostler_at "vm disk"' -a 'extend'`);
  });
});
