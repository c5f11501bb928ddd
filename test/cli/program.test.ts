import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Composition } from '../../src/cli/composition.ts';
import { runCli } from '../../src/cli/program.ts';
import { compose } from '../../src/main.ts';
import { recordingTerminal } from './recording.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The real composition over a config without hosts, in a folder of its own. */
const CONFIG = `
people: [{ name: anna, platform: admin }, { name: ben }]
networks: [{ name: default, network: default }]
flavors: [{ name: small, vcpus: 1, memory: 1GiB, disk: 10GiB }]
teams: [{ name: web, channel: web, quota: { vms: 1, vcpus: 1, memory: 1GiB, disk: 10GiB }, leads: [anna], members: [ben] }]
cli: { users: { root: anna, ben: ben } }
`;
let folder: string;
let config: string;
let composition: Composition;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-cli-'));
  config = join(folder, 'hostler.yaml');
  writeFileSync(config, CONFIG);
  composition = await compose({});
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function hostler(args: string[], terminal = recordingTerminal()) {
  const exit = await runCli(args, composition, terminal, { HOSTLER_CONFIG: config });
  return { exit, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

describe('hostler', () => {
  it.each([[['--version']], [['--help']], [['run', '--help']], [['audit', 'verify', '--help']]])(
    '%j ends well',
    async (args) => {
      expect(await hostler(args)).toMatchObject({ exit: 0, stderr: '' });
    },
  );

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['run'], 'missing required argument'],
    [['run', '--jsno', '--', 'vm', 'list'], '--json'],
    [['audit', 'verify', '--anchor', 'short'], 'no anchor'],
    [['audit', 'export', '--format', 'xml'], 'json'],
    [['completion', 'tcsh'], 'bash, zsh, fish'],
    [['manifest', '--prefix', 'X!'], '--prefix x-'],
    [['run', 'vm', 'list', '--yes'], 'hostler run --yes -- vm list'],
    [['run', '--', 'vm', 'show', 'web-01', '--as', 'ben'], '--as is hostler’s own flag'],
  ])('%j is bad usage, told on stderr: exit 2', async (args, words) => {
    const { exit, stdout, stderr } = await hostler(args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain(words);
  });

  it('runs a read in this process where no bot runs', async () => {
    expect(await hostler(['run', '--json', '--', 'vm', 'list'])).toEqual({ exit: 0, stdout: '[]\n', stderr: '' });
    const { exit, stdout } = await hostler(['run', '--', 'hostler', 'whoami']);
    expect({ exit, first: stdout.split('\n')[0] }).toEqual({ exit: 0, first: 'You are anna' });
  });

  it('leaves an operation its own flag, though one of ours is called so too', async () => {
    const { exit, stderr } = await hostler(['run', '--yes', '--', 'vm', 'backup', 'restore', 'web-01.1', '--as', 'x']);
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining('Team web has no backup web-01.1') });
  });

  it('prints an error as one document under --json, else on stderr', async () => {
    const { exit, stdout, stderr } = await hostler(['run', '--json', '--', 'vm', 'crate']);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'invalid_input',
        message: 'Unknown command /vm crate',
        hint: 'Did you mean `/vm create`? See `/vm help` for all.',
      },
    });
    expect(await hostler(['run', '--', 'vm', 'crate'])).toMatchObject({
      exit: 2,
      stdout: '',
      stderr: expect.stringContaining('→ Did you mean'),
    });
  });

  it('tells a bad config the same way, with file and line', async () => {
    writeFileSync(config, `${CONFIG}flavours: []\n`);
    const { exit, stdout } = await hostler(['run', '--json', '--', 'vm', 'list']);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'invalid_config',
        message: `${config}:7:1: flavours: unknown key "flavours". Did you mean flavors?`,
      },
    });
    const check = await hostler(['check', '--json']);
    expect(check.exit).toBe(1);
    expect(JSON.parse(check.stdout)).toMatchObject({ ok: false, checks: [{ name: 'Configuration', ok: false }] });
  });

  it('refuses a second one on the same state: 75', async () => {
    const open = await composition.openService(config);
    try {
      expect(await hostler(['run', '--json', '--', 'vm', 'list'])).toMatchObject({
        exit: 75,
        stdout: expect.stringContaining('holds the state directory'),
      });
    } finally {
      await open.close();
    }
    expect(await hostler(['run', '--', 'vm', 'list'])).toMatchObject({ exit: 0 });
  });

  it('refuses a state directory that can’t be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    composition = await compose({ HOSTLER_STATE_DIR: join(folder, 'file', 'state') });
    expect(await hostler(['run', '--', 'vm', 'list'])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('HOSTLER_STATE_DIR'),
    });
  });

  it('verifies, exports, backs up and restores', async () => {
    // Each refused change is an audit row.
    for (const name of ['one', '=two,"x"', 'three'])
      await hostler(['run', '--yes', '--', 'vm', 'create', name, '--image', 'none', '--flavor', 'small']);
    expect(await hostler(['audit', 'verify'])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/whole: 3 rows, head [0-9a-f]{64}/),
    });
    expect(await hostler(['audit', 'verify', '--anchor', 'a'.repeat(64)])).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('broken'),
    });

    const rows: unknown = JSON.parse((await hostler(['audit', 'export'])).stdout);
    expect(rows).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
    const csv = (await hostler(['audit', 'export', '--format', 'csv'])).stdout.trim().split('\n');
    expect(csv).toHaveLength(4);
    expect(csv[0]).toMatch(/^seq,at,kind/);

    const copy = join(folder, 'copy.db');
    expect(await hostler(['backup', copy])).toMatchObject({ exit: 0, stdout: expect.stringContaining('3 audit rows') });
    expect(await hostler(['backup', copy])).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('is there already'),
    });
    await hostler(['run', '--yes', '--', 'vm', 'create', 'four', '--image', 'none', '--flavor', 'small']);
    expect((await hostler(['audit', 'verify'])).stdout).toContain('4 rows');
    expect(await hostler(['restore', copy])).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('3 audit rows'),
    });
    expect((await hostler(['audit', 'verify'])).stdout).toContain('3 rows');
    expect(await hostler(['restore', config])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('no whole backup'),
    });
    expect((await hostler(['audit', 'verify'])).stdout).toContain('3 rows');
  });

  it('prints a manifest that Slack takes, with the prefix', async () => {
    const { stdout } = await hostler(['manifest', '--prefix', 'x-']);
    const manifest = parse(stdout);
    expect(manifest.features.slash_commands[0]).toMatchObject({ command: '/x-vm', description: expect.any(String) });
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(await hostler(['manifest', '--prefix', `${'x'.repeat(30)}-`])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('shorter --prefix'),
    });
  });

  it('prints the sudoers file of a host, and names the nearest of an unknown one', async () => {
    writeFileSync(
      config,
      `${CONFIG}hosts: [{ name: kvm-1, address: h, user: hostler, host_keys: ["SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"] }]\n`,
    );
    expect((await hostler(['host', 'sudoers'])).stdout).toContain('hostler ALL=(root) NOPASSWD:');
    expect(await hostler(['host', 'sudoers', 'kvm-2'])).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('kvm-1'),
    });
  });
});

describe('bin/hostler', () => {
  it('knows its version without loading anything of ours', () => {
    const text = readFileSync(new URL('../../bin/hostler', import.meta.url), 'utf8');
    expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(text.match(/^import .* from '(?!node:)/m)).toBeNull();
  });

  it('is built so that a stack names the line of the source', () => {
    expect(spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]).status).toBe(0);
    const script = `
      process.setSourceMapsEnabled(true);
      const { compose } = await import(${JSON.stringify(pathToFileURL(join(ROOT, 'dist/hostler/main.js')).href)});
      await (await compose({})).config('/nowhere/hostler.yaml');`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stderr).toMatch(/at loadConfig \(.*\/src\/config\.ts:\d+:\d+\)/);
  });
});
