/**
 * ssh to the machine that backups go to: it knows the lines that Hostler runs there. The machine is files and room alone; hosts that share it
 * share its files (`remote` of the model).
 */
import { readWords } from '../../../src/infra/ssh/words.ts';
import { freeBytes, makeDir, writeFile } from '../model/files.ts';
import type { FileNode, HostModel, RemoteModel } from '../model/host-model.ts';
import { parseOptions } from './options.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

const NOT_REACHED = 255;
/** The directory that everybody who has the machine's name finds there. */
const DIRECTORY = '/srv/backup/hostler';

export const ssh: Tool = (call) => {
  const parsed = parseOptions(call.args, { '-F': 'value', '-T': 'flag', '-o': 'value', '-p': 'value' });
  const [destination = '', line = '', ...more] = parsed.rest;
  const strict = ['BatchMode=yes', 'StrictHostKeyChecking=yes'].every((it) => parsed.options.get('-o')?.includes(it));
  if (parsed.bad !== undefined || more.length > 0 || !strict)
    return unknown(`ssh ${call.args.join(' ')}`, NOT_REACHED, 'usage: ssh');
  const remote = remoteOf(call.model, call.now);
  if (remote.trouble !== undefined) return fail(NOT_REACHED, remote.trouble);
  const there: HostModel = {
    ...call.model,
    user: destination.split('@')[0] ?? '',
    files: remote.files,
    volumes: [],
    diskBytes: remote.diskBytes,
  };
  return runLine({ ...call, model: there }, line);
};

/** The machine as this host knows it; made when it is first asked for. */
function remoteOf(model: HostModel, now: number): RemoteModel {
  if (model.remote === undefined) {
    const remote: RemoteModel = { files: {}, diskBytes: 100 * 1024 ** 3 };
    const machine = { ...model, files: remote.files };
    makeDir(machine, '/srv', 'root', now);
    makeDir(machine, '/srv/backup', 'root', now);
    makeDir(machine, DIRECTORY, 'backup', now);
    model.remote = remote;
  }
  return model.remote;
}

/** Parts with `;` between them, each of them programs with `&&`; the last may write into a file. */
function runLine(call: ToolCall, line: string): ToolResult {
  let last: ToolResult = ok();
  let [stdout, stderr] = ['', ''];
  for (const part of line.split('; ')) {
    if (part.startsWith('umask ')) continue;
    for (const one of part.split(' && ')) {
      last = runOne(call, one);
      stdout += last.stdout;
      stderr += last.stderr;
      if (last.exit !== 0) break;
    }
  }
  return { ...last, stdout, stderr };
}

function runOne(call: ToolCall, text: string): ToolResult {
  const { words, next } = readWords(text.replace(/^LC_ALL=C /, ''), 0);
  const rest = text.replace(/^LC_ALL=C /, '').slice(next);
  if (words[0] === 'echo') return ok(`${words.slice(1).join(' ')}\n`);
  const result = call.run(words, { on: call.model, input: call.input });
  const into = /^ > (\S+)$/.exec(rest)?.[1];
  if (into === undefined) return rest === '' ? result : unknown(`ssh: ${text}`, 2, 'sh: syntax error');
  return written(call, into, result);
}

function written({ model, now }: ToolCall, path: string, result: ToolResult): ToolResult {
  const bytes = Buffer.from(result.stdout);
  const bulk = result.bulk ?? { content: '', sizeBytes: bytes.length, unpackedBytes: 0 };
  const directory = path.slice(0, path.lastIndexOf('/'));
  if (model.files[directory]?.kind !== 'dir') return fail(2, `sh: 1: cannot create ${path}: Directory nonexistent`);
  const room = freeBytes(model);
  writeFile(model, path, result.bulk === undefined ? bytes : Buffer.alloc(0), model.user, now);
  const node: FileNode | undefined = model.files[path];
  const full = bulk.sizeBytes > room;
  if (result.bulk !== undefined && node !== undefined) {
    const content = full ? `half of ${bulk.content}` : bulk.content;
    model.files[path] = { ...node, ...bulk, base64: null, content, sizeBytes: Math.min(room, bulk.sizeBytes) };
  }
  return {
    exit: full ? 1 : result.exit,
    stdout: '',
    stderr: full ? 'cat: write error: No space left on device\n' : result.stderr,
  };
}
