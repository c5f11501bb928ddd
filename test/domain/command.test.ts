import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Command, commandLine, DEFAULT_LIMITS, stagesOf } from '../../src/domain/command.ts';

const cat: Command = { argv: ['cat'], limit: 'quick' };

function run(command: Command, input = '') {
  const { status, stdout } = spawnSync('sh', ['-c', commandLine(command, DEFAULT_LIMITS)], { input, encoding: 'utf8' });
  return { status, stdout };
}

describe('a command with a pipe', () => {
  it('hands on what each program writes, whatever its arguments hold', () => {
    const nasty = `it's | "all" $HOME; \\`;
    const command: Command = { argv: ['bash', '-c', 'printf %s "$1"', '-', nasty], limit: 'quick', pipe: [cat, cat] };
    expect(run(command)).toEqual({ status: 0, stdout: nasty });
    expect(run({ ...cat, pipe: [cat] }, 'in\n')).toEqual({ status: 0, stdout: 'in\n' });
  });

  it.each([0, 1, 2])('fails where program %i of it does', (at) => {
    const stages = [cat, cat, cat].map((stage, index) =>
      index === at ? ({ argv: ['bash', '-c', 'cat; exit 7'] } as const) : stage,
    );
    const [first = cat, ...pipe] = stages;
    expect(run({ ...first, limit: 'quick', pipe }, 'x')).toEqual({ status: 7, stdout: 'x' });
  });

  it('limits what root does inside, and all of it around', () => {
    const command: Command = { ...cat, pipe: [{ argv: ['zstd', '-d'], sudo: true }], limit: 'long' };
    expect(commandLine(command, DEFAULT_LIMITS)).toBe(
      "timeout -k 5 7200 bash -c 'set -o pipefail; cat | sudo -n timeout -k 5 7200 zstd -d'",
    );
    expect(stagesOf(command)).toEqual([{ argv: ['cat'] }, { argv: ['zstd', '-d'], sudo: true }]);
  });
});
