import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const exec = promisify(execFile);
const MODULE = fileURLToPath(new URL('../../scripts/build-lock.mjs', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that takes the lock, notes when it came in and when it went out, and gives it back. */
const builder = (): Promise<unknown> =>
  exec(process.execPath, [
    '--input-type=module',
    '-e',
    `import { appendFileSync } from 'node:fs';
     import { takeLock } from ${JSON.stringify(MODULE)};
     const release = takeLock(${JSON.stringify(join(folder, 'lock'))});
     appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'in ');
     await new Promise((go) => setImmediate(go));
     appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'out ');
     release();`,
  ]);

it('lets one at a time in, and the others after it', async () => {
  await Promise.all([builder(), builder(), builder(), builder()]);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('in out '.repeat(4));
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

it('takes over from one that died', async () => {
  const dead = exec(process.execPath, ['-e', '']);
  await dead;
  writeFileSync(join(folder, 'lock'), String(dead.child.pid));
  await builder();
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('in out ');
});
