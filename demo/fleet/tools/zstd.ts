/** zstd, as far as backups go: a volume onto stdout, stdin into a volume, and the test of files. */
import type { FileNode, Volume } from '../model/host-model.ts';
import { findVolume, isPoolFull, volumeAt } from '../model/lvm.ts';
import { has, last, parseOptions } from './options.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

const OPTIONS = {
  '-q': 'flag',
  '-T0': 'flag',
  '-c': 'flag',
  '-f': 'flag',
  '-d': 'flag',
  '-t': 'flag',
  '--sparse': 'flag',
  '-o': 'value',
} as const;
/** Content stands for bytes, and compressed content for compressed ones. */
const PACKED = 'zstd of ';
const HALF = 'half of ';

export const zstd: Tool = (call) => {
  const parsed = parseOptions(call.args, OPTIONS);
  const [path = '', ...others] = parsed.rest;
  if (parsed.bad !== undefined)
    return unknown(`zstd ${parsed.bad.option}`, 1, `Incorrect parameters: ${parsed.bad.option} \n`);
  if (has(parsed, '-t')) return test(call, parsed.rest);
  const output = last(parsed, '-o');
  if (has(parsed, '-d') && output !== undefined && path === '' && has(parsed, '-f') && has(parsed, '--sparse'))
    return unpack(call, output);
  if (has(parsed, '-d') && has(parsed, '-c') && others.length === 0) return read(call, path);
  if (has(parsed, '-c') && parsed.rest.length === 0 && !has(parsed, '-d')) return pack(call);
  if (has(parsed, '-c') && has(parsed, '-f') && others.length === 0 && path.startsWith('/dev/'))
    return store(call, path);
  return unknown(`zstd ${call.args.join(' ')}`, 1, 'zstd: the simulator does not know this');
};

function store(call: ToolCall, path: string): ToolResult {
  const volume = volumeAt(call.model, path);
  if (volume === undefined || !volume.active)
    return fail(1, `zstd: can't stat ${path} : No such file or directory -- ignored `);
  if (!call.root) return fail(1, `zstd: ${path}: Permission denied `);
  const packed = Math.max(64, Math.round(volume.mappedBytes / 3));
  const bulk = call.half
    ? { content: `${HALF}${PACKED}${volume.content}`, sizeBytes: Math.floor(packed / 2) }
    : { content: `${PACKED}${volume.content}`, sizeBytes: packed };
  return { ...ok(), bulk: { ...bulk, unpackedBytes: volume.mappedBytes } };
}

function unpack(call: ToolCall, path: string): ToolResult {
  const volume = volumeAt(call.model, path);
  if (volume === undefined || !volume.active) return fail(1, `zstd: ${path}: No such file or directory `);
  if (!call.root) return fail(1, `zstd: ${path}: Permission denied `);
  const wrong = fault('/*stdin*\\', call.input);
  const content = call.input?.content.replace(PACKED, '') ?? '';
  const pool = volume.pool === null ? undefined : findVolume(call.model, volume.vg, volume.pool);
  if (pool !== undefined && isPoolFull(call.model, pool))
    return fail(70, 'zstd: error 70 : Write error : cannot write block : No space left on device ');
  // What is wrong with a file shows when it is read that far.
  fill(volume, call.half || wrong !== undefined ? `${HALF}${content}` : content, call.input?.unpackedBytes ?? 0);
  return wrong === undefined ? ok() : fail(1, wrong);
}

function fill(volume: Volume, content: string, bytes: number): void {
  volume.content = content;
  volume.ownBytes = Math.max(volume.ownBytes, Math.min(volume.sizeBytes, bytes));
  volume.mappedBytes = Math.max(volume.mappedBytes, volume.ownBytes);
}

function test(call: ToolCall, paths: readonly string[]): ToolResult {
  const words = paths.flatMap((path) => {
    const node = call.model.files[path];
    if (node === undefined) return [`zstd: can't stat ${path} : No such file or directory -- ignored `];
    return fault(path.split('/').at(-1) ?? path, node) ?? [];
  });
  return words.length === 0 ? ok() : fail(1, words.map((line) => `${line}\n`).join(''));
}

/** A file's content onto stdout, or stdin's, as far as it can be unpacked. */
function read(call: ToolCall, path: string): ToolResult {
  const node = path === '' ? call.input : call.model.files[path];
  if (node === undefined) return fail(1, `zstd: can't stat ${path} : No such file or directory -- ignored `);
  const wrong = fault(path === '' ? '/*stdin*\\' : (path.split('/').at(-1) ?? path), node);
  const sizeBytes = node.unpackedBytes ?? 0;
  const content = wrong === undefined ? node.content.replace(PACKED, '') : node.content;
  return { ...(wrong === undefined ? ok() : fail(1, wrong)), bulk: { content, sizeBytes, unpackedBytes: sizeBytes } };
}

/** What comes on stdin, compressed, onto stdout. */
function pack({ input, half }: ToolCall): ToolResult {
  const bytes = input?.sizeBytes ?? 0;
  const sizeBytes = Math.max(64, Math.round(bytes / 3));
  const packed = `${PACKED}${input?.content ?? ''}`;
  const bulk = half
    ? { content: `${HALF}${packed}`, sizeBytes: Math.floor(sizeBytes / 2) }
    : { content: packed, sizeBytes };
  return { ...ok(), bulk: { ...bulk, unpackedBytes: bytes } };
}

function fault(name: string, node: FileNode | undefined): string | undefined {
  if (node === undefined || node.sizeBytes === 0) return `zstd: ${name}: unexpected end of file `;
  if (node.content.startsWith(PACKED)) return undefined;
  if (node.content.startsWith(`${HALF}${PACKED}`)) return `${name} : Read error (39) : premature end `;
  if (node.content.includes(PACKED)) return `${name} : Decoding error (36) : Restored data doesn't match checksum `;
  return `zstd: ${name}: unsupported format `;
}
