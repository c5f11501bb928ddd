/** zstd, as far as backups go: a volume onto stdout, stdin into a volume, and the test of files. */
import type { FileNode } from '../model/host-model.ts';
import { volumeAt } from '../model/lvm.ts';
import { has, last, parseOptions } from './options.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';
import { fill, poolIsFull, volumeBulk } from './volume-bytes.ts';

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
const STDIN = '/*stdin*\\';

export const zstd: Tool = (call) => {
  const parsed = parseOptions(call.args, OPTIONS);
  const [path, ...others] = parsed.rest;
  if (parsed.bad !== undefined)
    return unknown(`zstd ${parsed.bad.option}`, 1, `Incorrect parameters: ${parsed.bad.option} \n`);
  if (has(parsed, '-t')) return test(call, parsed.rest);
  const output = last(parsed, '-o');
  if (has(parsed, '-d') && output !== undefined && path === undefined && has(parsed, '-f') && has(parsed, '--sparse'))
    return unpack(call, output);
  if (has(parsed, '-c') && others.length === 0) {
    if (has(parsed, '-d')) return read(call, path);
    if (path === undefined) return pack(call, call.input);
    if (has(parsed, '-f') && path.startsWith('/dev/')) return store(call, path);
  }
  return unknown(`zstd ${call.args.join(' ')}`, 1, 'zstd: the simulator does not know this');
};

function store(call: ToolCall, path: string): ToolResult {
  const volume = volumeAt(call.model, path);
  if (volume === undefined || !volume.active)
    return fail(1, `zstd: can't stat ${path} : No such file or directory -- ignored `);
  if (!call.root) return fail(1, `zstd: ${path}: Permission denied `);
  return pack(call, volumeBulk(volume));
}

function pack(
  { half }: ToolCall,
  of: { readonly content: string; readonly sizeBytes: number } | undefined,
): ToolResult {
  const { content = '', sizeBytes = 0 } = of ?? {};
  const packed = Math.max(64, Math.round(sizeBytes / 3));
  const bulk = half
    ? { content: `${HALF}${PACKED}${content}`, sizeBytes: Math.floor(packed / 2) }
    : { content: `${PACKED}${content}`, sizeBytes: packed };
  return { ...ok(), bulk: { ...bulk, unpackedBytes: sizeBytes } };
}

function unpack(call: ToolCall, path: string): ToolResult {
  const volume = volumeAt(call.model, path);
  if (volume === undefined || !volume.active) return fail(1, `zstd: ${path}: No such file or directory `);
  if (!call.root) return fail(1, `zstd: ${path}: Permission denied `);
  const wrong = zstdFault(STDIN, call.input);
  const content = call.input?.content.replace(PACKED, '') ?? '';
  if (poolIsFull(call, volume))
    return fail(70, 'zstd: error 70 : Write error : cannot write block : No space left on device ');
  // What is wrong with a file shows when it is read that far.
  fill(volume, call.half || wrong !== undefined ? `${HALF}${content}` : content, call.input?.unpackedBytes ?? 0);
  return wrong === undefined ? ok() : fail(1, wrong);
}

/** A file's content, or stdin's, onto stdout, as far as it can be unpacked. */
function read(call: ToolCall, path: string | undefined): ToolResult {
  const node = path === undefined ? call.input : call.model.files[path];
  if (node === undefined) return fail(1, `zstd: can't stat ${path} : No such file or directory -- ignored `);
  const wrong = zstdFault(path?.split('/').at(-1) ?? STDIN, node);
  const sizeBytes = node.unpackedBytes ?? 0;
  const content = wrong === undefined ? node.content.replace(PACKED, '') : node.content;
  return { ...(wrong === undefined ? ok() : fail(1, wrong)), bulk: { content, sizeBytes, unpackedBytes: sizeBytes } };
}

function test(call: ToolCall, paths: readonly string[]): ToolResult {
  const words = paths.flatMap((path) => {
    const node = call.model.files[path];
    if (node === undefined) return [`zstd: can't stat ${path} : No such file or directory -- ignored `];
    return zstdFault(path.split('/').at(-1) ?? path, node) ?? [];
  });
  return words.length === 0 ? ok() : fail(1, words.map((line) => `${line}\n`).join(''));
}

/** What it would say of a file; undefined of one that is whole. */
export function zstdFault(name: string, node: Pick<FileNode, 'content' | 'sizeBytes'> | undefined): string | undefined {
  if (node === undefined || node.sizeBytes === 0) return `zstd: ${name}: unexpected end of file `;
  if (node.content.startsWith(PACKED)) return undefined;
  if (node.content.startsWith(`${HALF}${PACKED}`)) return `${name} : Read error (39) : premature end `;
  if (node.content.includes(PACKED)) return `${name} : Decoding error (36) : Restored data doesn't match checksum `;
  return `zstd: ${name}: unsupported format `;
}
