import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../lab/lock.ts';
import { end, isOurs, residentBytes } from '../../lab/process.ts';
import { withQmp } from '../../lab/qmp.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-lab-process-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a process is ours by its command line; it is ended, and by force when it does not listen', async () => {
  const mark = `mark-of-${folder}`;
  const deaf = 'process.on("SIGTERM", () => {}); console.log("on"); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', deaf, mark], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = child.pid ?? 0;
  await once(child.stdout, 'data');
  expect(isOurs(pid, mark)).toBe(true);
  expect(isOurs(pid, 'somebody else')).toBe(false);
  expect(residentBytes(pid)).toBeGreaterThan(1_000_000);
  await end(pid, 'somebody else', 100);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  const exit = once(child, 'exit');
  await end(pid, mark, 100);
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('two holders of the lock take turns; the second is told once that it waits', async () => {
  const file = join(folder, 'lock.db');
  const order: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = withLock(
    file,
    () => order.push('first waits'),
    async () => {
      order.push('first');
      await held;
      order.push('first ends');
    },
  );
  const second = withLock(
    file,
    () => {
      order.push('second waits');
      release();
    },
    async () => order.push('second'),
  );
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second waits', 'first ends', 'second']);
});

test('a lock whose holder was killed is free', async () => {
  const file = join(folder, 'lock.db');
  const hold = `const db = new (require('better-sqlite3'))(process.argv[1]); db.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', hold, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  let waited = false;
  const mine = withLock(
    file,
    () => {
      waited = true;
      child.kill('SIGKILL');
    },
    async () => 'mine',
  );
  expect(await mine).toBe('mine');
  expect(waited).toBe(true);
});

test("QEMU's monitor: events are passed over, errors carry its words, a hang-up is an error", async () => {
  const socketPath = join(folder, 'qmp');
  const server = createServer((socket) => {
    socket.write('{"QMP":{"version":{}}}\r\n');
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        const { execute } = JSON.parse(line);
        if (execute === 'qmp_capabilities') socket.write('{"return":{}}\r\n');
        if (execute === 'query-status')
          socket.write('{"event":"STOP","data":{}}\r\n{"return":{"status":"paused"}}\r\n');
        if (execute === 'nonsense') socket.write('{"error":{"class":"CommandNotFound","desc":"not found"}}\r\n');
        if (execute === 'quit') socket.destroy();
      }
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  try {
    await withQmp(socketPath, async (execute) => {
      expect(await execute('query-status')).toEqual({ status: 'paused' });
      await expect(execute('nonsense')).rejects.toThrow('QEMU: not found');
      await expect(execute('quit')).rejects.toThrow('closed');
    });
  } finally {
    server.close();
  }
  await expect(withQmp(join(folder, 'nobody'), async () => 1)).rejects.toThrow('ENOENT');
});
