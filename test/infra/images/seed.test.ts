import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fatImage } from '../../../src/infra/images/fat.ts';
import { seedImage } from '../../../src/infra/images/seed.ts';
import { describeUnless } from '../../kit/needs.ts';

const KEYS = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI dev@example "quoted"', 'ssh-rsa AAAAB3NzaC1yc2E= ünïcode'];
const SPEC = { hostname: 'web-01', instanceId: 'vm_01', sshKeys: KEYS };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hostler-seed-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function onDisk(image: Buffer): Promise<string> {
  const path = join(directory, 'seed.img');
  await writeFile(path, image);
  return path;
}

const run = (tool: string, ...args: string[]): string => execFileSync(tool, args, { encoding: 'utf8', stdio: 'pipe' });

/** Tools that judge a FAT file system. Absent on a bare machine, where apt can bring them. */
function haveTools(): boolean {
  const there = (): boolean => {
    try {
      run('mtype', '--version');
      run('fsck.fat', '--help');
      return true;
    } catch {
      return false;
    }
  };
  if (there()) return true;
  if (process.getuid?.() === 0) {
    try {
      run('apt-get', 'install', '-y', '--no-install-recommends', 'mtools', 'dosfstools');
    } catch {
      return false;
    }
  }
  return there();
}

describe('seed', () => {
  it('is the same bytes for the same spec, and small', () => {
    const [one, two] = [seedImage(SPEC), seedImage({ ...SPEC })];
    expect(one).toEqual(two);
    expect(one.bytes).toBe(Buffer.from(one.base64, 'base64').length);
    expect(one.bytes).toBeLessThanOrEqual(64 * 1024);
    expect(one.bytes % 4096).toBe(0);
    expect(seedImage({ ...SPEC, hostname: 'web-02' }).base64).not.toBe(one.base64);
  });

  it('never lets a key break out of its line', () => {
    const evil = seedImage({ ...SPEC, sshKeys: ['ssh-ed25519 A x\nruncmd: [reboot]'] });
    const content = Buffer.from(evil.base64, 'base64').toString('latin1');
    expect(content).toContain('  - "ssh-ed25519 A x\\nruncmd: [reboot]"');
  });
});

const lacks = haveTools() ? undefined : 'mtools and dosfstools are not installed';
describeUnless(lacks, 'seed, by the judgement of mtools, fsck and blkid', () => {
  it('has the files with their long names and content', async () => {
    const path = await onDisk(Buffer.from(seedImage(SPEC).base64, 'base64'));
    expect(run('mdir', '-b', '-i', path, '::').trim().split('\n')).toEqual(['::/meta-data', '::/user-data']);
    expect(run('mtype', '-i', path, '::meta-data')).toBe('instance-id: "vm_01"\nlocal-hostname: "web-01"\n');
    expect(run('mtype', '-i', path, '::user-data')).toBe(
      `#cloud-config\nhostname: "web-01"\nssh_authorized_keys:\n  - ${JSON.stringify(KEYS[0])}\n  - ${JSON.stringify(KEYS[1])}\n`,
    );
  });

  it('is a clean file system that is known by its label', async () => {
    const path = await onDisk(Buffer.from(seedImage(SPEC).base64, 'base64'));
    expect(run('fsck.fat', '-n', path)).toContain('3 files');
    expect(run('blkid', '-p', '-o', 'export', path)).toMatch(/^LABEL=cidata$/m);
  });

  it.each([0, 1, 512, 513, 100_000, 1_900_000])('holds a file of %i bytes between others', async (size) => {
    const content = Buffer.from(Array.from({ length: size }, (_, index) => (index * 31) % 251));
    const other = Buffer.from('other');
    const files = ['first', 'a name of more than thirteen letters', 'last'].map((name, index) => ({
      name,
      content: index === 1 ? content : other,
    }));
    const path = await onDisk(fatImage('cidata', files));
    expect(execFileSync('mtype', ['-i', path, `::${files[1]?.name}`], { maxBuffer: 1e7 }).equals(content)).toBe(true);
    expect(run('mtype', '-i', path, '::last')).toBe('other');
    expect(run('fsck.fat', '-n', path)).not.toMatch(/differ|free|orphan|bad/i);
  });

  it('refuses what FAT12 cannot hold', () => {
    expect(() => fatImage('cidata', [{ name: 'big', content: Buffer.alloc(3_000_000) }])).toThrow(RangeError);
  });
});
