/** What incremental backups ask of a host: dmsetup, thin_delta and dd, inside of the shell lines that Hostler gives. */
import { z } from 'zod';
import {
  FIND_CHANGES,
  HELD_TAG,
  READ_RANGES,
  READ_VOLUME,
  TO_RANGES,
  WRITE_RANGES,
  WRITE_VOLUME,
} from '../../../src/infra/backups/scripts.ts';
import { poolDevice } from '../../../src/infra/lvm/mapper.ts';
import type { FileNode, HostModel, Volume } from '../model/host-model.ts';
import { drawingFrom, findVolume, isPoolFull, poolUsed, volumeAt } from '../model/lvm.ts';
import { CHUNK, differences, heldIn, type Range, writeOver } from '../model/writes.ts';
import { splitName } from './lvm/common.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

type Script = (call: ToolCall, given: readonly string[]) => ToolResult;

const WRITING = ['dd', 'bs=1M', 'iflag=fullblock', 'conv=sparse,notrunc,fsync', 'status=none'] as const;

/** The shell lines by their text. */
export const SCRIPTS: ReadonlyMap<string, Script> = new Map([
  [FIND_CHANGES, findChanges],
  [READ_VOLUME, inFolder((call, [path = '']) => call.run(['cat', '--', path]))],
  [WRITE_VOLUME, inFolder((call, [path = '']) => call.run([...WRITING, `of=${path}`]))],
  [READ_RANGES, inFolder(readRanges)],
  [WRITE_RANGES, inFolder(writeRanges)],
]);

function inFolder(script: Script): Script {
  return (call, given) => (given[0]?.includes('..') === true ? fail(77, '') : script(call, given));
}

const BUSY = 'failed: Device or resource busy\nCommand failed.\n';

/** `dmsetup status VG-POOL-tpool`. A pool that nothing draws from has no such device. */
export const dmsetup: Tool = (call) => {
  const [verb, name = '', ...others] = call.args;
  if (verb !== 'status' || others.length > 0)
    return unknown(`dmsetup ${call.args.join(' ')}`, 1, 'dmsetup: the simulator does not know this');
  if (!call.root) return fail(1, '/dev/mapper/control: open failed: Permission denied');
  const pool = call.model.volumes.find((it) => it.kind === 'thin-pool' && name === `${poolDevice(it)}-tpool`);
  if (pool === undefined || drawingFrom(call.model, pool).length === 0)
    return fail(1, 'Device does not exist.\nCommand failed.');
  const sectors = pool.sizeBytes / 512;
  const used = Math.ceil(Math.min(poolUsed(call.model, pool), pool.sizeBytes) / CHUNK);
  const held = pool.metadataHeld === true ? '192' : '-';
  return ok(
    `0 ${sectors} thin-pool 4 1090/10240 ${used}/${Math.floor(pool.sizeBytes / CHUNK)} ${held} rw discard_passdown queue_if_no_space - 1024 \n`,
  );
};

function findChanges(call: ToolCall, [poolName = '', , baseName, name]: readonly string[]): ToolResult {
  const { model } = call;
  if (!call.root) return fail(5, '  WARNING: Running as a non-root user. Functionality may be unavailable.');
  const pool = named(model, poolName);
  if (pool === undefined) return fail(5, `  Failed to find logical volume "${poolName}"`);
  if (pool.tags.includes(HELD_TAG)) release(pool);
  if (baseName === undefined || name === undefined) return ok();
  if (pool.metadataHeld === true) return fail(75, `device-mapper: message ioctl on ${poolName} ${BUSY}`);
  const [base, volume] = [named(model, baseName), named(model, name)];
  if (call.half) {
    pool.metadataHeld = true;
    pool.tags = [...pool.tags, HELD_TAG].sort();
    return fail(143, '');
  }
  if (base === undefined || volume === undefined)
    return fail(1, `  Failed to find logical volume "${base === undefined ? baseName : name}"`);
  const lines = differences(base, volume).map(
    ({ from, bytes }) => `    <different begin="${from / CHUNK}" length="${bytes / CHUNK}"/>\n`,
  );
  return ok(
    `size ${volume.sizeBytes}\n<superblock uuid="" time="3" transaction="9" data_block_size="${CHUNK / 512}" nr_data_blocks="0">\n  <diff left="1" right="2">\n${lines.join('')}  </diff>\n</superblock>\n`,
  );
}

