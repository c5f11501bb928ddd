/** The shell lines of incremental backups, run as they are: a file stands for the device. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  FIND_CHANGES,
  READ_RANGES,
  READ_VOLUME,
  TO_RANGES,
  WRITE_RANGES,
  WRITE_VOLUME,
} from '../../../src/infra/backups/scripts.ts';

const MIB = 1024 ** 2;
const CHUNK = 65_536;
const folder = mkdtempSync(join(tmpdir(), 'hostler-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shell = (script: string, device: string, input: Buffer | string) =>
  spawnSync('bash', ['-c', script, 'hostler', device], { input, maxBuffer: 64 * MIB });
/** As thin_delta 0.9 prints it, with the line of ours before it. */
const delta = (bytes: number, lines: readonly (readonly [kind: string, begin: number, length: number])[]) =>
  `size ${bytes}\n<superblock uuid="" time="3" transaction="9" data_block_size="128" nr_data_blocks="0">\n  <diff left="5" right="6">\n${lines.map(([kind, begin, length]) => `    <${kind} begin="${begin}" length="${length}"/>\n`).join('')}  </diff>\n</superblock>\n`;
const ranges = (text: string) => execFileSync('awk', [TO_RANGES], { input: text, maxBuffer: 64 * MIB }).toString();

describe('the list of what has changed', () => {
  it('has bytes, what was discarded as well, and ends where the disk does', () => {
    const text = ranges(
      delta(20 * MIB, [
        ['same', 0, 3],
        ['different', 3, 1],
        ['same', 4, 96],
        ['left_only', 100, 10],
        ['right_only', 110, 2],
        ['right_only', 318, 40],
      ]),
    );
    expect(text).toBe(
      `hostler-increment 1 ${20 * MIB}\nrange ${3 * CHUNK} ${CHUNK}\nrange ${100 * CHUNK} ${12 * CHUNK}\nrange ${318 * CHUNK} ${2 * CHUNK}\ndata 3 ${15 * CHUNK}\n`,
    );
  });

  it('reads what lies near as one, and has no end of ranges on no disk', () => {
    expect(
      ranges(
        delta(MIB * 4, [
          ['different', 0, 1],
          ['same', 1, 10],
          ['different', 11, 1],
        ]),
      ),
    ).toContain(`range 0 ${12 * CHUNK}\n`);
    const scattered = Array.from({ length: 20_000 }, (_, at): [string, number, number] => ['different', at * 20, 1]);
    const text = ranges(delta(20_000 * 20 * CHUNK, scattered));
    const count = Number(/^data (\d+)/m.exec(text)?.[1]);
    expect(count).toBeLessThanOrEqual(4096);
    expect(text.split('\n').filter((line) => line.startsWith('range '))).toHaveLength(count);
  });

  it('keeps whole numbers on disks of many terabytes', () => {
    const size = 40 * 1024 ** 4;
    const at = size / CHUNK - 1;
    expect(ranges(delta(size, [['different', at, 1]]))).toBe(
      `hostler-increment 1 ${size}\nrange ${at * CHUNK} ${CHUNK}\ndata 1 ${CHUNK}\n`,
    );
  });

  it('is none of a report that was cut short', () => {
    const text = delta(MIB, [['different', 0, 1]]);
    for (const cut of ['', text.slice(0, -20), text.replace(/^size.*\n/, '')])
      expect(spawnSync('awk', [TO_RANGES], { input: cut }).status).toBe(1);
  });
});

describe('the stream of an increment', () => {
  const base = randomBytes(8 * MIB);
  const next = Buffer.from(base);
  randomBytes(CHUNK).copy(next, 3 * CHUNK);
  randomBytes(2 * MIB + CHUNK).copy(next, 4 * MIB);
  next.fill(0, 8 * MIB - CHUNK);
  const [then, now] = [join(folder, 'then'), join(folder, 'now')];
  const head = ranges(
    delta(8 * MIB, [
      ['different', 3, 1],
      ['different', 64, 33],
      ['left_only', 127, 1],
    ]),
  );
  writeFileSync(now, next);
  const stream = shell(READ_RANGES, now, head).stdout;

  it('holds its ranges and no more, and gives what is now of what was then', () => {
    expect(stream.subarray(0, head.length).toString()).toBe(head);
    expect(stream.length).toBe(head.length + 35 * CHUNK + 'end\n'.length);
    writeFileSync(then, base);
    const written = shell(WRITE_RANGES, then, stream);
    expect([written.status, readFileSync(then).equals(next), written.stdout.equals(stream)]).toEqual([0, true, true]);
  });

  it.each([
    ['cut before its end', stream.subarray(0, -4)],
    ['cut in the middle', stream.subarray(0, MIB)],
    ['longer than it says', Buffer.concat([stream.subarray(0, -4), Buffer.from('x'), stream.subarray(-4)])],
    ['no increment', base],
    ['empty', Buffer.alloc(0)],
  ])('is refused where it is %s', (_, spoilt) => {
    writeFileSync(then, base);
    expect(shell(WRITE_RANGES, then, spoilt).status).not.toBe(0);
  });

  it('is refused of a list that is none', () => {
    expect(shell(READ_RANGES, now, '').status).not.toBe(0);
    expect(shell(READ_RANGES, now, 'range 0 10').status).not.toBe(0);
  });

  it('takes nothing for an operand of dd', () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'whole');
    const evil = `hostler-increment 1 1\nrange 0 1,of=${victim}\ndata 1 1\n`;
    expect(shell(READ_RANGES, now, evil).status).not.toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('whole');
  });
});

describe('what root reads and writes', () => {
  // What sudoers lets through ends in a wildcard, which matches slashes.
  const around = `${folder}/vg/../victim`;
  const head = 'hostler-increment 1 5\nrange 0 5\ndata 1 5\n';

  it('is never outside of the folder that is named', () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'whole');
    mkdirSync(join(folder, 'vg'));
    for (const script of [READ_VOLUME, READ_RANGES]) {
      const { status, stdout } = shell(script, around, head);
      expect([status, stdout.toString()]).toEqual([77, '']);
    }
    for (const script of [WRITE_VOLUME, WRITE_RANGES]) {
      expect(shell(script, around, `${head}spoilend\n`).status).toBe(77);
      expect(readFileSync(victim, 'utf8')).toBe('whole');
    }
  });

  it('is one volume, whatever other words there are', () => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    for (const file of [one, other]) writeFileSync(file, 'whole');
    const { stdout } = spawnSync('bash', ['-c', READ_VOLUME, 'hostler', one, other]);
    expect(stdout.toString()).toBe('whole');
    spawnSync('bash', ['-c', WRITE_VOLUME, 'hostler', one, `of=${other}`], { input: 'new' });
    expect([one, other].map((file) => readFileSync(file, 'utf8'))).toEqual(['newle', 'whole']);
  });
});

it('has nothing that systemd takes for a variable of its own', () => {
  for (const script of [FIND_CHANGES, READ_VOLUME, WRITE_VOLUME, READ_RANGES, WRITE_RANGES, TO_RANGES]) {
    expect(script).not.toContain('$' + '{');
    expect(script).not.toContain('$$');
    expect(script).not.toContain('\n');
  }
});
