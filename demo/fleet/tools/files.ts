/** dd, cat, mv, rm, mkdir, test, stat, df on the model's file system. */

import { freeBytes, kindAt, makeDir, mayChangeDir, mayWrite, parentOf, usedBytes, writeFile } from '../model/files.ts';
import type { FileNode, HostModel } from '../model/host-model.ts';
import { volumeAt } from '../model/lvm.ts';
import { procText } from '../model/proc.ts';
import { has, last } from './options.ts';
import { isProgram } from './programs.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';
import { catVolume, ddIntoVolume } from './volume-bytes.ts';
import { dfNfs } from './watch.ts';
import { words } from './words.ts';

const MISSING = 'No such file or directory';
const DENIED = 'Permission denied';

/** Of files that are too large to hold. */
function catNodes(nodes: readonly (FileNode | undefined)[]): ToolResult {
  const content = nodes.map((node) => node?.content ?? '').join('');
  const sum = (of: (node: FileNode) => number) =>
    nodes.reduce((all, node) => all + (node === undefined ? 0 : of(node)), 0);
  const unpackedBytes = sum((node) => node.unpackedBytes ?? 0);
  return { ...ok(), bulk: { content, sizeBytes: sum((node) => node.sizeBytes), unpackedBytes } };
}

export const cat: Tool = (call) => {
  const { parsed, problem } = words('cat', call, {});
  if (problem !== undefined) return problem;
  if (parsed.rest.length === 0) {
    const { input } = call;
    return input === undefined ? ok(call.stdin?.toString() ?? '') : catNodes([input]);
  }
  const [first = ''] = parsed.rest;
  const volume = volumeAt(call.model, first);
  if (volume !== undefined) return catVolume(call, volume, first);
  const nodes = parsed.rest.map((path) => call.model.files[path]);
  if (nodes.every((node) => node?.kind === 'file' && node.base64 === null)) return catNodes(nodes);
  let [stdout, stderr] = ['', ''];
  for (const path of parsed.rest) {
    const made = procText(call.model, path, call.now);
    const node = call.model.files[path];
    if (made !== undefined) stdout += made;
    else if (node?.kind === 'dir') stderr += `cat: ${path}: Is a directory\n`;
    else if (node?.base64 == null) stderr += `cat: ${path}: ${node === undefined ? MISSING : 'Input/output error'}\n`;
    else stdout += Buffer.from(node.base64, 'base64').toString();
  }
  return { exit: stderr === '' ? 0 : 1, stdout, stderr };
};

/** Writes its stdin (or a file) into a file; `status=none` and flags of the usual kind are borne. */
export const dd: Tool = (call) => {
  const operands = new Map(call.args.map((it) => [it.slice(0, it.indexOf('=')), it.slice(it.indexOf('=') + 1)]));
  const strange = [...operands.keys()].find(
    (it) => !['if', 'of', 'bs', 'status', 'conv', 'oflag', 'iflag', 'count'].includes(it),
  );
  if (strange !== undefined)
    return unknown(`dd ${strange}`, 1, `dd: unrecognized operand '${strange}'\nTry 'dd --help' for more information.`);
  const [input, output] = [operands.get('if'), operands.get('of')];
  if (output === undefined || operands.has('count'))
    return unknown(`dd ${call.args.join(' ')}`, 1, 'dd: the simulator only copies whole files to of=');
  const source = input === undefined ? undefined : call.model.files[input];
  const volume = volumeAt(call.model, output);
  if (volume !== undefined) return ddIntoVolume(call, volume, output);
  if (input !== undefined && source?.base64 == null) return fail(1, `dd: failed to open '${input}': ${MISSING}`);
  const bytes = source?.base64 == null ? (call.stdin ?? Buffer.alloc(0)) : Buffer.from(source.base64, 'base64');
  const problem = writeProblem(call, output);
  if (problem !== undefined) return fail(1, `dd: failed to open '${output}': ${problem}`);
  if (call.model.files[output] !== undefined && operands.get('conv')?.split(',').includes('excl'))
    return fail(1, `dd: failed to open '${output}': File exists`);
  const written = call.half ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  writeFile(call.model, output, written, call.root ? 'root' : call.model.user, call.now);
  if (operands.get('status') === 'none') return ok();
  const blocks = `${Math.floor(bytes.length / 512)}+${bytes.length % 512 === 0 ? 0 : 1}`;
  return ok('', `${blocks} records in\n${blocks} records out\n${bytes.length} bytes copied, 0.000123 s, 1.0 MB/s\n`);
};

