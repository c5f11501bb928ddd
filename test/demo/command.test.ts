/** `npm run demo` as people type it: what it says, what it refuses, and that the bot comes back. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDemo } from '../../demo/start.ts';
import { waitUntil } from '../e2e/kit.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/hostler', import.meta.url));
const SMALL = ['--hosts', '1', '--vms', '2'];
/** Nothing takes so long: it only ends what hangs. */
const DEADLINE_MS = 60_000;
const LONG = { timeout: 3 * DEADLINE_MS };

let folder: string;
const ends: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-demo-'));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

const state = () => join(folder, 'state');

/** The command to its end. */
function demo(...args: string[]) {
  const run = spawnSync(process.execPath, [SCRIPT, '--state', state(), ...args], { encoding: 'utf8', timeout: 60_000 });
  return { exit: run.status, stdout: run.stdout, stderr: run.stderr };
}

interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly url: string;
}

/** Started, and waited for until it says where it is. */
async function started(command: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const closed = once(child, 'close');
  ends.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await closed;
  });
  const url = await waitUntil(
    `the address, after: ${err}`,
    () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${out}${err}`);
      return /^Hostler demo: (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(out)?.[1];
    },
    DEADLINE_MS,
  );
  return { child, out: () => out, url };
}

describe('npm run demo', () => {
  it('says in one line where it is; a second one says where the first is; a signal ends it whole', LONG, async () => {
    const { child, out, url } = await started([SCRIPT, '--state', state(), '--port', '0', ...SMALL]);
    expect(out().trim().split('\n')).toHaveLength(1);
    expect((await fetch(`${url}api/api.test`, { method: 'POST' })).status).toBe(200);

    const second = demo('--port', '0', ...SMALL);
    expect(second).toMatchObject({ exit: 2, stdout: '' });
    expect(second.stderr).toContain(`A demo runs already at ${url.slice(0, -1)} (process ${child.pid})`);

    const { port } = new URL(url);
    const taken = spawnSync(process.execPath, [SCRIPT, '--state', join(folder, 'other'), '--port', port, ...SMALL], {
      encoding: 'utf8',
    });
    expect(taken.status).toBe(2);
    expect(taken.stderr).toContain(`Port ${port} of 127.0.0.1 is taken by`);
    expect(taken.stderr).toContain(`(process ${child.pid})`);
    expect(taken.stderr).toContain('--port 0');

    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(existsSync(join(state(), 'running.json'))).toBe(false);

    // The same state again, this time by the other name of the command.
    const again = await started([BIN, 'demo', '--state', state(), '--port', '0', ...SMALL]);
    again.child.kill('SIGTERM');
    expect(await once(again.child, 'close')).toEqual([0, null]);

    const larger = demo('--hosts', '2', '--vms', '2');
    expect(larger).toMatchObject({ exit: 2, stderr: expect.stringContaining('--hosts 1 --vms 2') });
  });

  it('begins anew where it is told to, and says so where it must', () => {
    spawnSync('mkdir', ['-p', state()]);
    writeFileSync(join(state(), 'demo.json'), JSON.stringify({ format: 0, hosts: 1, vms: 2 }));
    const old = demo('--port', '0', ...SMALL);
    expect(old).toMatchObject({ exit: 2, stdout: '' });
    expect(old.stderr).toContain('another version of the demo');
    expect(old.stderr).toContain('--fresh');
    writeFileSync(join(state(), 'demo.json'), '{');
    expect(demo('--port', '0', ...SMALL).stderr).toContain('--fresh');
  });

  it.each([
    [['--port', 'x'], '--port "x" is no number from 0 to 65535'],
    [['--hosts', '0'], '--hosts "0"'],
    [['--life', 'wild'], 'off, calm, busy'],
    [['--prot', '1'], '--prot'],
    [['--port'], '--port'],
  ])('%j is bad usage: exit 2, one line', (args, words) => {
    const { exit, stdout, stderr } = demo(...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });

  it('--help starts nothing', () => {
    expect(demo('--help')).toMatchObject({ exit: 0, stdout: expect.stringContaining('--fresh') });
    expect(existsSync(state())).toBe(false);
  });

  it('an older Node is told in one line, before anything is loaded', () => {
    const preload = join(folder, 'old-node.cjs');
    writeFileSync(
      preload,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });",
    );
    for (const command of [[SCRIPT], [BIN, 'demo']]) {
      const run = spawnSync(process.execPath, ['--require', preload, ...command], { encoding: 'utf8' });
      expect({ exit: run.status, stdout: run.stdout }).toEqual({ exit: 2, stdout: '' });
      expect(run.stderr.trim().split('\n')).toEqual([
        expect.stringMatching(/this is Node 18\.20\.4, and 20\.19 or newer is needed$/),
      ]);
    }
  });

  it('without a compiler it names the packages', () => {
    const prepare = new URL('../../scripts/prepare.mjs', import.meta.url).href;
    const hint = (): string => {
      const ask = `import { compilerHint } from '${prepare}'; console.log(compilerHint(process.argv[1]))`;
      const run = spawnSync(process.execPath, ['--input-type=module', '-e', ask, folder], { encoding: 'utf8' });
      return run.stdout.trim();
    };
    expect(hint()).toContain('apt-get install python3 make g++');
    writeFileSync(join(folder, 'python3'), '');
    writeFileSync(join(folder, 'make'), '');
    expect(hint()).toContain('g++ is missing');
    writeFileSync(join(folder, 'g++'), '');
    expect(hint()).toBe('');
  });
});

it('the bot is started again when it is killed', LONG, async () => {
  const said: string[] = [];
  const options = { port: 0, hosts: 1, vms: 2, life: 'off', folder: state(), fresh: false } as const;
  const running = await startDemo(options, (line) => void said.push(line));
  ends.push(running.close);
  const first = running.bot.pid();
  if (first === null) throw new Error('no bot');
  process.kill(first, 'SIGKILL');
  await waitUntil('the bot to be back', () => said.some((line) => line.startsWith('the bot is up again')), DEADLINE_MS);
  expect(running.bot.pid()).not.toBe(first);
  await running.server.waitFor(() => running.server.sockets().length === 2, {
    deadline: DEADLINE_MS,
    what: 'both sockets',
  });
});
