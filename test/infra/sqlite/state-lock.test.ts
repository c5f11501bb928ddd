import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockState, makeStateDir } from '../../../src/infra/sqlite/state-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('lets one in, and the next when it has gone', () => {
  const unlock = lockState(folder);
  expect(() => lockState(folder)).toThrow(
    expect.objectContaining({ code: 'conflict', message: expect.stringContaining(`process ${process.pid}`) }),
  );
  unlock();
  unlock();
  expect(readdirSync(folder)).toEqual(['lock.db']);
  lockState(folder)();
});

it('dies with a process that is killed', async () => {
  const script = `const D = require('better-sqlite3'); const db = new D(${JSON.stringify(join(folder, 'lock.db'))});
    db.exec('begin exclusive'); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(() => lockState(folder)).toThrow(expect.objectContaining({ code: 'conflict' }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockState(folder)();
});

it('makes the state directory for its user alone, and says what to do where it can’t', () => {
  const made = join(folder, 'a', 'b');
  makeStateDir(made);
  expect(statSync(made).mode & 0o777).toBe(0o700);
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeStateDir(join(folder, 'file', 'state'))).toThrow(
    expect.objectContaining({ code: 'invalid_config', hint: expect.stringContaining('HOSTLER_STATE_DIR') }),
  );
});

it('names no process that has gone', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  const unlock = lockState(folder);
  for (const left of [String(gone.pid), 'nonsense', '-1', '']) {
    writeFileSync(join(folder, 'lock.pid'), left);
    expect(() => lockState(folder)).toThrow(
      expect.objectContaining({ code: 'conflict', message: expect.not.stringContaining('process') }),
    );
  }
  unlock();
});

it('says what to do where there can be no lock', () => {
  writeFileSync(join(folder, 'lock.db'), 'no database\n'.repeat(999));
  const refused = expect.objectContaining({ code: 'invalid_config', hint: expect.stringContaining('lock.db') });
  expect(() => lockState(folder)).toThrow(refused);
  expect(() => lockState(join(folder, 'none'))).toThrow(refused);
});

it('ends where a folder takes no folders: /proc', () => {
  expect(() => makeStateDir('/proc/hostler/state')).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});
