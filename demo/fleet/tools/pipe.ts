/** Programs in a row, as a shell with pipefail runs them. Each is done before the next begins. */
import { LIMITER } from '../../../src/infra/backups/pipeline.ts';
import { readWords } from '../../../src/infra/ssh/words.ts';
import type { FileNode } from '../model/host-model.ts';
import { ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

const BETWEEN = ' | ';

/** It ends as the last of them that failed. */
export function runPipe(call: ToolCall, script: string): ToolResult {
  let input = call.input;
  let [exit, stderr] = [0, ''];
  for (let at = 0; ; ) {
    const { words, next } = readWords(script, at);
    const result = call.run(words, { input });
    exit = result.exit === 0 ? exit : result.exit;
    stderr += result.stderr;
    if (result.unknown !== undefined) return result;
    if (next === script.length) return { ...result, exit, stderr };
    if (!script.startsWith(BETWEEN, next)) return unknown(`bash -c ${script}`, 2, 'bash: syntax error');
    at = next + BETWEEN.length;
    input = written(call, result);
  }
}

/** What a program wrote, as the next one reads it. */
function written({ model, now }: ToolCall, { stdout, bulk }: ToolResult): FileNode {
  const plain = {
    base64: Buffer.from(stdout).toString('base64'),
    content: stdout,
    sizeBytes: Buffer.byteLength(stdout),
  };
  const held = bulk === undefined ? plain : { base64: null, ...bulk };
  return { kind: 'file', owner: model.user, mode: '600', changedAt: now, image: null, ...held };
}

/** The program that limits a backup's rate: it hands on what it reads. */
export const python3: Tool = ({ args, input }) => {
  const [option, program, rate = '', ...more] = args;
  if (option !== '-c' || program !== LIMITER || !/^\d+$/.test(rate) || more.length > 0)
    return unknown(`python3 ${args.join(' ')}`, 1, 'python3: the simulator does not know this');
  const { content = '', sizeBytes = 0, unpackedBytes = sizeBytes } = input ?? {};
  return { ...ok(), bulk: { content, sizeBytes, unpackedBytes } };
};
