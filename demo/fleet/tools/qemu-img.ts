/** qemu-img info, convert and compare, as far as images and volumes go. */

import { mayWrite } from '../model/files.ts';
import type { FileNode, Volume } from '../model/host-model.ts';
import { findVolume, isPoolFull, volumeAt } from '../model/lvm.ts';
import { has, last, type Parsed, parseOptions } from './options.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

const INFO = { '--output': 'value', '-U': 'flag', '--force-share': { as: '-U' }, '-f': 'value' } as const;
const CONVERT = {
  '-f': 'value',
  '-O': 'value',
  '-n': 'flag',
  '-p': 'flag',
  '-t': 'value',
  '-T': 'value',
  '-W': 'flag',
  '-m': 'value',
  '-S': 'value',
  '--target-is-zero': 'flag',
} as const;
const COMPARE = {
  '-f': 'value',
  '-F': 'value',
  '-T': 'value',
  '-p': 'flag',
  '-q': 'flag',
  '-s': 'flag',
  '-U': 'flag',
} as const;

export const qemuImg: Tool = (call) => {
  const [command = '', ...args] = call.args;
  const table = { info: INFO, convert: CONVERT, compare: COMPARE }[command];
  if (table === undefined) return unknown(`qemu-img ${command}`, 1, `qemu-img: Command not found: ${command}`);
  const parsed = parseOptions(args, table);
  if (parsed.bad !== undefined) {
    return unknown(
      `qemu-img ${command} ${parsed.bad.option}`,
      1,
      `qemu-img: unrecognized option '${parsed.bad.option}'\nTry 'qemu-img --help' for more information`,
    );
  }
  if (command === 'compare') return compare(call, parsed);
  return command === 'info' ? info(call, parsed) : convert(call, parsed);
};

function cannotOpen(path: string, why = 'No such file or directory'): ToolResult {
  return fail(1, `qemu-img: Could not open '${path}': Could not open '${path}': ${why}`);
}

function notRegular(path: string): ToolResult {
  return fail(1, `qemu-img: Could not open '${path}': 'file' driver requires '${path}' to be a regular file`);
}

function info(call: ToolCall, parsed: Parsed): ToolResult {
  const path = parsed.rest[0] ?? '';
  if (last(parsed, '--output') !== 'json')
    return unknown('qemu-img info without --output=json', 1, 'qemu-img: the simulator answers in JSON only');
  const volume = volumeAt(call.model, path);
  if (volume !== undefined) {
    if (!call.root) return cannotOpen(path, 'Permission denied');
    return json({
      'virtual-size': volume.sizeBytes,
      filename: path,
      format: 'raw',
      'actual-size': 0,
      'dirty-flag': false,
    });
  }
  const node = call.model.files[path];
  if (node === undefined) return cannotOpen(path);
  if (node.kind === 'dir') return notRegular(path);
  const busy = call.model.domains.some((it) =>
    it.live?.facts.disks.some((disk) => disk.source === path && !disk.readonly),
  );
  if (busy && !has(parsed, '-U')) {
    return fail(
      1,
      `qemu-img: Could not open '${path}': Failed to get shared "write" lock\nIs another process using the image [${path}]?`,
    );
  }
  const { format, virtualBytes } = imageOf(node);
  const qcow2 = {
    'cluster-size': 65_536,
    format,
    'actual-size': node.sizeBytes,
    'format-specific': {
      type: 'qcow2',
      data: {
        compat: '1.1',
        'compression-type': 'zlib',
        'lazy-refcounts': false,
        'refcount-bits': 16,
        corrupt: false,
        'extended-l2': false,
      },
    },
  };
  const head = { 'virtual-size': virtualBytes, filename: path };
  return json({
    ...head,
    ...(format === 'qcow2' ? qcow2 : { format, 'actual-size': node.sizeBytes }),
    'dirty-flag': false,
  });
}

type Source = Pick<FileNode, 'content' | 'sizeBytes' | 'image'>;