function writeProblem(call: ToolCall, path: string): string | undefined {
  if (kindAt(call.model, path) === 'dir') return 'Is a directory';
  if (kindAt(call.model, parentOf(path)) !== 'dir') return MISSING;
  return mayWrite(call.model, path, call.root) ? undefined : DENIED;
}

export const mv: Tool = (call) => {
  const { parsed, problem } = words('mv', call, {
    '-f': 'flag',
    '-n': 'flag',
    '-T': 'flag',
    '--no-clobber': { as: '-n' },
    '--no-target-directory': { as: '-T' },
  });
  if (problem !== undefined) return problem;
  const [from = '', target = ''] = parsed.rest;
  if (parsed.rest.length !== 2) return unknown(`mv with ${parsed.rest.length} operands`, 1, 'mv: missing file operand');
  const { files } = call.model;
  const node = files[from];
  if (node === undefined) return fail(1, `mv: cannot stat '${from}': ${MISSING}`);
  const into = files[target]?.kind === 'dir' && !has(parsed, '-T');
  const to = into ? `${target}/${from.split('/').at(-1)}` : target;
  if (files[to]?.kind === 'dir') return fail(1, `mv: cannot overwrite directory '${to}' with non-directory`);
  if (kindAt(call.model, parentOf(to)) !== 'dir') return fail(1, `mv: cannot move '${from}' to '${to}': ${MISSING}`);
  if (![from, to].every((it) => mayChangeDir(call.model, parentOf(it), call.root)))
    return fail(1, `mv: cannot move '${from}' to '${to}': ${DENIED}`);
  if (has(parsed, '-n') && files[to] !== undefined) return ok();
  const moved = Object.entries(files).filter(([path]) => path === from || path.startsWith(`${from}/`));
  for (const [path] of moved) delete files[path];
  for (const [path, it] of moved) files[to + path.slice(from.length)] = it;
  return ok();
};

export const rm: Tool = (call) => {
  const { parsed, problem } = words('rm', call, { '-f': 'flag', '--force': { as: '-f' } });
  if (problem !== undefined) return problem;
  let stderr = '';
  for (const path of parsed.rest) {
    const node = call.model.files[path];
    if (node === undefined) stderr += has(parsed, '-f') ? '' : `rm: cannot remove '${path}': ${MISSING}\n`;
    else if (node.kind === 'dir') stderr += `rm: cannot remove '${path}': Is a directory\n`;
    else if (!mayChangeDir(call.model, parentOf(path), call.root)) stderr += `rm: cannot remove '${path}': ${DENIED}\n`;
    else delete call.model.files[path];
  }
  return { exit: stderr === '' ? 0 : 1, stdout: '', stderr };
};

export const mkdir: Tool = (call) => {
  const { parsed, problem } = words('mkdir', call, {
    '-p': 'flag',
    '--parents': { as: '-p' },
    '-m': 'value',
    '--mode': { as: '-m' },
  });
  if (problem !== undefined) return problem;
  for (const path of parsed.rest) {
    const there = call.model.files[path];
    if (there !== undefined) {
      if (has(parsed, '-p') && there.kind === 'dir') continue;
      return fail(1, `mkdir: cannot create directory '${path}': File exists`);
    }
    const steps = path
      .split('/')
      .slice(1)
      .map((_, at, all) => `/${all.slice(0, at + 1).join('/')}`);
    for (const step of has(parsed, '-p') ? steps : [path]) {
      if (call.model.files[step] !== undefined) continue;
      if (call.model.files[parentOf(step)] === undefined)
        return fail(1, `mkdir: cannot create directory '${path}': ${MISSING}`);
      if (!mayChangeDir(call.model, parentOf(step), call.root))
        return fail(1, `mkdir: cannot create directory '${step}': ${DENIED}`);
      makeDir(call.model, step, call.root ? 'root' : call.model.user, call.now);
    }
  }
  return ok();
};