function release(pool: Volume): void {
  pool.metadataHeld = false;
  pool.tags = pool.tags.filter((tag) => tag !== HELD_TAG);
}

function named(model: HostModel, text: string): Volume | undefined {
  const name = splitName(text);
  return name === undefined ? undefined : findVolume(model, name.vg, name.lv);
}

/** The one program of awk's that Hostler gives. Near ranges become one, as there. */
export const awk: Tool = (call) => {
  if (call.args.length !== 1 || call.args[0] !== TO_RANGES)
    return unknown(`awk ${call.args.join(' ')}`, 2, 'awk: the simulator does not know this');
  const text = textOf(call.input);
  const size = Number(/^size (\d+)$/m.exec(text)?.[1] ?? 0);
  if (size === 0 || !text.includes('</superblock>')) return fail(1, '');
  const merged: Range[] = [];
  for (const [, begin, length] of text.matchAll(/<different begin="(\d+)" length="(\d+)"/g)) {
    const from = Number(begin) * CHUNK;
    const to = Math.min(size, from + Number(length) * CHUNK);
    const before = merged.at(-1);
    if (before !== undefined && from - (before.from + before.bytes) <= 1_048_576)
      merged.splice(-1, 1, { from: before.from, bytes: to - before.from });
    else merged.push({ from, bytes: to - from });
  }
  const bytes = merged.reduce((sum, each) => sum + each.bytes, 0);
  const lines = merged.map((each) => `range ${each.from} ${each.bytes}\n`);
  return ok(`hostler-increment 1 ${size}\n${lines.join('')}data ${merged.length} ${bytes}\n`);
};

function textOf(input: FileNode | undefined): string {
  return input?.base64 == null ? '' : Buffer.from(input.base64, 'base64').toString();
}

const HEAD = /^(hostler-increment 1 \d+\n(?:range \d+ \d+\n)*data \d+ (\d+)\n)/;

function rangesOf(head: string): Range[] {
  return [...head.matchAll(/^range (\d+) (\d+)$/gm)].map(([, from, bytes]) => ({
    from: Number(from),
    bytes: Number(bytes),
  }));
}

function readRanges(call: ToolCall, [path = '']: readonly string[]): ToolResult {
  const [, head, bytes] = HEAD.exec(textOf(call.input)) ?? [];
  if (head === undefined) return fail(1, '');
  const volume = opened(call, path);
  if ('exit' in volume) return volume;
  return { ...ok(), bulk: streamOf(head, Number(bytes), volume) };
}

/** What a volume holds in the ranges of a head, behind it. */
function streamOf(head: string, bytes: number, volume: Volume) {
  const content = `${head}${JSON.stringify(heldIn(volume, rangesOf(head)))}\nend\n`;
  return { content, sizeBytes: head.length + bytes, unpackedBytes: head.length + bytes };
}

const HeldJson = z.object({ whole: z.string().nullable(), writes: z.array(z.string()) });

function writeRanges(call: ToolCall, [path = '']: readonly string[]): ToolResult {
  const volume = opened(call, path);
  if ('exit' in volume) return volume;
  const content = call.input?.content ?? '';
  const [, head, bytes] = HEAD.exec(content) ?? [];
  if (head === undefined) return fail(1, '');
  const pool = volume.pool === null ? undefined : findVolume(call.model, volume.vg, volume.pool);
  if (pool !== undefined && isPoolFull(call.model, pool))
    return fail(1, `dd: error writing '${path}': No space left on device`);
  const [, json] = /^(.*)\nend\n$/.exec(content.slice(head.length)) ?? [];
  if (json === undefined || call.half) {
    volume.content = `half of ${volume.content}`;
    return fail(1, '');
  }
  const ranges = rangesOf(head);
  writeOver(volume, ranges, HeldJson.parse(JSON.parse(json)));
  volume.ownBytes = Math.min(volume.sizeBytes, volume.ownBytes + Number(bytes));
  volume.mappedBytes = Math.max(volume.mappedBytes, volume.ownBytes);
  return { ...ok(), bulk: streamOf(head, Number(bytes), volume) };
}

function opened(call: ToolCall, path: string): Volume | ToolResult {
  const volume = volumeAt(call.model, path);
  if (volume === undefined || !volume.active) return fail(1, `dd: failed to open '${path}': No such file or directory`);
  return call.root ? volume : fail(1, `dd: failed to open '${path}': Permission denied`);
}
