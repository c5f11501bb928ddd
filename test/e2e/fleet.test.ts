/** `hostler fleet` as a process, and `hostler run` by what it prints: what somebody types who has no hosts. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePort } from '../kit/free-port.ts';

// Each test starts several processes; this ends only what hangs.
vi.setConfig({ testTimeout: 120_000 });

const BIN = fileURLToPath(new URL('../../bin/hostler', import.meta.url));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Running {
  readonly file: string;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
  readonly process: ChildProcess;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hostler-fleet-e2e-'));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts it with its stdout in a file, as `> fleet.yaml &` does; resolves when there is anything in that. */
async function fleet(at: string, ...args: readonly string[]): Promise<Running> {
  const file = join(at, `${Math.random().toString(36).slice(2)}.yaml`);
  const child = spawn(process.execPath, [BIN, 'fleet', ...args], {
    stdio: ['ignore', openSync(file, 'w'), 'pipe'],
    env: { PATH: process.env.PATH ?? '', HOME: at },
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  ends.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await expect.poll(() => readFileSync(file, 'utf8') !== '' || child.exitCode !== null, { timeout: 50_000 }).toBe(true);
  return { file, said: () => said, ended, process: child };
}

function run(config: string, ...args: readonly string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), HOSTLER_CONFIG: config };
    execFile(process.execPath, [BIN, 'run', ...args], { env, timeout: 50_000 }, (error, stdout, stderr) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}
const Listed = z.array(z.object({ name: z.string(), team: z.string(), host: z.string(), state: z.string() }));
const list = async (config: string) =>
  Listed.parse(JSON.parse((await run(config, '--json', '--', 'vm', 'list', '--all')).stdout));

it('lists all of its VMs at the first question, does what is asked, and ends without a trace', async () => {
  const at = folder();
  const running = await fleet(at, '--hosts', '2', '--vms', '9', '--life', 'off');
  const vms = await list(running.file);
  expect(vms).toHaveLength(9);
  expect(new Set(vms.map(({ host }) => host))).toEqual(new Set(['kvm-1', 'kvm-2']));
  const up = vms.find(({ state }) => state === 'running')?.name ?? '';
  const stopped = await run(running.file, '--json', '--yes', '--', 'vm', 'stop', up);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ operation: { state: 'succeeded', vm: up } });
  expect((await list(running.file)).find(({ name }) => name === up)?.state).toBe('shutoff');
  const audit = await run(running.file, '--json', '--', 'audit', 'search', '--kind', 'vm.imported');
  expect(JSON.parse(audit.stdout)).toHaveLength(9);
  const { state_dir } = z.object({ state_dir: z.string() }).parse(parse(readFileSync(running.file, 'utf8')));
  expect(existsSync(state_dir)).toBe(true);
  running.process.kill('SIGTERM');
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining('2 hosts with 9 VMs answer')]);
  expect(existsSync(state_dir)).toBe(false);
});

it('is there again as it was with --state, at the same ports, for the same config', async () => {
  const at = folder();
  const port = String(await freePort());
  const args = ['--hosts', '1', '--vms', '3', '--life', 'off', '--state', join(at, 'kept'), '--port-base', port];
  const first = await fleet(at, ...args);
  const [vm] = await list(first.file);
  await run(first.file, '--yes', '--', 'vm', 'delete', vm?.name ?? '');
  first.process.kill('SIGTERM');
  await first.ended;
  const second = await fleet(at, ...args);
  expect(readFileSync(second.file, 'utf8')).toBe(readFileSync(first.file, 'utf8'));
  expect(await list(first.file)).toHaveLength(2);
});

it('says where trouble is made, and what it made is met', async () => {
  const at = folder();
  const running = await fleet(at, '--hosts', '2', '--vms', '2', '--life', 'off');
  await expect.poll(running.said).toMatch(/http:\/\/127\.0\.0\.1:\d+\/fleet/);
  const url = /http:\S+/.exec(running.said())?.[0];
  const made = await fetch(`${url}/kvm-2/trouble`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'down' }),
  });
  expect(made.status).toBe(200);
  expect((await run(running.file, '--', 'vm', 'list', '--all')).stdout).toContain('kvm-2 does not answer');
});

it('refuses what can’t be in one line and a hint, with exit code 2', async () => {
  const at = folder();
  for (const [args, words] of [
    [['--hosts', '0', '--vms', '3'], '--hosts 0'],
    [['--hosts', 'two', '--vms', '3'], '--hosts "two" is no whole number'],
    [['--hosts', '1', '--vms', '9999'], 'have no room'],
    [['--hosts', '1', '--vms', '1', '--life', 'wild'], 'Give one of off, calm, busy'],
  ] as const) {
    const ended = await fleet(at, ...args);
    expect([await ended.ended, ended.said()]).toEqual([2, expect.stringContaining(words)]);
    expect(readFileSync(ended.file, 'utf8')).toBe('');
  }
});

it('an empty config is told as one', async () => {
  const at = folder();
  const file = join(at, 'empty.yaml');
  openSync(file, 'w');
  expect(await run(file, '--', 'vm', 'list')).toMatchObject({ exit: 2, stderr: expect.stringContaining('is empty') });
});