/** One file test, with `!` before it if wished. Exit code 0 or 1, and no word. */
export const test: Tool = (call) => {
  const [negate, args] = call.args[0] === '!' ? [true, call.args.slice(1)] : [false, call.args];
  const [operator = '', path = ''] = args;
  const kind = kindAt(call.model, path);
  const known: Readonly<Record<string, boolean>> = {
    '-e': kind !== null || procText(call.model, path, call.now) !== undefined,
    '-f': kind === 'file',
    '-d': kind === 'dir',
    '-b': kind === 'block',
    '-c': kind === 'char',
    '-r': kind === 'block' ? call.root : kind !== null,
    '-w':
      (kind === 'char' && call.root) ||
      (kind === 'block'
        ? call.root
        : kind === 'dir'
          ? mayChangeDir(call.model, path, call.root)
          : kind !== null && mayWrite(call.model, path, call.root)),
    '-x': kind === 'dir' || isProgram(call, path),
    '-s': kind !== null && (call.model.files[path]?.sizeBytes ?? 0) > 0,
  };
  const answer = known[operator];
  if (args.length !== 2 || answer === undefined)
    return unknown(`test ${call.args.join(' ')}`, 2, `test: ${operator}: unary operator expected`);
  return answer === negate ? fail(1, '') : ok();
};

export const stat: Tool = (call) => {
  const { parsed, problem } = words('stat', call, {
    '-c': 'value',
    '--format': { as: '-c' },
    '--printf': 'value',
    '-L': 'flag',
  });
  if (problem !== undefined) return problem;
  const format = last(parsed, '-c');
  if (format === undefined) return unknown('stat without -c', 1, 'stat: the simulator wants -c');
  let [stdout, stderr] = ['', ''];
  let strange: string | undefined;
  for (const path of parsed.rest) {
    const node = call.model.files[path];
    if (node === undefined) {
      stderr += `stat: cannot statx '${path}': ${MISSING}\n`;
      continue;
    }
    const letters: Readonly<Record<string, string>> = {
      s: String(node.sizeBytes),
      n: path,
      F: node.kind === 'dir' ? 'directory' : node.sizeBytes === 0 ? 'regular empty file' : 'regular file',
      U: node.owner,
      Y: String(Math.floor(node.changedAt / 1000)),
      a: node.mode.slice(1),
    };
    strange ??= [...format.matchAll(/%(.)/g)].find(([, letter = '']) => letters[letter] === undefined)?.[0];
    stdout += `${format.replaceAll(/%(.)/g, (_, letter: string) => letters[letter] ?? '?')}\n`;
  }
  const result: ToolResult = { exit: stderr === '' ? 0 : 1, stdout, stderr };
  return strange === undefined ? result : { ...result, unknown: `stat ${strange}` };
};

export const df: Tool = (call) => {
  const { parsed, problem } = words('df', call, {
    '-B': 'value',
    '-P': 'flag',
    '--output': 'maybe',
    '-x': 'value',
    '-t': 'value',
  });
  if (problem !== undefined) return problem;
  if (parsed.options.get('-t')?.includes('nfs')) return dfNfs(call);
  const missing = parsed.rest.find((it) => call.model.files[it] === undefined);
  if (missing !== undefined) return fail(1, `df: ${missing}: ${MISSING}`);
  if (last(parsed, '-B') !== '1') return unknown('df without -B1', 1, 'df: the simulator wants -B1');
  const columns = dfColumns(call.model);
  const named = last(parsed, '--output') ?? 'source,size,used,avail,pcent,target';
  const asked = named === '' ? Object.keys(columns) : named.split(',');
  const strange = asked.find((it) => columns[it] === undefined);
  if (strange !== undefined) return unknown(`df ${strange}`, 1, `df: option --output: field '${strange}' unknown`);
  const cells = asked.map((it) => columns[it] ?? ['', '']);
  const widths = cells.map(([head, value]) => Math.max(head.length, value.length));
  const line = (row: 0 | 1) =>
    cells
      .map((cell, at) =>
        ['source', 'fstype', 'target', 'file'].includes(asked[at] ?? '')
          ? at === cells.length - 1
            ? cell[row]
            : cell[row].padEnd(widths[at] ?? 0)
          : cell[row].padStart(widths[at] ?? 0),
      )
      .join(' ');
  return ok(`${line(0)}\n${line(1)}\n`);
};

function dfColumns(model: HostModel): Readonly<Record<string, readonly [string, string]>> {
  const used = usedBytes(model);
  const share = Math.ceil((used / model.diskBytes) * 100);
  return {
    source: ['Filesystem', '/dev/vda'],
    fstype: ['Type', 'ext4'],
    size: ['1B-blocks', String(model.diskBytes)],
    used: ['Used', String(used)],
    avail: ['Avail', String(freeBytes(model))],
    pcent: ['Use%', `${share}%`],
    itotal: ['Inodes', '524288'],
    iused: ['IUsed', '15675'],
    iavail: ['IFree', '508613'],
    target: ['Mounted on', '/'],
  };
}