/** A file that is no image is a raw one, in whole sectors. */
function imageOf(node: Source): { format: string; virtualBytes: number } {
  return node.image ?? { format: 'raw', virtualBytes: Math.ceil(node.sizeBytes / 512) * 512 };
}

function json(value: unknown): ToolResult {
  return ok(`${JSON.stringify(value, null, 4)}\n`);
}

function convert(call: ToolCall, parsed: Parsed): ToolResult {
  const [from = '', to = ''] = parsed.rest;
  if (parsed.rest.length !== 2)
    return unknown('qemu-img convert operands', 1, 'qemu-img: Must specify image file name');
  const source = sourceOf(call, from);
  if ('exit' in source) return source;
  const image = imageOf(source);
  const format = last(parsed, '-f');
  if (format !== undefined && format !== image.format && format !== 'raw') {
    return fail(1, `qemu-img: Could not open '${from}': Image is not in ${format} format`);
  }
  const volume = volumeAt(call.model, to);
  if (volume === undefined || !volume.active) {
    if (has(parsed, '-n') || to.startsWith('/dev/')) return cannotOpen(to);
    if (!mayWrite(call.model, to, call.root))
      return fail(
        1,
        `qemu-img: ${to}: error while converting ${last(parsed, '-O') ?? 'raw'}: Could not create '${to}': Permission denied`,
      );
    const file = call.model.files[from];
    if (file === undefined) return unknown('qemu-img convert of a volume into a file', 1, 'qemu-img: not simulated');
    call.model.files[to] = {
      ...file,
      owner: call.root ? 'root' : call.model.user,
      changedAt: call.now,
      image: { ...image, format: last(parsed, '-O') ?? 'raw' },
    };
    return ok();
  }
  if (!call.root) return cannotOpen(to, 'Permission denied');
  if (volume.sizeBytes < image.virtualBytes) return fail(1, 'qemu-img: output file is smaller than input file');
  const pool = volume.pool === null ? undefined : findVolume(call.model, volume.vg, volume.pool);
  if (pool !== undefined && isPoolFull(call.model, pool))
    return fail(1, 'qemu-img: error while writing at byte 0: No space left on device');
  // Where nobody says that the target is zero, what the image leaves empty is written as zeros, and a thin volume holds them.
  const holds = has(parsed, '--target-is-zero') ? source.sizeBytes : image.virtualBytes;
  fill(volume, source.content, holds, call.half);
  return ok();
}

/** What is read: a file, or a volume for root. */
function sourceOf(call: ToolCall, path: string): Source | ToolResult {
  const volume = volumeAt(call.model, path);
  if (volume !== undefined) {
    if (!call.root) return cannotOpen(path, 'Permission denied');
    const { content, mappedBytes, sizeBytes } = volume;
    return { content, sizeBytes: mappedBytes, image: { format: 'raw', virtualBytes: sizeBytes } };
  }
  const file = call.model.files[path];
  if (file === undefined) return cannotOpen(path);
  return file.kind === 'dir' ? notRegular(path) : file;
}

/** Exit 1 where they differ, 2 and more where they can't be read. */
function compare(call: ToolCall, parsed: Parsed): ToolResult {
  const [first, second, ...others] = parsed.rest.map((path) => sourceOf(call, path));
  if (first === undefined || second === undefined || others.length > 0)
    return unknown('qemu-img compare operands', 2, 'qemu-img: Expecting two image file names');
  for (const each of [first, second]) if ('exit' in each) return { ...each, exit: 2 };
  const same = !('exit' in first) && !('exit' in second) && first.content === second.content;
  return same ? ok('Images are identical.\n') : { ...ok('Content mismatch at offset 0!\n'), exit: 1 };
}

function fill(volume: Volume, content: string, holds: number, half: boolean): void {
  const bytes = Math.min(volume.sizeBytes, half ? Math.floor(holds / 2) : holds);
  volume.content = half ? `half of ${content}` : content;
  volume.ownBytes = Math.max(volume.ownBytes, bytes);
  volume.mappedBytes = Math.max(volume.mappedBytes, bytes);
}
